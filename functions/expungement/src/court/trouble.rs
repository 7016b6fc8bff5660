//! Why a search at the court's site brought no record, in the words of whoever reads it. Holds nothing that the site said.

use app::page::pick;
use domain::{
    expungement::court_pages::{MAX_CASES, PageError},
    person::Language,
};
use serde::{Deserialize, Serialize};

use super::site::SiteError;

/// A reason, kept with the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The credentials are not taken.
    Refused,
    /// The site is in maintenance.
    Offline,
    /// It cannot be reached, or answers with errors.
    Silent,
    /// The page of a case did not come.
    CaseMissing,
    /// A page cannot be read.
    Unreadable,
    /// More cases match than one search may bring.
    TooMany { found: usize, most: usize },
}

impl Trouble {
    /// The reason for a person. English is what clients of the peer know.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
        match self {
            Self::Refused => t(
                "Invalid OECI username or password.",
                "El sitio del tribunal no acepta este usuario y contraseña.",
            ),
            Self::Offline => t(
                "The eCourt site is offline during the 4th weekend of each month between 6 PM PST on Friday until noon on Sunday. During this time, record search will not function.",
                "El sitio del tribunal está en mantenimiento el cuarto fin de semana de cada mes, del viernes a las 6 p. m. al domingo a mediodía. Durante ese tiempo no se pueden buscar historiales.",
            ),
            Self::Silent => t(
                "The court's site does not answer. Please rerun the search in a few minutes.",
                "El sitio del tribunal no responde. Repita la búsqueda en unos minutos.",
            ),
            Self::CaseMissing => t(
                "Failed to fetch case detail page. Please rerun the search.",
                "No llegó la página de un caso. Repita la búsqueda.",
            ),
            Self::Unreadable => t(
                "A page of the court's site cannot be read.",
                "No se puede leer una página del sitio del tribunal.",
            ),
            Self::TooMany { found, most } => match language {
                Language::En => format!(
                    "Found {found} matching cases, exceeding the limit of {most}. Please add a date of birth to your search."
                ),
                Language::Es => format!(
                    "Hay {found} casos que coinciden, más del límite de {most}. Añada una fecha de nacimiento a su búsqueda."
                ),
            },
        }
    }

    /// All reasons in one text.
    pub(crate) fn texts(troubles: &[Self], language: Language) -> String {
        let texts: Vec<String> = troubles.iter().map(|trouble| trouble.text(language)).collect();
        texts.join(" ")
    }
}

impl From<&SiteError> for Trouble {
    fn from(error: &SiteError) -> Self {
        match error {
            SiteError::Refused => Self::Refused,
            SiteError::Offline => Self::Offline,
            SiteError::Failed(_) => Self::Silent,
            SiteError::Page(PageError::TooManyCases { found }) => Self::TooMany {
                found: *found,
                most: MAX_CASES,
            },
            SiteError::Page(_) => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own_in_both_languages() {
        let every = [
            Trouble::Refused,
            Trouble::Offline,
            Trouble::Silent,
            Trouble::CaseMissing,
            Trouble::Unreadable,
            Trouble::TooMany {
                found: 412,
                most: 300,
            },
        ];
        let texts: std::collections::HashSet<String> = [Language::En, Language::Es]
            .into_iter()
            .flat_map(|language| every.map(|trouble| trouble.text(language)))
            .collect();
        assert_eq!(texts.len(), 12);
        assert!(every[5].text(Language::Es).contains("412 casos"));
    }
}
