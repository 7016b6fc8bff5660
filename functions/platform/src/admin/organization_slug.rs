//! Slugs: the names of organisations in addresses. An organisation may have several; each belongs to one.

use admin::{Column, Model, Ordering, Scope, Words, words};
use app::{Context, OpenApiRouter, Permission};
use domain::person::Slug;

use super::shared::ORGANIZATION;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

fn slug(text: &str) -> Option<Words> {
    Slug::parse(text).err().map(|_| {
        words(
            "Use up to 50 small letters, digits, - and _.",
            "Use hasta 50 letras minúsculas, cifras, - y _.",
        )
    })
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "organization-slug",
    table: "platform.tenant_slug",
    label: words("Slug", "Identificador"),
    plural: words("Slugs", "Identificadores"),
    about: words(
        "The names of organizations in addresses: ?subscriber=riverside.",
        "Los nombres de las organizaciones en las direcciones: ?subscriber=riverside.",
    ),
    scope: Scope::Operator,
    key: &["slug"],
    columns: &[
        Column::text("slug", "Slug", "Identificador")
            .fixed()
            .max(50)
            .check(slug)
            .sortable(),
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION).fixed(),
    ],
    title: "t.slug",
    list_display: &["slug", "tenant_id"],
    search_fields: &["slug"],
    ordering: Ordering::ascending("slug"),
    add: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    audit_kind: "organization_slug",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
