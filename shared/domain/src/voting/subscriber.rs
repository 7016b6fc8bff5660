//! What a subscriber's plan and settings mean for its voters (spec 2.0.3, 2.10, 5.18).

use super::codes::{SmsOption, SubscriberPlan};
use crate::person::Language;

/// Whether the subscriber's staff see voters who come in now. Fixed when a voter comes in: a later upgrade reveals nobody.
#[must_use]
pub fn visible_to_subscriber(plan: SubscriberPlan) -> bool {
    plan != SubscriberPlan::Free
}

/// How a subscriber asks for consent to text messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsSettings {
    pub enabled: bool,
    /// Whether there is a box to tick, or sending the form is the consent.
    pub checkbox: bool,
    /// Whether the box is ticked at first.
    pub checkbox_default: bool,
}

impl From<SmsOption> for SmsSettings {
    fn from(option: SmsOption) -> Self {
        let (enabled, checkbox, checkbox_default) = match option {
            SmsOption::None => (false, false, false),
            SmsOption::AutoOptIn => (true, false, false),
            SmsOption::BoxUnchecked => (true, true, false),
            SmsOption::BoxChecked => (true, true, true),
        };
        Self {
            enabled,
            checkbox,
            checkbox_default,
        }
    }
}

impl SmsSettings {
    /// The settings as they count under a plan: on the free plan there are no text messages, whatever is stored.
    #[must_use]
    pub fn under(self, plan: SubscriberPlan) -> Self {
        Self {
            enabled: self.enabled && plan != SubscriberPlan::Free,
            ..self
        }
    }

    /// What a voter reads about text messages before signing up: nothing without them, the subscriber's own text where it has
    /// one, else our sentence for its way of asking.
    #[must_use]
    pub fn disclaimer(self, custom: &str, organization: &str, language: Language) -> String {
        if !self.enabled {
            return String::new();
        }
        if !custom.trim().is_empty() {
            return custom.to_owned();
        }
        match (language, self.checkbox) {
            (Language::En, true) => format!(
                "If you tick the box, {organization} may text you about voting. Message and data rates may apply. Reply STOP to end the messages, HELP for help."
            ),
            (Language::En, false) => format!(
                "By giving your phone number you agree that {organization} may text you about voting. Message and data rates may apply. Reply STOP to end the messages, HELP for help."
            ),
            (Language::Es, true) => format!(
                "Si marca la casilla, {organization} podrá enviarle mensajes de texto sobre las elecciones. Pueden aplicarse tarifas de mensajes y datos. Responda STOP para no recibir más, HELP para pedir ayuda."
            ),
            (Language::Es, false) => format!(
                "Al dar su número de teléfono, acepta que {organization} le envíe mensajes de texto sobre las elecciones. Pueden aplicarse tarifas de mensajes y datos. Responda STOP para no recibir más, HELP para pedir ayuda."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_plan_sends_no_messages_and_shows_no_voters() {
        let settings = SmsSettings::from(SmsOption::BoxChecked);
        assert!(settings.under(SubscriberPlan::Nonprofit).enabled);
        let free = settings.under(SubscriberPlan::Free);
        assert!(!free.enabled && free.checkbox);
        assert_eq!(free.disclaimer("own", "Acme", Language::En), "");
        assert!(
            !visible_to_subscriber(SubscriberPlan::Free) && visible_to_subscriber(SubscriberPlan::Premium)
        );
    }

    #[test]
    fn the_disclaimer_fits_the_way_of_asking() {
        let (boxed, auto) = (
            SmsSettings::from(SmsOption::BoxUnchecked),
            SmsSettings::from(SmsOption::AutoOptIn),
        );
        assert_eq!(boxed.disclaimer("own", "Acme", Language::En), "own");
        let sentences: std::collections::BTreeSet<_> = [boxed, auto]
            .iter()
            .flat_map(|s| [Language::En, Language::Es].map(|l| s.disclaimer(" ", "Acme", l)))
            .collect();
        assert_eq!(sentences.len(), 4);
        assert!(sentences.iter().all(|s| s.contains("Acme") && s.contains("STOP")));
    }
}
