//! The pages of an organisation's staff: how the tools are used, how to put them on one's site, the settings, tables to take away.
//!
//! The voters themselves are listed by the admin (`/admin/voting/…`).

pub(crate) mod embed;
pub(crate) mod home;
pub(crate) mod reports;
pub(crate) mod settings;

use app::{FormField, Staff, page::pick};
use domain::{person::Language, voting::codes::SubscriberPlan};
use ports::{Error, FieldError, Result};

/// A link to one of the staff pages.
struct Link {
    href: &'static str,
    label: &'static str,
    is_current: bool,
}

/// Whether the organisation's plan shows it its voters (spec 4, "Plans").
fn has_data_access(staff: &Staff) -> Result<bool> {
    let plan = SubscriberPlan::parse(&staff.tenant.plan)
        .map_err(|_| Error::internal("a tenant has an unknown plan"))?;
    Ok(plan != SubscriberPlan::Free)
}

/// From each staff page to the others.
fn links(staff: &Staff, path: &str) -> Result<Vec<Link>> {
    let has_data = has_data_access(staff)?;
    let all = [
        ("/voting/manage", "Overview", "Resumen", true),
        ("/voting/manage/embed", "On your site", "En su sitio", true),
        (
            "/voting/manage/settings",
            "Settings",
            "Configuración",
            staff.role.may(app::Permission::Edit),
        ),
        ("/voting/manage/reports", "Reports", "Informes", has_data),
    ];
    Ok(all
        .into_iter()
        .filter(|(.., is_shown)| *is_shown)
        .map(|(href, english, spanish, _)| Link {
            href,
            label: pick(staff.language, english, spanish),
            is_current: href == path,
        })
        .collect())
}

/// What voters do, as the tables name it: of `voting.action`, and of reports.
fn tool_name(language: Language, tool: &str) -> &'static str {
    match tool {
        "register" => pick(language, "Registrations", "Inscripciones"),
        "verify" => pick(language, "Registration checks", "Comprobaciones"),
        "remind" => pick(language, "Reminder sign-ups", "Peticiones de recordatorios"),
        "absentee" => pick(
            language,
            "Mail ballot requests",
            "Peticiones de boleta por correo",
        ),
        "locate" => pick(
            language,
            "Polling place look-ups",
            "Búsquedas de centros de votación",
        ),
        _ => pick(language, "Other", "Otros"),
    }
}

fn field(name: &'static str, label: &str, kind: &'static str, hint: &str) -> FormField {
    FormField {
        name,
        label: label.to_owned(),
        hint: hint.to_owned(),
        kind,
        autocomplete: "off",
        ..FormField::default()
    }
}

/// The messages of these forms in the page's language.
fn translated(language: Language, errors: Vec<FieldError>) -> Vec<FieldError> {
    let spanish = |code: &str| match code {
        "required" | "null" | "blank" => Some("Este dato es obligatorio."),
        "url" => Some("Escriba una dirección completa que empiece con https:// o http://."),
        "too_long" => Some("Use menos caracteres."),
        "unprintable" => Some("Quite los caracteres que no se pueden imprimir."),
        "invalid_choice" => Some("Elija una de las opciones."),
        _ => None,
    };
    errors
        .into_iter()
        .map(|error| match (language, spanish(&error.code)) {
            (Language::Es, Some(message)) => FieldError {
                message: message.into(),
                ..error
            },
            _ => error,
        })
        .collect()
}
