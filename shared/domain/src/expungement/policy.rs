//! Where we differ from the peer on purpose, each with its reason.

/// One deliberate difference from the peer's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Deviation {
    /// A statute printed with its subsection (`163.427(1)(a)`) is still that statute. The peer compares whole strings, so a
    /// class B sex crime or person felony printed with a subsection comes out eligible: ORS 137.225(5)(a), (6)(a).
    StatuteSubsections,
    /// A charge of an unlisted level under a statute that asks about the victim, or an attempt of one, stays
    /// `UnclassifiedCharge` (a person looks at it). The peer answers the whole search with an error.
    UnlistedLevel,
    /// An undecided charge that could only be one non-blocking type keeps its own disposition. The peer shows it as
    /// dismissed today, which no court has said.
    UndecidedStaysUndecided,
    /// Levels are compared without regard to case and to the order of words (`Class B Felony`). The peer finds no waiting time.
    LevelSpelling,
    /// Whether the newest conviction is a violation is asked of its charge type, then of its level. The peer asks only the
    /// level, so that a contempt printed at level `Violation` never blocks (ORS 137.225(7)(b)).
    ViolationByType,
    /// What the user deleted owes nothing, raises no banner, is not counted and does not mark its case. The peer counts it.
    DeletedIsGone,
    /// Money is decimal. The peer truncates a binary fraction and loses a cent of `19.99`.
    DecimalMoney,
    /// An edit that leaves the birth year empty says "unknown"; the peer fails on it.
    EmptyBirthYear,
    /// The Multnomah form is filled although the case holds an undecided charge. The peer fails.
    MultnomahUndecided,
    /// The district attorney's address is cut at ` - ` and kept whole on the waiver. The peer cuts at every hyphen and drops
    /// what comes after the third piece, and with it ZIP+4 and post-office lines.
    WholeAddress,
    /// The question about young offenders says which answer fits which facts; the peer's wording invites the wrong one.
    YoungOffenderWording,
    /// `&nbsp` without its semicolon is a blank, as the HTML standard has it (13.2.5.73). The peer's parser keeps it as text
    /// and so loses a disposition.
    CharacterReferences,
}

impl Deviation {
    pub const ALL: [Self; 12] = [
        Self::StatuteSubsections,
        Self::UnlistedLevel,
        Self::UndecidedStaysUndecided,
        Self::LevelSpelling,
        Self::ViolationByType,
        Self::DeletedIsGone,
        Self::DecimalMoney,
        Self::EmptyBirthYear,
        Self::MultnomahUndecided,
        Self::WholeAddress,
        Self::YoungOffenderWording,
        Self::CharacterReferences,
    ];
}

/// Which deviations are in force. We are right rather than alike; alike is for comparing the rest exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy(u16);

impl Policy {
    pub const RIGHT: Self = Self(u16::MAX);
    pub const AS_PEER: Self = Self(0);

    #[must_use]
    pub const fn allows(self, deviation: Deviation) -> bool {
        self.0 & (1 << deviation as u8) != 0
    }

    #[must_use]
    pub const fn without(self, deviation: Deviation) -> Self {
        Self(self.0 & !(1 << deviation as u8))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::RIGHT
    }
}
