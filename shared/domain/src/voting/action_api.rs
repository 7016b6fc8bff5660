//! The Action API: a partner sends a voter's basics and shows what comes back, a message and up to two buttons (spec 2.2.4).

use super::codes::{PersonTitle, RegistrationFlowType};
use super::state_information::StateInformation;
use crate::Invalid;
use crate::person::StateCode;

/// Where a button leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The state's own site. The partner must report the click, so that the voter can be followed up.
    Online { url: String },
    /// Our own tool, with a link that lives for an hour.
    ByMail,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub target: Target,
    pub primary: bool,
    pub message_text: &'static str,
}

/// The ways to register in a state: online or by mail where it has a site; otherwise by mail, but not in the states where the
/// federal form does not register anyone (North Dakota registers nobody; New Hampshire and Wyoming do not take it).
#[must_use]
pub fn flow(state: &StateInformation) -> RegistrationFlowType {
    if state.text("external_tool_ovr").is_some() {
        RegistrationFlowType::OvrOrPrint
    } else if matches!(state.state.as_str(), "ND" | "NH" | "WY") {
        RegistrationFlowType::Ineligible
    } else {
        RegistrationFlowType::PrintOnly
    }
}

/// The buttons to show, the best first. `custom_ovr_link` is the voter's own link to the state's site, where there is one.
#[must_use]
pub fn buttons(state: &StateInformation, custom_ovr_link: Option<&str>) -> Vec<Button> {
    let by_mail = |primary| Button {
        target: Target::ByMail,
        primary,
        message_text: "Register by mail",
    };
    match (flow(state), state.text("external_tool_ovr")) {
        (RegistrationFlowType::OvrOrPrint, Some(site)) => {
            let url = custom_ovr_link.unwrap_or(site).to_owned();
            vec![
                Button {
                    target: Target::Online { url },
                    primary: true,
                    message_text: "Register online",
                },
                by_mail(false),
            ]
        }
        (RegistrationFlowType::PrintOnly, _) => vec![by_mail(true)],
        _ => Vec::new(),
    }
}

/// The message above the buttons, in Markdown: how registering works in the state, what it takes, what its site asks.
#[must_use]
pub fn message_markdown(state: &StateInformation) -> String {
    let mut parts = vec![format!("## Registering to vote in {}", state.state.name())];
    parts.extend(state.text("registration_directions").map(str::to_owned));
    let identification = state
        .text("id_requirements_ovr")
        .filter(|text| !text.trim_end_matches('.').eq_ignore_ascii_case("n/a"));
    parts.extend(identification.map(|text| format!("### What you need\n\n{text}")));
    parts.extend(
        state
            .text("registration_ovr_directions")
            .map(|text| format!("### Online\n\n{text}")),
    );
    parts.join("\n\n")
}

/// Tennessee's site takes only titles that say a gender.
///
/// # Errors
/// `title_in_state` for `Mx` in Tennessee.
pub fn check_title(state: StateCode, title: Option<PersonTitle>) -> Result<(), Invalid> {
    if state.as_str() == "TN" && title == Some(PersonTitle::Mx) {
        return Err(Invalid::new(
            "title_in_state",
            "Tennessee does not accept the title Mx.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(code: &str, texts: &[(&str, &str)]) -> StateInformation {
        let texts = texts
            .iter()
            .map(|&(slug, text)| (slug.to_owned(), text.to_owned()))
            .collect();
        StateInformation {
            state: StateCode::parse(code).unwrap(),
            texts,
        }
    }

    #[test]
    fn a_state_with_a_site_has_two_buttons() {
        let ma = state("MA", &[("external_tool_ovr", "https://ovr.example.gov")]);
        let shown = buttons(&ma, None);
        assert_eq!(
            shown[0].target,
            Target::Online {
                url: "https://ovr.example.gov".to_owned()
            }
        );
        assert_eq!(
            (shown.len(), shown[0].primary, &shown[1].target, shown[1].primary),
            (2, true, &Target::ByMail, false)
        );
        assert_eq!(
            buttons(&ma, Some("https://own"))[0].target,
            Target::Online {
                url: "https://own".to_owned()
            }
        );
    }

    #[test]
    fn other_states_have_one_and_three_have_none() {
        let empty = [("external_tool_ovr", "  ")];
        for code in StateCode::ALL {
            let shown = buttons(&state(code.as_str(), &empty), Some("https://ignored"));
            let expected = usize::from(!["ND", "NH", "WY"].contains(&code.as_str()));
            assert_eq!(shown.len(), expected, "{code}");
            assert!(
                shown
                    .iter()
                    .all(|button| button.primary && button.target == Target::ByMail)
            );
        }
        assert_eq!(
            buttons(
                &state("WY", &[("external_tool_ovr", "https://new.example.gov")]),
                None
            )
            .len(),
            2
        );
    }

    #[test]
    fn the_message_leaves_out_what_is_not_known() {
        let full = state(
            "OR",
            &[
                ("registration_directions", "Do this."),
                ("id_requirements_ovr", "A licence."),
                ("registration_ovr_directions", "Go."),
            ],
        );
        assert_eq!(
            message_markdown(&full),
            "## Registering to vote in Oregon\n\nDo this.\n\n### What you need\n\nA licence.\n\n### Online\n\nGo."
        );
        assert_eq!(
            message_markdown(&state("OR", &[("id_requirements_ovr", "N/A")])),
            "## Registering to vote in Oregon"
        );
    }

    #[test]
    fn tennessee_refuses_mx() {
        let tn = StateCode::parse("TN").unwrap();
        assert!(check_title(tn, Some(PersonTitle::Mx)).is_err());
        assert!(check_title(tn, Some(PersonTitle::Ms)).is_ok() && check_title(tn, None).is_ok());
        assert!(check_title(StateCode::parse("MA").unwrap(), Some(PersonTitle::Mx)).is_ok());
    }
}
