//! Secure uploads: signatures that voters sent. Of no organisation until they are used; the pictures themselves stay out.

use admin::{Column, Filter, Model, Scope, words};
use app::{Context, OpenApiRouter};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "secure-upload",
    table: "voting.secure_upload",
    label: words("Secure upload", "Subida segura"),
    plural: words("Secure uploads", "Subidas seguras"),
    about: words(
        "Signatures that voters sent, and when they were removed.",
        "Firmas que enviaron los votantes, y cuándo se borraron.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Sent", "Enviada").sortable(),
        Column::text("upload_type", "Kind", "Tipo"),
        Column::text("content_type", "Format", "Formato"),
        Column::timestamp("purged_at", "Removed", "Borrada"),
    ],
    title: "t.upload_type",
    list_display: &["created_at", "upload_type", "content_type", "purged_at"],
    list_filter: &[Filter::Present("purged_at"), Filter::Date("created_at")],
    date_hierarchy: Some("created_at"),
    audit_kind: "secure_upload",
    ..Model::READ_ONLY
};
