//! The services: the one list of them.

use app::Function;
use utoipa::openapi::OpenApi;

/// Every function of every service.
pub(crate) fn functions() -> Vec<Function> {
    [platform::FUNCTIONS, voting::FUNCTIONS, expungement::FUNCTIONS].concat()
}

/// The API of each service, by its name.
pub(crate) fn apis() -> Vec<(&'static str, OpenApi)> {
    vec![
        ("platform", platform::openapi()),
        ("voting", voting::openapi()),
        ("expungement", expungement::openapi()),
    ]
}

/// The models of each service's admin.
#[allow(dead_code, reason = "tests ask for them, commands do not")]
pub(crate) fn models() -> Vec<&'static admin::Model> {
    [
        platform::admin::MODELS,
        voting::admin::MODELS,
        expungement::admin::MODELS,
    ]
    .concat()
}
