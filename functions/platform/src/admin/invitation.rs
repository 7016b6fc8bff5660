//! Invitations: sent from an organisation's own page; taken back here or there.

use admin::{Action, Column, Deed, Filter, Model, NamedFilter, Scope, words};
use app::{Context, OpenApiRouter, Permission};
use ports::{BoxFuture, Result};
use store::{Sql, params, sql};

use super::shared::{ACCOUNT, ORGANIZATION, ROLES};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const REVOKE: Sql = sql!(
    "update platform.invitation set revoked_at = $2
      where id = $1 and accepted_at is null and revoked_at is null returning id"
);

fn revoke<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        let admin::Value::Uuid(id) = deed.row.get("id") else {
            return Ok(false);
        };
        let now = deed.tx.now();
        Ok(deed.tx.optional(REVOKE, params![*id, now]).await?.is_some())
    })
}

static STAGE: NamedFilter = NamedFilter {
    name: "stage",
    label: words("Stage", "Estado"),
    choices: &[
        (
            "open",
            words("Open", "Abierta"),
            "t.accepted_at is null and t.revoked_at is null",
        ),
        (
            "accepted",
            words("Accepted", "Aceptada"),
            "t.accepted_at is not null",
        ),
        (
            "revoked",
            words("Taken back", "Retirada"),
            "t.revoked_at is not null",
        ),
    ],
    default: None,
};

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "invitation",
    table: "platform.invitation",
    label: words("Invitation", "Invitación"),
    plural: words("Invitations", "Invitaciones"),
    about: words(
        "Who was invited to which organization, and whether they came.",
        "A quién se invitó a qué organización, y si aceptó.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::text("email", "E-mail", "Correo electrónico").personal(),
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION),
        Column::choice("role", "Role", "Función", ROLES),
        Column::reference("invited_by", "Invited by", "Invitada por", &ACCOUNT),
        Column::timestamp("created_at", "Sent", "Enviada").sortable(),
        Column::timestamp("expires_at", "Works until", "Vale hasta"),
        Column::timestamp("accepted_at", "Accepted", "Aceptada"),
        Column::timestamp("revoked_at", "Taken back", "Retirada"),
    ],
    title: "t.email",
    list_display: &[
        "email",
        "tenant_id",
        "role",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ],
    list_filter: &[
        Filter::Named(&STAGE),
        Filter::Column("role"),
        Filter::Date("created_at"),
    ],
    search_fields: &["email"],
    date_hierarchy: Some("created_at"),
    actions: &[Action {
        name: "revoke",
        label: words("Take back", "Retirar"),
        question: words(
            "The links of these invitations stop working.",
            "Los enlaces de estas invitaciones dejan de funcionar.",
        ),
        permission: Permission::Edit,
        run: revoke,
        audit: "invitation.revoke",
    }],
    audit_kind: "invitation",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
