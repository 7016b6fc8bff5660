use uuid::Uuid;

use crate::person::{StateCode, WebUrl};

/// What a state gave us to mark the voters we send to its online registration: the page, and our id there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OvrPartner {
    /// The state's page, without a query.
    pub page: WebUrl,
    pub id: String,
}

/// Whether a state's online registration can be told who sent the voter.
#[must_use]
pub fn knows_partners(state: StateCode) -> bool {
    matches!(state.as_str(), "CO" | "WA")
}

impl OvrPartner {
    /// The online registration link of one voter (spec 5.4): Colorado's carries our id as `vrdid` and the registration as
    /// `campaign`, Washington's our id as `Org`. Nothing for other states.
    #[must_use]
    pub fn link(&self, state: StateCode, registration: Uuid) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match state.as_str() {
            "CO" => query
                .append_pair("vrdid", &self.id)
                .append_pair("campaign", &registration.to_string()),
            "WA" => query.append_pair("Org", &self.id),
            _ => return None,
        };
        Some(format!("{}?{}", self.page, query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colorado_and_washington_are_told_who_sent_the_voter() {
        let link = |page, id: &str, state| {
            let partner = OvrPartner {
                page: WebUrl::parse(page).unwrap(),
                id: id.to_owned(),
            };
            partner.link(StateCode::parse(state).unwrap(), Uuid::nil())
        };
        assert_eq!(
            link("https://co.example.gov/new", "a&b", "CO").unwrap(),
            "https://co.example.gov/new?vrdid=a%26b&campaign=00000000-0000-0000-0000-000000000000"
        );
        assert_eq!(
            link("https://wa.example.gov/", "7", "WA").unwrap(),
            "https://wa.example.gov/?Org=7"
        );
        assert_eq!(link("https://ma.example.gov/", "7", "MA"), None);
        for state in StateCode::ALL {
            let page = "https://example.gov/";
            assert_eq!(link(page, "7", state.as_str()).is_some(), knows_partners(state));
        }
    }
}
