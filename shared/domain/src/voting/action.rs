//! What an action's events say about it (spec 5.13), and what follows from them.

use std::time::Duration;

use super::codes::{EventType, ToolName};

/// The state of an action, folded from its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The voter has done what the tool is for. Printing alone, or asking for a letter, is not yet that.
    pub finished: bool,
    /// A form to print was made.
    pub self_print: bool,
    /// The voter went on to the state's own site.
    pub finish_external: bool,
    /// The request went to the local election office, even if its fax then failed.
    pub finish_leo: bool,
    /// How often the form was downloaded; nothing where none was made.
    pub download_count: Option<u32>,
}

impl Progress {
    /// Folds the events of one action, in any order.
    #[must_use]
    pub fn of(events: impl IntoIterator<Item = EventType>) -> Self {
        let mut downloads = 0_u32;
        let mut progress = Self::default();
        for event in events {
            progress.finished |= finishes(event);
            progress.self_print |= event == EventType::FinishPrint;
            progress.finish_external |= is_external(event);
            progress.finish_leo |= is_leo(event);
            downloads = downloads.saturating_add(u32::from(event == EventType::Download));
        }
        progress.download_count = progress.self_print.then_some(downloads);
        progress
    }
}

/// Whether one such event makes the action finished.
#[must_use]
pub const fn finishes(event: EventType) -> bool {
    use EventType as E;
    is_external(event)
        || is_leo(event)
        || matches!(
            event,
            E::Finish | E::FinishExternalApi | E::Download | E::FinishLobConfirm
        )
}

const fn is_external(event: EventType) -> bool {
    matches!(
        event,
        EventType::FinishExternal | EventType::FinishExternalConfirmed
    )
}

const fn is_leo(event: EventType) -> bool {
    use EventType as E;
    matches!(
        event,
        E::FinishLeo | E::FinishLeoFaxPending | E::FinishLeoFaxSent | E::FinishLeoFaxFailed
    )
}

/// How long after the start a voter who stopped half-way is looked at again (spec 3.4).
pub const UNFINISHED_CHECK_DELAY: Duration = Duration::from_secs(900);

/// Whether one such event spares the voter the "you have not finished" message. Going to the state's site does not: many
/// come back without having finished there (spec 3.5).
#[must_use]
pub const fn stops_unfinished_nudge(event: EventType) -> bool {
    use EventType as E;
    matches!(
        event,
        E::FinishPrint | E::FinishLob | E::FinishLeo | E::Finish | E::FinishLeoFaxPending
    )
}

/// When to write to a voter who has just gone to the state's own site, about what comes next (spec 2.7).
///
/// `earlier` are the action's events before this one: only the first `FinishExternal` counts. `vbm_universal`: the voter's
/// state mails everyone a ballot, so that there is nothing to ask a newly registered voter to do.
#[must_use]
pub fn external_tool_follow_up(
    tool: ToolName,
    event: EventType,
    earlier: impl IntoIterator<Item = EventType>,
    vbm_universal: bool,
) -> Option<Duration> {
    if event != EventType::FinishExternal || earlier.into_iter().any(|e| e == EventType::FinishExternal) {
        return None;
    }
    match tool {
        ToolName::Verify => Some(Duration::from_secs(60)),
        ToolName::Register => (!vbm_universal).then_some(Duration::from_secs(300)),
        ToolName::Absentee => Some(Duration::from_secs(300)),
        ToolName::Locate | ToolName::Leo => None,
    }
}

#[cfg(test)]
mod tests {
    use EventType as E;

    use super::*;

    #[test]
    fn finishing_events_are_the_ten_of_the_specification() {
        let finishing: Vec<_> = E::ALL
            .iter()
            .copied()
            .filter(|&e| finishes(e))
            .map(E::as_str)
            .collect();
        assert_eq!(
            finishing,
            [
                "FinishExternal",
                "FinishExternalConfirmed",
                "FinishExternalAPI",
                "FinishLEO",
                "FinishLEOFaxPending",
                "FinishLEOFaxSent",
                "FinishLEOFaxFailed",
                "Finish",
                "Download",
                "FinishLobConfirm",
            ]
        );
    }

    #[test]
    fn printing_is_not_finishing_until_the_download() {
        let printed = Progress::of([E::Start, E::FinishPrint]);
        assert_eq!(
            printed,
            Progress {
                self_print: true,
                download_count: Some(0),
                ..Progress::default()
            }
        );
        let downloaded = Progress::of([E::Start, E::FinishPrint, E::Download, E::Download]);
        assert_eq!((downloaded.finished, downloaded.download_count), (true, Some(2)));
        assert_eq!(Progress::of([E::Download]).download_count, None);
    }

    #[test]
    fn a_failed_fax_still_went_to_the_office() {
        let progress = Progress::of([E::FinishLeoFaxPending, E::FinishLeoFaxFailed]);
        assert!(progress.finish_leo && progress.finished && !progress.finish_external);
    }

    #[test]
    fn leaving_for_the_states_site_does_not_stop_the_nudge() {
        assert!(!stops_unfinished_nudge(E::FinishExternal));
        assert_eq!(E::ALL.iter().filter(|&&e| stops_unfinished_nudge(e)).count(), 5);
    }

    #[test]
    fn only_the_first_departure_is_followed_up() {
        let seconds = |tool, earlier: &[E], universal| {
            external_tool_follow_up(tool, E::FinishExternal, earlier.iter().copied(), universal)
                .map(|d| d.as_secs())
        };
        assert_eq!(seconds(ToolName::Verify, &[E::Start], true), Some(60));
        assert_eq!(seconds(ToolName::Register, &[E::Start], false), Some(300));
        assert_eq!(seconds(ToolName::Register, &[E::Start], true), None);
        assert_eq!(seconds(ToolName::Absentee, &[], false), Some(300));
        assert_eq!(seconds(ToolName::Locate, &[], false), None);
        assert_eq!(seconds(ToolName::Verify, &[E::FinishExternal], false), None);
        assert_eq!(
            external_tool_follow_up(ToolName::Verify, E::Finish, [], false),
            None
        );
    }
}
