//! A voter as the tools that ask once take one: who, where, how to reach, and how they came to us.

use app::input;
use domain::person::{
    BirthDate, Email, Flag, Language, Line, Name, Phone, StateCode, Text, Zip5, trim_embed_url,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::TenantId;
use uuid::Uuid;

input! {
    /// Unknown keys are ignored.
    pub struct VoterIn {
        pub first_name: Name,
        pub last_name: Name,
        pub address1: Line,
        pub address2: Option<Line>,
        pub city: Line,
        pub state: StateCode,
        pub zipcode: Zip5,
        pub date_of_birth: BirthDate,
        pub email: Email,
        pub phone: Option<Phone>,
        pub sms_opt_in: Option<Flag>,
        pub sms_opt_in_subscriber: Option<Flag>,
        /// Of the mails: `en` or `es`.
        pub language: Option<Language>,
        pub embed_url: Option<Text>,
        pub utm_campaign: Option<Text>,
        pub utm_source: Option<Text>,
        pub utm_medium: Option<Text>,
        pub utm_term: Option<Text>,
        pub utm_content: Option<Text>,
        pub session_id: Option<Uuid>,
        pub source: Option<Text>,
        pub email_referrer: Option<Text>,
        pub mobile_referrer: Option<Text>,
    }
}

impl VoterIn {
    /// The columns that the tables of these tools share, with a new row's own.
    pub(crate) fn row(&self, id: Uuid, tenant: TenantId, action: Uuid, now: Timestamp) -> Map<String, Value> {
        let row = json!({
            "id": id, "tenant_id": tenant, "action_id": action, "created_at": now,
            "first_name": self.first_name, "last_name": self.last_name, "date_of_birth": self.date_of_birth,
            "email": self.email, "phone": self.phone, "address1": self.address1, "address2": self.address2,
            "city": self.city, "state": self.state, "zipcode": self.zipcode,
            "sms_opt_in": self.sms_opt_in, "sms_opt_in_subscriber": self.sms_opt_in_subscriber.is_some_and(|f| f.0),
            "embed_url": self.embed_url.as_ref().map(|url| trim_embed_url(url.as_str())),
            "utm_campaign": self.utm_campaign, "utm_source": self.utm_source, "utm_medium": self.utm_medium,
            "utm_term": self.utm_term, "utm_content": self.utm_content, "session_id": self.session_id,
            "source": self.source, "email_referrer": self.email_referrer, "mobile_referrer": self.mobile_referrer,
        });
        match row {
            Value::Object(row) => row,
            _ => Map::new(),
        }
    }
}
