//! The outbox: work that waits for its time, or for a queue that does not answer. Messages carry ids, not people.

use admin::{Action, Column, Deed, Filter, Model, Ordering, Scope, words};
use app::{Context, OpenApiRouter, Permission};
use ports::{BoxFuture, Result};
use store::{Sql, params, sql};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const RELEASE: Sql =
    sql!("update platform.outbox set due_at = $2, claimed_until = $2 where id = $1 returning id");

/// Makes it due: the relay sends it within a minute.
fn release<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        let admin::Value::Uuid(id) = deed.row.get("id") else {
            return Ok(false);
        };
        let now = deed.tx.now();
        Ok(deed.tx.optional(RELEASE, params![*id, now]).await?.is_some())
    })
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "outbox",
    table: "platform.outbox",
    label: words("Waiting job", "Tarea en espera"),
    plural: words("Waiting jobs", "Tareas en espera"),
    about: words(
        "Work that falls due later, or that a queue did not take yet. What was sent is not here.",
        "Trabajo que vence más tarde, o que una cola aún no aceptó. Lo enviado no está aquí.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("due_at", "Due", "Vence").sortable(),
        Column::text("queue", "Queue", "Cola"),
        Column::integer("attempts", "Attempts", "Intentos"),
        Column::timestamp("created_at", "Asked", "Pedida"),
        Column::timestamp("claimed_until", "Claimed until", "Reservada hasta"),
        Column::text_area("body", "Message", "Mensaje"),
    ],
    title: "t.queue || ' ' || t.id",
    list_display: &["due_at", "queue", "attempts", "created_at"],
    list_filter: &[Filter::Date("due_at")],
    search_fields: &["queue"],
    ordering: Ordering::ascending("due_at"),
    actions: &[Action {
        name: "release",
        label: words("Run now", "Ejecutar ahora"),
        question: words(
            "These are sent within a minute, whatever they wait for.",
            "Se envían en menos de un minuto, esperen lo que esperen.",
        ),
        permission: Permission::Edit,
        run: release,
        audit: "outbox.release",
    }],
    audit_kind: "outbox",
    ..Model::READ_ONLY
};
