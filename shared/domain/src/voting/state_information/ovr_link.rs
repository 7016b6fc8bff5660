use uuid::Uuid;

use crate::person::{StateCode, WebUrl};

/// What a state gave us to mark the voters we send to its online registration: the page, and our id there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OvrPartner {
    /// The state's page, without a query.
    pub page: WebUrl,
    pub id: String,
}

/// The states that mark visitors, where we take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OvrPartners {
    pub colorado: Option<OvrPartner>,
    pub washington: Option<OvrPartner>,
}

impl OvrPartners {
    /// The online registration link of one voter (spec 5.4): Colorado's carries our id as `vrdid` and the registration as
    /// `campaign`, Washington's our id as `Org`. Nothing for other states, or where we take no part.
    #[must_use]
    pub fn custom_ovr_link(&self, state: StateCode, registration: Uuid) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let partner = match state.as_str() {
            "CO" => {
                let partner = self.colorado.as_ref()?;
                query
                    .append_pair("vrdid", &partner.id)
                    .append_pair("campaign", &registration.to_string());
                partner
            }
            "WA" => {
                let partner = self.washington.as_ref()?;
                query.append_pair("Org", &partner.id);
                partner
            }
            _ => return None,
        };
        Some(format!("{}?{}", partner.page, query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colorado_and_washington_are_told_who_sent_the_voter() {
        let partner = |page, id: &str| {
            Some(OvrPartner {
                page: WebUrl::parse(page).unwrap(),
                id: id.to_owned(),
            })
        };
        let partners = OvrPartners {
            colorado: partner("https://co.example.gov/new", "a&b"),
            washington: None,
        };
        let link = |code| partners.custom_ovr_link(StateCode::parse(code).unwrap(), Uuid::nil());
        assert_eq!(
            link("CO").unwrap(),
            "https://co.example.gov/new?vrdid=a%26b&campaign=00000000-0000-0000-0000-000000000000"
        );
        assert_eq!((link("WA"), link("MA")), (None, None));
        let partners = OvrPartners {
            washington: partner("https://wa.example.gov/", "7"),
            ..partners
        };
        assert_eq!(
            partners
                .custom_ovr_link(StateCode::parse("WA").unwrap(), Uuid::nil())
                .unwrap(),
            "https://wa.example.gov/?Org=7"
        );
    }
}
