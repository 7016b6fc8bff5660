//! What the platform's models have alike.

use admin::{Kind, Reference, Words, words};

pub(super) static ORGANIZATION: Reference = Reference {
    table: "platform.tenant",
    key: "id",
    key_kind: Kind::Uuid,
    label: "r.name",
    search: "r.name",
    has_tenant: false,
    path: "/admin/platform/organization",
};
pub(super) static ACCOUNT: Reference = Reference {
    table: "platform.account",
    key: "id",
    key_kind: Kind::Uuid,
    label: "r.name || ' <' || r.email || '>'",
    search: "r.email",
    has_tenant: false,
    path: "/admin/platform/account",
};

pub(super) const STATUSES: &[(&str, Words)] = &[
    ("active", words("Active", "Activa")),
    ("disabled", words("Disabled", "Desactivada")),
];
pub(super) const ROLES: &[(&str, Words)] = &[
    ("viewer", words("Viewer", "Lector")),
    ("editor", words("Editor", "Editor")),
    ("admin", words("Administrator", "Administrador")),
    ("owner", words("Owner", "Propietario")),
];
pub(super) const LANGUAGES: &[(&str, Words)] = &[
    ("en", words("English", "Inglés")),
    ("es", words("Spanish", "Español")),
];
