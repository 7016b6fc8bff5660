//! Packets of court forms that were kept behind a link for a day: what was asked for and what became of it. Whose, nobody wrote down.

use admin::{Column, Filter, Model, Scope, Words, words};
use app::{Context, OpenApiRouter};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const KINDS: &[(&str, Words)] = &[
    ("motions", words("Motions", "Peticiones")),
    ("waivers", words("Waivers of fines", "Exención de multas")),
];
const STATES: &[(&str, Words)] = &[
    ("queued", words("Being made", "En preparación")),
    ("ready", words("Made", "Hecho")),
    ("failed", words("Could not be made", "No se pudo hacer")),
];

pub(super) static MODEL: Model = Model {
    service: "expungement",
    name: "packet",
    table: "expungement.packet",
    label: words("Packet of forms", "Paquete de formularios"),
    plural: words("Packets of forms", "Paquetes de formularios"),
    about: words(
        "Packets too large for an answer, kept behind a link for a day. Small ones are answered at once and leave no trace.",
        "Paquetes demasiado grandes para una respuesta, guardados un día tras un enlace. Los pequeños no dejan rastro.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Asked", "Pedido").sortable(),
        Column::choice("kind", "Kind", "Tipo", KINDS),
        Column::choice("state", "State", "Estado", STATES),
        Column::timestamp("finished_at", "Finished", "Terminado"),
    ],
    list_display: &["created_at", "kind", "state", "finished_at"],
    list_filter: &[
        Filter::Column("kind"),
        Filter::Column("state"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    audit_kind: "packet",
    ..Model::READ_ONLY
};
