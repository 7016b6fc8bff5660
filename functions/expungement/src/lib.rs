//! Expungement: reads Oregon court records, says which charges can be expunged and when, fills the court's forms.
//!
//! [`FUNCTIONS`] is the table of contents. The law is in `domain::expungement`; here are the court site's client
//! (`court`), the API, the paperwork (`papers`) and the pages (`pages`).

use app::Function;

/// Every function of the service.
pub const FUNCTIONS: &[Function] = &[];

/// The OpenAPI document of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    app::openapi(
        "Commonweal Expungement",
        "Which charges of an Oregon record can be set aside, when, and the forms for it.",
        FUNCTIONS,
    )
}
