//! Who files, and why they cannot pay: the inputs, what was typed, and what is missing.

use app::{
    Fields,
    page::{Form, FormField, pick},
};
use domain::{
    expungement::paperwork::{UserInformation, WaiverInformation},
    person::Language,
};
use ports::FieldError;

/// What the filer typed.
pub(super) struct Typed {
    pub(super) user: UserInformation,
    pub(super) waiver: WaiverInformation,
    pub(super) errors: Vec<FieldError>,
}

/// Characters of one answer, and of an explanation: far above what the forms have room for.
const MAX_ANSWER: usize = 200;
const MAX_EXPLANATION: usize = 1_000;

impl Typed {
    pub(super) fn read(fields: &Fields, language: Language) -> Self {
        let mut errors = Vec::new();
        let mut text = |name: &'static str, longest: usize| {
            // A text area sends its line breaks as carriage return and line feed.
            let text = fields.text(name).trim().replace("\r\n", "\n");
            let is_plain = |c: char| !c.is_control() || (c == '\n' && longest == MAX_EXPLANATION);
            if text.chars().count() > longest || !text.chars().all(is_plain) {
                let message = pick(
                    language,
                    "this text is too long.",
                    "este texto es demasiado largo.",
                );
                errors.push(FieldError::new(name, "too_long", message));
                return String::new();
            }
            text
        };
        let user = UserInformation {
            full_name: text("full_name", MAX_ANSWER),
            date_of_birth: text("date_of_birth", MAX_ANSWER),
            mailing_address: text("mailing_address", MAX_ANSWER),
            city: text("city", MAX_ANSWER),
            state: text("state", MAX_ANSWER),
            zip_code: text("zip_code", MAX_ANSWER),
            phone_number: text("phone_number", MAX_ANSWER),
            email_address: text("email_address", MAX_ANSWER),
        };
        let flag = |name: &str| fields.text(name) == "true";
        let waiver = WaiverInformation {
            explain: text("explain", MAX_EXPLANATION),
            explain2: text("explain2", MAX_EXPLANATION),
            snap: flag("snap"),
            ssi: flag("ssi"),
            tanf: flag("tanf"),
            ohp: flag("ohp"),
            custody: flag("custody"),
        };
        for (name, too_long) in ["explain", "explain2"].into_iter().zip(waiver.too_long()) {
            if too_long {
                let message = pick(
                    language,
                    "the form has four lines for this; please shorten it.",
                    "el formulario tiene cuatro líneas para esto; acórtelo.",
                );
                errors.push(FieldError::new(name, "too_long", message));
            }
        }
        Self { user, waiver, errors }
    }

    /// The labels of what is empty or unlikely, to be told once.
    pub(super) fn empty(&self, for_packet: bool, language: Language) -> Vec<String> {
        let user = &self.user;
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
        let mut warnings: Vec<String> = user_fields(language)
            .into_iter()
            .filter(|field| for_packet || field.name != "email_address")
            .filter(|field| {
                let value = match field.name {
                    "full_name" => &user.full_name,
                    "date_of_birth" => &user.date_of_birth,
                    "mailing_address" => &user.mailing_address,
                    "city" => &user.city,
                    "state" => &user.state,
                    "zip_code" => &user.zip_code,
                    "phone_number" => &user.phone_number,
                    _ => &user.email_address,
                };
                value.is_empty()
            })
            .map(|field| format!("{}: {}", field.label, pick(language, "empty", "vacío")))
            .collect();
        if !user.zip_code.is_empty() && digits(&user.zip_code) < 5 {
            warnings.push(
                pick(
                    language,
                    "ZIP code: has fewer than five digits",
                    "Código postal: tiene menos de cinco dígitos",
                )
                .to_owned(),
            );
        }
        if !user.phone_number.is_empty() && digits(&user.phone_number) < 10 {
            warnings.push(
                pick(
                    language,
                    "Phone: has fewer than ten digits",
                    "Teléfono: tiene menos de diez dígitos",
                )
                .to_owned(),
            );
        }
        if !for_packet && self.waiver.explain.is_empty() {
            let name = pick(language, "What happened", "Qué pasó");
            warnings.push(format!("{name}: {}", pick(language, "empty", "vacío")));
        }
        warnings
    }
}

fn user_fields(language: Language) -> Vec<FormField> {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let field = |name, label, hint, kind, autocomplete| FormField {
        name,
        label,
        hint,
        kind,
        autocomplete,
        required: true,
        ..FormField::default()
    };
    vec![
        field(
            "full_name",
            t("Full name", "Nombre completo"),
            String::new(),
            "text",
            "name",
        ),
        field(
            "date_of_birth",
            t("Date of birth", "Fecha de nacimiento"),
            t(
                "As the forms show it, for example: 4/28/1986",
                "Como saldrá en los formularios, por ejemplo: 4/28/1986",
            ),
            "text",
            "bday",
        ),
        field(
            "mailing_address",
            t("Mailing address", "Dirección postal"),
            String::new(),
            "text",
            "street-address",
        ),
        field(
            "city",
            t("City", "Ciudad"),
            String::new(),
            "text",
            "address-level2",
        ),
        field(
            "state",
            t("State", "Estado"),
            String::new(),
            "text",
            "address-level1",
        ),
        field(
            "zip_code",
            t("ZIP code", "Código postal"),
            String::new(),
            "text",
            "postal-code",
        ),
        field(
            "phone_number",
            t("Phone", "Teléfono"),
            String::new(),
            "tel",
            "tel-national",
        ),
        field(
            "email_address",
            t("E-mail", "Correo electrónico"),
            String::new(),
            "email",
            "email",
        ),
    ]
}

/// The form of the filer and that of the waiver, with what was typed.
pub(super) fn forms(language: Language, fields: &Fields, errors: &[FieldError]) -> (Form, Form) {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let typed = |name: &str| fields.text(name).to_owned();
    let mut user = Form::default();
    for field in user_fields(language) {
        user.push(field, &typed, errors);
    }
    let mut waiver = Form::default();
    let field = |name, label, hint, kind| FormField {
        name,
        label,
        hint,
        kind,
        autocomplete: "off",
        ..FormField::default()
    };
    let explain = t(
        "What happened, and why you cannot pay",
        "Qué pasó y por qué no puede pagar",
    );
    let explain2 = t(
        "What paying would mean for you",
        "Qué significaría pagar para usted",
    );
    let lines = t(
        "About 360 characters fit on the form",
        "En el formulario caben unos 360 caracteres",
    );
    let benefits = [
        (
            "snap",
            t(
                "I receive food assistance (SNAP)",
                "Recibo ayuda para alimentos (SNAP)",
            ),
        ),
        (
            "ssi",
            t(
                "I receive Supplemental Security Income (SSI)",
                "Recibo Seguridad de Ingreso Suplementario (SSI)",
            ),
        ),
        (
            "tanf",
            t(
                "I receive cash assistance for families (TANF)",
                "Recibo ayuda económica para familias (TANF)",
            ),
        ),
        (
            "ohp",
            t(
                "I have the Oregon Health Plan (OHP)",
                "Tengo el plan de salud de Oregón (OHP)",
            ),
        ),
        ("custody", t("I am in custody", "Estoy bajo custodia")),
    ];
    waiver.push(
        field("explain", explain, lines.clone(), "textarea"),
        &typed,
        errors,
    );
    waiver.push(field("explain2", explain2, lines, "textarea"), &typed, errors);
    for (name, label) in benefits {
        waiver.push(field(name, label, String::new(), "checkbox"), &typed, errors);
    }
    (user, waiver)
}
