//! Organisations: who uses the platform, under which plan. Here they are found and read; they have pages of their own to be made
//! and changed on. None is deleted, for its rows stay; it is disabled.

use admin::{Column, Filter, Inline, Model, Ordering, Scope, Words, words};
use app::{Context, OpenApiRouter};

use super::{api_key, invitation, membership, organization_slug, shared::STATUSES};
use crate::all_organizations;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const PLANS: &[(&str, Words)] = &[
    ("free", words("Free", "Gratuito")),
    ("premium", words("Premium", "Premium")),
    ("nonprofit", words("Nonprofit", "Sin fines de lucro")),
];

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "organization",
    table: "platform.tenant",
    label: words("Organization", "Organización"),
    plural: words("Organizations", "Organizaciones"),
    about: words(
        "Who uses the platform: their names, plans, slugs and members.",
        "Quién usa la plataforma: nombres, planes, identificadores y miembros.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::text("name", "Name", "Nombre").sortable(),
        Column::choice("status", "Status", "Situación", STATUSES),
        Column::choice("plan", "Plan", "Plan", PLANS),
        Column::boolean("is_first_party", "The house's own", "De la casa"),
        Column::timestamp("created_at", "Since", "Desde").sortable(),
        Column::text("slugs", "Slugs", "Identificadores").computed(
            "select string_agg(s.slug, ', ' order by s.position, s.slug) from platform.tenant_slug s where s.tenant_id = t.id",
        ),
        Column::integer("members", "Members", "Miembros")
            .computed("select count(*) from platform.membership m where m.tenant_id = t.id"),
    ],
    title: "t.name",
    list_display: &["name", "slugs", "plan", "status", "members", "created_at"],
    list_filter: &[
        Filter::Column("plan"),
        Filter::Column("status"),
        Filter::Column("is_first_party"),
    ],
    search_fields: &["name", "slugs"],
    ordering: Ordering::ascending("name"),
    inlines: &[
        Inline {
            model: &organization_slug::MODEL,
            column: "tenant_id",
        },
        Inline {
            model: &membership::MODEL,
            column: "tenant_id",
        },
        Inline {
            model: &invitation::MODEL,
            column: "tenant_id",
        },
        Inline {
            model: &api_key::MODEL,
            column: "tenant_id",
        },
    ],
    elsewhere: Some(all_organizations::PATH),
    audit_kind: "organization",
    audit_tenant: Some("id"),
    ..Model::READ_ONLY
};
