use super::Registration;
use crate::person::{BirthDate, Slug};

pub(super) fn query(voter: &Registration, subscriber: &Slug) -> String {
    fn text<T: ToString>(value: Option<&T>) -> String {
        value.map(T::to_string).unwrap_or_default()
    }
    let born = voter.date_of_birth.map(BirthDate::date);
    let pairs = [
        ("first_name", text(voter.first_name.as_ref())),
        ("last_name", text(voter.last_name.as_ref())),
        ("address1", text(voter.address1.as_ref())),
        ("address2", text(voter.address2.as_ref())),
        ("city", text(voter.city.as_ref())),
        ("state", text(voter.state.as_ref())),
        ("zipcode", text(voter.zipcode.as_ref())),
        (
            "month_of_birth",
            born.map(|born| format!("{:02}", born.month()))
                .unwrap_or_default(),
        ),
        (
            "day_of_birth",
            born.map(|born| format!("{:02}", born.day())).unwrap_or_default(),
        ),
        (
            "year_of_birth",
            born.map(|born| born.year().to_string()).unwrap_or_default(),
        ),
        ("email", text(voter.email.as_ref())),
        ("phone", text(voter.phone.as_ref())),
        ("subscriber", subscriber.to_string()),
        ("utm_campaign", text(voter.utm_campaign.as_ref())),
        ("utm_source", text(voter.utm_source.as_ref())),
        ("utm_medium", text(voter.utm_medium.as_ref())),
        ("utm_term", text(voter.utm_term.as_ref())),
        ("utm_content", text(voter.utm_content.as_ref())),
        ("source", text(voter.source.as_ref())),
        ("email_referrer", text(voter.email_referrer.as_ref())),
        ("mobile_referrer", text(voter.mobile_referrer.as_ref())),
    ];
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()))
        .finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::voting::registration::sample;

    #[test]
    fn only_what_is_known_is_in_the_link() {
        let voter = sample(&json!({"utm_source": "a&b", "phone": null, "city": null}));
        assert_eq!(
            query(&voter, &Slug::parse("acme").unwrap()),
            "first_name=Zo%C3%AB&last_name=O%27Neil-Smith&address1=7+Main+St&state=MA&zipcode=02139&month_of_birth=02&\
             day_of_birth=03&year_of_birth=1990&email=zoe%40example.org&subscriber=acme&utm_source=a%26b"
        );
    }
}
