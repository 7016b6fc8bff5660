//! `GET /expungement/api/rules`: every charge type with what a person should know of it.

use app::{Answer, Context, OpenApiRouter, routes};
use axum::{http::header, response::IntoResponse};
use domain::expungement::ChargeType;
use serde_json::{Value, json};

use crate::analysis::ApiLanguage;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(rules))
}

/// The charge types and their rules.
#[utoipa::path(get, path = "/expungement/api/rules", params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "`{charge_types: [{charge_type_class_name, charge_type_name, expungement_rules}]}`")))]
async fn rules(ApiLanguage(language): ApiLanguage) -> impl IntoResponse {
    let types: Vec<Value> = ChargeType::ALL
        .into_iter()
        .map(|one| {
            let facts = one.facts();
            json!({
                "charge_type_class_name": facts.class,
                "charge_type_name": facts.name.in_language(language),
                "expungement_rules": facts.explanation.in_language(language),
            })
        })
        .collect();
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Answer::ok(json!({ "charge_types": types })),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{
        RULES,
        test_context::{get, plain},
    };

    #[tokio::test]
    async fn every_type_is_explained_in_both_languages() {
        let mut texts = BTreeSet::new();
        for language in ["en", "es"] {
            let answer = get(
                &RULES,
                &plain(),
                &format!("/expungement/api/rules?lang={language}"),
            )
            .await;
            let body = answer.json();
            let types = body["charge_types"].as_array().unwrap();
            assert_eq!(types.len(), 33);
            for one in types {
                let text = one["expungement_rules"].as_str().unwrap();
                assert!(text.len() > 40, "{one}");
                texts.insert(text.to_owned());
            }
        }
        assert_eq!(texts.len(), 66, "each text is one type's, in one language");
    }
}
