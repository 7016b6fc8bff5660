//! The inputs of a case and of a charge: what they show, and the edit that is read from them.

use app::{
    FieldError, Fields,
    page::{FormField, pick},
};
use domain::{
    expungement::{
        Case, Charge, ChargeType, EditStatus, Options, Policy, counties,
        disposition::{DispositionStatus, status_of},
        edits::{ChargeEdit, DispositionEdit, Scalar, SummaryEdit},
        money::{Dollars, parse_cents},
        when::{parse_us_date, us_date},
    },
    person::Language,
};
use jiff::civil::Date;

/// Characters of one text of a form.
const MAX_TEXT: usize = 200;

/// What the form is about.
pub(super) enum Target {
    Case(Box<Case>),
    Charge(Box<Case>, Box<Charge>),
    NewCase(String),
    NewCharge(String),
}

pub(super) fn problem(field: &'static str, code: &'static str, message: &str) -> FieldError {
    FieldError {
        field: field.into(),
        code: code.into(),
        message: message.to_owned().into(),
    }
}

/// The levels that set a waiting time, as the court writes them.
const LEVELS: [&str; 6] = [
    "Felony Class A",
    "Felony Class B",
    "Felony Class C",
    "Misdemeanor Class A",
    "Misdemeanor Class B or C",
    "Violation",
];

const CONVICTED: &str = "Convicted";
const DISMISSED: &str = "Dismissed";
const REVOKED: &str = "Revoked";
const MISSING: &str = "Missing";

pub(super) fn form_fields(language: Language, target: &Target) -> Vec<FormField> {
    match target {
        Target::Case(case) => case_fields(language, Some(case)),
        Target::NewCase(_) => case_fields(language, None),
        Target::Charge(_, charge) => charge_fields(language, Some(charge)),
        Target::NewCharge(_) => charge_fields(language, None),
    }
}

fn text_field(name: &'static str, label: &str, hint: &str, required: bool) -> FormField {
    FormField {
        name,
        label: label.to_owned(),
        hint: hint.to_owned(),
        kind: "text",
        autocomplete: "off",
        required,
        ..FormField::default()
    }
}

/// A select whose value may be one that is not offered: the court's own word stays possible.
fn select(
    name: &'static str,
    label: &str,
    required: bool,
    choices: impl Iterator<Item = (String, String)>,
    now: &str,
) -> FormField {
    let mut options: Vec<(String, String)> = choices.collect();
    if !now.is_empty() && !options.iter().any(|(value, _)| value == now) {
        options.insert(0, (now.to_owned(), now.to_owned()));
    }
    FormField {
        kind: "select",
        options,
        ..text_field(name, label, "", required)
    }
}

fn alike(text: &str) -> (String, String) {
    (text.to_owned(), text.to_owned())
}

fn case_fields(language: Language, case: Option<&Case>) -> Vec<FormField> {
    let t = |english: &'static str, spanish: &'static str| pick(language, english, spanish);
    let date_hint = t("For example: 4/28/2019", "Por ejemplo: 4/28/2019");
    vec![
        text_field("name", t("Name on the case", "Nombre en el caso"), "", false),
        select(
            "location",
            t("County", "Condado"),
            true,
            counties::all().map(|county| alike(county.name)),
            case.map_or("", |case| &case.location),
        ),
        select(
            "current_status",
            t("Status", "Estado"),
            true,
            [("Closed", t("Closed", "Cerrado")), ("Open", t("Open", "Abierto"))]
                .into_iter()
                .map(|(value, label)| (value.to_owned(), label.to_owned())),
            case.map_or("", |case| &case.current_status),
        ),
        text_field("date", t("Filed", "Presentado"), date_hint, case.is_none()),
        FormField {
            inputmode: "numeric",
            ..text_field(
                "birth_year",
                t("Year of birth", "Año de nacimiento"),
                t("Four digits", "Cuatro dígitos"),
                false,
            )
        },
        FormField {
            inputmode: "decimal",
            ..text_field(
                "balance_due",
                t("Balance due, in dollars", "Saldo pendiente, en dólares"),
                t("For example: 1,516.80", "Por ejemplo: 1,516.80"),
                false,
            )
        },
        FormField {
            kind: "checkbox",
            ..text_field(
                "restitution",
                t("Restitution is owed", "Se debe restitución"),
                "",
                false,
            )
        },
    ]
}

fn charge_fields(language: Language, charge: Option<&Charge>) -> Vec<FormField> {
    let t = |english: &'static str, spanish: &'static str| pick(language, english, spanish);
    let date_hint = t("For example: 4/28/2019", "Por ejemplo: 4/28/2019");
    let is_new = charge.is_none_or(|charge| charge.edit_status == EditStatus::Add);
    let mut types: Vec<(String, String)> = ChargeType::ALL
        .into_iter()
        .map(|one| {
            let facts = one.facts();
            (
                facts.class.to_owned(),
                facts.name.in_language(language).to_owned(),
            )
        })
        .collect();
    types.sort_by(|a, b| a.1.cmp(&b.1));
    let ruling = charge
        .and_then(|charge| charge.disposition.as_ref())
        .map(|disposition| disposition.ruling.as_str())
        .filter(|ruling| {
            matches!(
                status_of(ruling),
                DispositionStatus::Unrecognized
                    | DispositionStatus::NoComplaint
                    | DispositionStatus::Diverted
            )
        })
        .unwrap_or_default();
    vec![
        text_field("name", t("Charge", "Cargo"), "", true),
        text_field(
            "statute",
            t("Statute", "Ley"),
            t("For example: 164.055", "Por ejemplo: 164.055"),
            false,
        ),
        select(
            "level",
            t("Level", "Nivel"),
            true,
            LEVELS.into_iter().map(alike),
            charge.map_or("", |charge| &charge.level),
        ),
        text_field(
            "date",
            t("Date charged", "Fecha de la acusación"),
            date_hint,
            true,
        ),
        select(
            "disposition",
            t("How it ended", "Cómo terminó"),
            true,
            [
                (CONVICTED, t("Convicted", "Condenado")),
                (DISMISSED, t("Dismissed", "Desestimado")),
                (
                    REVOKED,
                    t(
                        "Convicted, and probation was revoked",
                        "Condenado, y se revocó la libertad condicional",
                    ),
                ),
                (MISSING, t("Not decided or not known", "Sin decidir o no se sabe")),
            ]
            .into_iter()
            .map(|(value, label)| (value.to_owned(), label.to_owned())),
            ruling,
        ),
        FormField {
            required: false,
            ..text_field(
                "disposition_date",
                t("Date of the decision", "Fecha de la decisión"),
                t(
                    "Needed unless it is not decided. For example: 4/28/2019",
                    "Hace falta salvo que no haya decisión. Por ejemplo: 4/28/2019",
                ),
                false,
            )
        },
        text_field(
            "probation_revoked",
            t(
                "Date probation was revoked",
                "Fecha en que se revocó la libertad condicional",
            ),
            t("Only if it was revoked", "Solo si se revocó"),
            false,
        ),
        FormField {
            kind: "select",
            options: types,
            ..text_field(
                "charge_type",
                t("Type of charge", "Tipo de cargo"),
                if is_new {
                    t(
                        "The rules manual says what each type is.",
                        "El manual de reglas explica cada tipo.",
                    )
                } else {
                    t(
                        "Leave this open and the rules decide from statute and level.",
                        "Si lo deja abierto, las reglas deciden según la ley y el nivel.",
                    )
                },
                is_new,
            )
        },
    ]
}

/// What the form shows the first time.
pub(super) fn initial(target: &Target) -> Vec<(&'static str, String)> {
    match target {
        Target::Case(case) => vec![
            ("name", case.name.clone()),
            ("location", case.location.clone()),
            ("current_status", case.current_status.clone()),
            ("date", us_date(case.date)),
            (
                "birth_year",
                case.birth_year.map(|year| year.to_string()).unwrap_or_default(),
            ),
            ("balance_due", two_decimals(case.balance_due_in_cents)),
            ("restitution", case.restitution.to_string()),
        ],
        Target::Charge(_, charge) => {
            let disposition = charge.disposition.as_ref();
            let ending = match disposition.map(|found| (status_of(&found.ruling), found)) {
                None | Some((DispositionStatus::Unknown, _)) => MISSING.to_owned(),
                Some((DispositionStatus::Convicted, _)) if charge.probation_revoked.is_some() => {
                    REVOKED.to_owned()
                }
                Some((DispositionStatus::Convicted, _)) => CONVICTED.to_owned(),
                Some((DispositionStatus::Dismissed, _)) => DISMISSED.to_owned(),
                Some((_, found)) => found.ruling.clone(),
            };
            let decided = disposition.filter(|_| ending != MISSING);
            vec![
                ("name", charge.name.clone()),
                ("statute", charge.statute.clone()),
                ("level", charge.level.clone()),
                ("date", us_date(charge.date)),
                ("disposition", ending),
                (
                    "disposition_date",
                    decided.map(|found| us_date(found.date)).unwrap_or_default(),
                ),
                (
                    "probation_revoked",
                    charge.probation_revoked.map(us_date).unwrap_or_default(),
                ),
                (
                    "charge_type",
                    charge
                        .chosen_type
                        .map(|one| one.facts().class.to_owned())
                        .unwrap_or_default(),
                ),
            ]
        }
        Target::NewCase(_) => vec![("current_status", "Closed".to_owned())],
        Target::NewCharge(_) => Vec::new(),
    }
}

/// Cents as the form takes them back.
fn two_decimals(cents: i64) -> String {
    let text = Dollars(cents).to_string();
    match text.split_once('.') {
        Some((_, fraction)) if fraction.len() == 1 => format!("{text}0"),
        _ => text,
    }
}

/// Reads a form into an edit; what is wrong is noted.
pub(super) struct Typed<'f> {
    pub(super) fields: &'f Fields,
    pub(super) language: Language,
    pub(super) errors: Vec<FieldError>,
}

impl Typed<'_> {
    fn t(&self, english: &'static str, spanish: &'static str) -> &'static str {
        pick(self.language, english, spanish)
    }

    fn text(&mut self, name: &'static str) -> String {
        let text = self.fields.text(name).trim().to_owned();
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            let message = self.t("at most 200 characters.", "como máximo 200 caracteres.");
            self.errors.push(problem(name, "too_long", message));
            return String::new();
        }
        text
    }

    fn required(&mut self, name: &'static str) -> String {
        let text = self.text(name);
        if text.is_empty() {
            let message = self.t("this is needed.", "hace falta este dato.");
            if !self.errors.iter().any(|error| error.field == name) {
                self.errors.push(problem(name, "required", message));
            }
        }
        text
    }

    fn date(&mut self, name: &'static str, required: bool) -> Option<Date> {
        let text = if required {
            self.required(name)
        } else {
            self.text(name)
        };
        if text.is_empty() {
            return None;
        }
        let date = parse_us_date(&text);
        if date.is_none() {
            let message = self.t(
                "enter a real date such as 4/28/2019.",
                "escriba una fecha que exista, como 4/28/2019.",
            );
            self.errors.push(problem(name, "date", message));
        }
        date
    }

    pub(super) fn case(&mut self, edit_status: EditStatus, options: Options) -> SummaryEdit {
        let some = |text: String| Some(Scalar(text));
        let mut balance = self.text("balance_due");
        if balance.is_empty() {
            "0".clone_into(&mut balance);
        }
        if parse_cents(&balance, Policy::RIGHT).is_none() {
            let message = self.t(
                "enter an amount such as 1,516.80.",
                "escriba un importe como 1,516.80.",
            );
            self.errors.push(problem("balance_due", "amount", message));
        }
        let birth_year = self.text("birth_year");
        let plausible = |year: i16| (1800..=options.clock.year()).contains(&year);
        if !birth_year.is_empty() && !birth_year.parse().is_ok_and(plausible) {
            let message = self.t(
                "enter a year of four digits, not in the future.",
                "escriba un año de cuatro dígitos que no sea futuro.",
            );
            self.errors.push(problem("birth_year", "year", message));
        }
        SummaryEdit {
            edit_status,
            name: some(self.text("name")),
            location: some(self.required("location")),
            current_status: some(self.required("current_status")),
            date: self
                .date("date", edit_status == EditStatus::Add)
                .map(|date| Scalar(us_date(date))),
            birth_year: some(birth_year),
            balance_due: some(balance),
            restitution: some(
                if self.fields.text("restitution") == "true" {
                    "True"
                } else {
                    "False"
                }
                .to_owned(),
            ),
            ..SummaryEdit::default()
        }
    }

    pub(super) fn charge(
        &mut self,
        edit_status: EditStatus,
        clock: Date,
        now: Option<&Charge>,
    ) -> ChargeEdit {
        let is_new = edit_status == EditStatus::Add;
        let some = |text: String| Some(Scalar(text));
        let name = self.required("name");
        let statute = self.text("statute");
        let level = self.required("level");
        let date = self.date("date", true);
        let ending = self.required("disposition");
        let decided = self.date("disposition_date", ending != MISSING && !ending.is_empty());
        let revoked = self.date("probation_revoked", ending == REVOKED);
        let charge_type = if is_new {
            self.required("charge_type")
        } else {
            self.text("charge_type")
        };
        if !charge_type.is_empty() && ChargeType::named(&charge_type).is_none() {
            let message = self.t("choose one of the list.", "elija uno de la lista.");
            self.errors.push(problem("charge_type", "choice", message));
        }
        let ruling = match ending.as_str() {
            REVOKED => CONVICTED,
            MISSING => "missing",
            // The court's own word, where the form offered it.
            other => other,
        };
        // A charge that had no disposition and still has none stays as it is.
        let unchanged = ending == MISSING && now.is_some_and(|charge| charge.disposition.is_none());
        ChargeEdit {
            edit_status: Some(edit_status),
            charge_type: (!charge_type.is_empty()).then_some(Scalar(charge_type)),
            date: date.map(|date| Scalar(us_date(date))),
            probation_revoked: revoked
                .filter(|_| ending == REVOKED)
                .map(|date| Scalar(us_date(date))),
            disposition: (!unchanged).then(|| DispositionEdit {
                date: some(us_date(decided.unwrap_or(clock))),
                ruling: some(ruling.to_owned()),
            }),
            level: some(level),
            name: some(name),
            statute: some(statute),
        }
    }
}
