//! The closed lists of the voting service, by their codes on the wire and in the database (spec 3.0).

use super::wire_enum::wire_enum;
use crate::Invalid;

wire_enum! {
    /// How far a registration or ballot request has come.
    ActionStatus {
        Incomplete = "Incomplete",
        /// Complete; its paper is being made.
        Pending = "Pending",
        SentPdf = "SentPDF",
        /// Sent on to the state's own site.
        ReferOvr = "ReferOVR",
    }
}

wire_enum! {
    /// What happened to an action. "LEO" is the local election office, "Lob" a paper letter.
    EventType {
        Start = "Start",
        StartActionApi = "StartActionAPI",
        FinishPrint = "FinishPrint",
        FinishExternal = "FinishExternal",
        FinishExternalConfirmed = "FinishExternalConfirmed",
        FinishExternalApi = "FinishExternalAPI",
        FinishLeo = "FinishLEO",
        FinishLeoFaxPending = "FinishLEOFaxPending",
        FinishLeoFaxSent = "FinishLEOFaxSent",
        FinishLeoFaxFailed = "FinishLEOFaxFailed",
        Finish = "Finish",
        Download = "Download",
        Donate = "Donate",
        Restart = "Restart",
        FinishLob = "FinishLob",
        FinishLobConfirm = "FinishLobConfirm",
        LobMailed = "LobMailed",
        LobProcessedForDelivery = "LobProcessedForDelivery",
        LobRerouted = "LobRerouted",
        LobReturned = "LobReturned",
        LobSendBlankRegisterForms = "LobSendBlankRegisterForms",
    }
}

wire_enum! {
    /// The tools a voter meets.
    ToolName {
        Verify = "verify",
        Register = "register",
        Absentee = "absentee",
        Locate = "locate",
        Leo = "leo",
    }
}

wire_enum! {
    /// A form of address.
    PersonTitle {
        Mr = "Mr",
        Mrs = "Mrs",
        Miss = "Miss",
        Ms = "Ms",
        Mx = "Mx",
    }
}

impl PersonTitle {
    /// As [`Self::parse`], but with or without the final dot: `Mr` or `Mr.`
    ///
    /// # Errors
    /// `invalid_choice`.
    pub fn parse_label(text: &str) -> Result<Self, Invalid> {
        Self::parse(text.strip_suffix('.').unwrap_or(text)).map_err(|_| Invalid::choice(text))
    }

    /// As it is printed: with a dot, except Miss.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mr => "Mr.",
            Self::Mrs => "Mrs.",
            Self::Miss => "Miss",
            Self::Ms => "Ms.",
            Self::Mx => "Mx.",
        }
    }

    /// The gender a title suggests, for clients that ask for none (spec 2.2.4).
    #[must_use]
    pub const fn suggested_gender(self) -> Option<Gender> {
        match self {
            Self::Mr => Some(Gender::Male),
            Self::Mrs | Self::Miss | Self::Ms => Some(Gender::Female),
            Self::Mx => None,
        }
    }
}

wire_enum! {
    Gender {
        Male = "Male",
        Female = "Female",
        NonBinary = "NonBinary",
        Other = "Other",
    }
}

wire_enum! {
    PoliticalParty {
        None = "None",
        Democratic = "Democratic",
        Republican = "Republican",
        Green = "Green",
        Libertarian = "Libertarian",
        Other = "Other",
    }
}

wire_enum! {
    RaceEthnicity {
        Native = "Native",
        Aapi = "AAPI",
        Black = "Black",
        Hispanic = "Hispanic",
        Multi = "Multi",
        White = "White",
        Other = "Other",
    }
}

impl RaceEthnicity {
    /// As it is printed on the form: the words of the National Mail Voter Registration Form's instructions.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Native => "American Indian or Alaskan Native",
            Self::Aapi => "Asian or Pacific Islander",
            Self::Black => "Black, not of Hispanic Origin",
            Self::Hispanic => "Hispanic",
            Self::Multi => "Multi-racial",
            Self::White => "White, not of Hispanic Origin",
            Self::Other => "Other",
        }
    }
}

wire_enum! {
    /// What a voter file says of a registration.
    VoterStatus {
        Active = "Active",
        Inactive = "Inactive",
        Unknown = "Unknown",
    }
}

wire_enum! {
    /// How the text of a piece of state information is to be read.
    FieldFormat {
        Markdown = "Markdown",
        Boolean = "Boolean",
        Url = "URL",
        Date = "Date",
    }
}

wire_enum! {
    /// What a stored file is.
    FileType {
        RegForm = "RegForm",
        AbsForm = "AbsForm",
        Report = "Report",
        BlankRegForms = "BlankRegForms",
    }
}

wire_enum! {
    SecureUploadType {
        Signature = "Signature",
    }
}

wire_enum! {
    SubscriberStatus {
        Active = "active",
        Disabled = "disabled",
    }
}

wire_enum! {
    /// How a subscriber asks voters for consent to text messages (spec 5.18).
    SmsOption {
        None = "none",
        AutoOptIn = "auto_opt_in",
        BoxUnchecked = "box_unchecked",
        BoxChecked = "box_checked",
    }
}

wire_enum! {
    SubscriberPlan {
        Free = "free",
        Premium = "premium",
        Nonprofit = "nonprofit",
    }
}

wire_enum! {
    /// The ways a state lets people register through us (spec 2.2.4).
    RegistrationFlowType {
        OvrOrPrint = "ovr_or_print",
        PrintOnly = "print_only",
        Ineligible = "ineligible",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_refuse_the_rest() {
        assert_eq!(EventType::ALL.len(), 21);
        for &event in EventType::ALL {
            assert_eq!(EventType::parse(event.as_str()).unwrap(), event);
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(json, format!("\"{event}\""));
            assert_eq!(serde_json::from_str::<EventType>(&json).unwrap(), event);
        }
        assert_eq!(
            ActionStatus::parse("Invalid").unwrap_err().message,
            "\"Invalid\" is not a valid choice."
        );
        assert!(ToolName::parse("Verify").is_err());
        assert!(serde_json::from_str::<SubscriberPlan>("\"gold\"").is_err());
    }

    #[test]
    fn titles_are_read_with_and_without_their_dot() {
        for &title in PersonTitle::ALL {
            assert_eq!(PersonTitle::parse_label(title.label()).unwrap(), title);
            assert_eq!(PersonTitle::parse_label(title.as_str()).unwrap(), title);
        }
        assert_eq!(
            PersonTitle::parse_label("Dr.").unwrap_err().message,
            "\"Dr.\" is not a valid choice."
        );
        assert_eq!(PersonTitle::Mx.suggested_gender(), None);
        assert_eq!(PersonTitle::Miss.suggested_gender(), Some(Gender::Female));
    }
}
