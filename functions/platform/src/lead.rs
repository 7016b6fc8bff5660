//! `/platform/lead`: an organisation asks to join. Operators read it at `/platform/leads`.
//!
//! Anybody may send the form, so that it is bounded: so many from one address, so many in all. It asks for no answer that could tell
//! who has an account here.

use app::{
    ClientAddress, Context, Fields, Form, FormField, Locale, OpenApiRouter, Posted, Visitor, input,
    page::pick, see_other,
};
use axum::{extract::State, response::Response, routing::get};
use domain::{
    person::{Email, Language, Line, Name, Phone, WebUrl},
    voting::codes::{SmsOption, SubscriberPlan},
};
use identity::Limit;
use jiff::SignedDuration;
use ports::{Error, FieldError, Kind, Result};
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::accounts::{self, FormPage, field, translated};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/lead", get(form).post(send))
        .route("/platform/lead/thanks", get(thanks))
}

/// Leads from one address: an office may sit behind it.
const FROM_ADDRESS: Limit = Limit::new("lead-address", 10, SignedDuration::from_hours(1));
/// Leads of all: what people can read.
const OF_ALL: Limit = Limit::new("lead-all", 500, SignedDuration::from_hours(24));

input! {
    /// What the form sends.
    pub struct LeadIn {
        pub organization: Line,
        pub website: WebUrl,
        pub first_name: Name,
        pub last_name: Name,
        pub email: Email,
        pub phone: Option<Phone>,
        pub plan: app::Choice<SubscriberPlan>,
        pub ein: Option<Line>,
        pub sms_mode: app::Choice<SmsOption>,
    }
}

// The id comes with the form: sent twice, it is one lead.
const INSERT: Sql = sql!(
    "insert into platform.lead (id, organization, website, first_name, last_name, email, phone, plan, ein, sms_mode, language,
         created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing"
);

/// An employer identification number in any usual form, as `12-3456789`.
pub(crate) fn ein(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let is_whole = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| format!("{}-{}", &digits[..2], &digits[2..]))
}

/// A plan as people read it.
pub(crate) fn plan_name(language: Language, plan: SubscriberPlan) -> &'static str {
    match plan {
        SubscriberPlan::Free => pick(language, "Free", "Gratuito"),
        SubscriberPlan::Premium => pick(language, "Premium", "Prémium"),
        SubscriberPlan::Nonprofit => pick(language, "Nonprofit", "Sin fines de lucro"),
    }
}

pub(crate) fn sms_options(language: Language) -> Vec<(String, String)> {
    [
        (SmsOption::None, "No text messages", "Sin mensajes de texto"),
        (
            SmsOption::BoxUnchecked,
            "Voters tick a box",
            "Los votantes marcan una casilla",
        ),
        (
            SmsOption::BoxChecked,
            "A box that is ticked at first",
            "Una casilla marcada al principio",
        ),
    ]
    .into_iter()
    .map(|(option, english, spanish)| {
        (
            option.as_str().to_owned(),
            pick(language, english, spanish).to_owned(),
        )
    })
    .collect()
}

fn page(
    language: Language,
    sent: &Fields,
    errors: &[FieldError],
    once: Uuid,
    visitor: &Visitor,
) -> Result<FormPage> {
    let t = |english, spanish| pick(language, english, spanish);
    let errors = translated(language, errors);
    let typed = |name: &str| sent.text(name).to_owned();
    let hinted = |field: FormField, hint: &str| FormField {
        hint: hint.to_owned(),
        ..field
    };
    let optional = |field: FormField| FormField {
        required: false,
        ..field
    };
    let mut form = Form::default();
    for field in [
        field(
            "organization",
            t("Name of the organization", "Nombre de la organización"),
            "text",
            "organization",
        ),
        hinted(
            field("website", t("Website", "Sitio web"), "url", "url"),
            t(
                "A full address, such as https://example.org",
                "Una dirección completa, como https://example.org",
            ),
        ),
        field(
            "first_name",
            t("Your first name", "Su nombre"),
            "text",
            "given-name",
        ),
        field(
            "last_name",
            t("Your last name", "Su apellido"),
            "text",
            "family-name",
        ),
        field("email", t("E-mail", "Correo electrónico"), "email", "email"),
        optional(field("phone", t("Phone", "Teléfono"), "tel", "tel-national")),
        FormField {
            options: [SubscriberPlan::Nonprofit, SubscriberPlan::Premium]
                .map(|plan| (plan.as_str().to_owned(), plan_name(language, plan).to_owned()))
                .into(),
            ..field("plan", "Plan", "select", "off")
        },
        optional(hinted(
            field(
                "ein",
                t(
                    "Employer identification number (EIN)",
                    "Número de identificación del empleador (EIN)",
                ),
                "text",
                "off",
            ),
            t(
                "Nine digits; needed for the nonprofit plan",
                "Nueve dígitos; hace falta para el plan sin fines de lucro",
            ),
        )),
        FormField {
            options: sms_options(language),
            ..field(
                "sms_mode",
                t("Text messages to your voters", "Mensajes de texto a sus votantes"),
                "select",
                "off",
            )
        },
    ] {
        form.push(field, &typed, &errors);
    }
    form.push_others(&errors);
    let mut page = FormPage::new(
        language,
        t(
            "Offer these tools to your voters",
            "Ofrezca estas herramientas a sus votantes",
        ),
    )
    .intro(t(
        "Tell us who you are. We read each request, and write to you within a few days.",
        "Díganos quiénes son. Leemos cada petición y le escribimos en unos días.",
    ))
    .form(form, t("Ask to join", "Pedir unirse"), visitor.form_token()?);
    page.hidden.push(("once", once.to_string()));
    Ok(page)
}

async fn form(
    State(cx): State<Context>,
    Locale(language): Locale,
    visitor: Visitor,
) -> app::Result<Response> {
    let page = page(language, &Fields::default(), &[], cx.random().uuid(), &visitor)?;
    Ok(visitor.remember(&cx, page.respond()?)?)
}

/// What was sent, checked as a whole.
fn read(sent: &Fields, language: Language) -> Result<(LeadIn, Option<String>)> {
    let input: LeadIn = Fields::new(sent.values().clone()).into_input()?;
    let t = |english, spanish| pick(language, english, spanish);
    if input.plan.0 == SubscriberPlan::Free {
        return Err(Error::field(
            "plan",
            "plan",
            t("Choose one of the two plans.", "Elija uno de los dos planes."),
        ));
    }
    let number = match &input.ein {
        Some(text) => Some(ein(text.as_str()).ok_or_else(|| {
            Error::field(
                "ein",
                "ein",
                t(
                    "Enter nine digits, such as 12-3456789.",
                    "Escriba nueve dígitos, como 12-3456789.",
                ),
            )
        })?),
        None => None,
    };
    if input.plan.0 == SubscriberPlan::Nonprofit && number.is_none() {
        let message = t(
            "The nonprofit plan needs this number.",
            "El plan sin fines de lucro necesita este número.",
        );
        return Err(Error::field("ein", "ein", message));
    }
    Ok((input, number))
}

async fn send(
    State(cx): State<Context>,
    Locale(language): Locale,
    address: ClientAddress,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let once = Uuid::try_parse(sent.text("once")).unwrap_or_else(|_| cx.random().uuid());
    let (lead, ein) = match read(&sent, language) {
        Ok(read) => read,
        Err(error) if error.kind() == Kind::Invalid => {
            return page(language, &sent, error.fields(), once, &visitor)?.respond();
        }
        Err(error) => return Err(error.into()),
    };
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &FROM_ADDRESS, &address.network()).await?;
    OF_ALL.take(cx.key_value(), cx.clock(), "all").await?;
    let mut tx = cx.db.begin_untenanted().await?;
    let now = tx.now();
    tx.execute(
        INSERT,
        params![
            once,
            lead.organization.as_str(),
            lead.website.as_str(),
            lead.first_name.as_str(),
            lead.last_name.as_str(),
            lead.email.as_str(),
            lead.phone.as_ref().map(Phone::as_str),
            lead.plan.0.as_str(),
            ein,
            lead.sms_mode.0.as_str(),
            language.as_str(),
            now
        ],
    )
    .await?;
    tx.commit().await?;
    tracing::info!(
        metric = "Lead",
        plan = lead.plan.0.as_str(),
        "an organisation asks to join"
    );
    Ok(see_other(&format!(
        "/platform/lead/thanks?lang={}",
        language.as_str()
    )))
}

async fn thanks(Locale(language): Locale) -> app::Result<Response> {
    FormPage::new(language, pick(language, "Thank you", "Gracias"))
        .intro(pick(
            language,
            "We have your request. We read it, and write to you within a few days.",
            "Tenemos su petición. La leemos y le escribimos en unos días.",
        ))
        .link(
            pick(language, "What your voters will see", "Lo que verán sus votantes"),
            "/voting",
        )
        .respond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ein_has_nine_digits() {
        for good in ["12-3456789", "123456789", " 12 3456789"] {
            assert_eq!(ein(good).as_deref(), Some("12-3456789"), "{good}");
        }
        for bad in ["", "12-345678", "1234567890", "12-34567a9", "１２３４５６７８９"] {
            assert_eq!(ein(bad), None, "{bad}");
        }
    }
}
