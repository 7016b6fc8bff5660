//! Slugs: the names of organisations in addresses. An organisation may have several; each belongs to one. They are changed on the
//! organisation's page.

use admin::{Column, Model, Ordering, Scope, words};
use app::{Context, OpenApiRouter};

use super::shared::ORGANIZATION;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
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
        Column::text("slug", "Slug", "Identificador").sortable(),
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION),
        Column::integer("position", "Place", "Lugar").hint(
            "The first is in the links that we make",
            "El primero está en los enlaces que hacemos",
        ),
    ],
    title: "t.slug",
    list_display: &["slug", "tenant_id", "position"],
    search_fields: &["slug"],
    ordering: Ordering::ascending("slug"),
    audit_kind: "organization_slug",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
