//! Who asks, and whose rows they see.

use app::{Context, Permission, Role, SignedIn, Tenant, forbidden, see_other};
use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use ports::{Error, Result};
use store::{
    TenantId, Tx,
    audit::{Actor, Change},
};
use uuid::Uuid;

use crate::{
    model::{Model, Row, Scope},
    value::Value,
};

/// Somebody who signed in with a second factor. What they may see, each model decides.
pub(crate) struct Insider(pub(crate) SignedIn);

impl FromRequestParts<Context> for Insider {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Response> {
        let person = SignedIn::from_request_parts(parts, cx)
            .await
            .map_err(IntoResponse::into_response)?;
        if person.account.has_second_factor {
            Ok(Self(person))
        } else {
            Err(see_other("/account/second-factor?required=true"))
        }
    }
}

/// Somebody who may see a model.
pub(crate) struct Reader {
    pub(crate) person: SignedIn,
    pub(crate) tenant: Option<Tenant>,
    role: Option<Role>,
}

impl Reader {
    /// # Errors
    /// `NotFound` where the model is not for this organisation's plan; `Forbidden` where the role does not reach, and of an
    /// operators' model to anybody else.
    pub(crate) fn admit(person: SignedIn, model: &Model) -> Result<Self> {
        let reader = match model.scope {
            Scope::Operator if person.account.is_operator => Self {
                person,
                tenant: None,
                role: None,
            },
            Scope::Operator => {
                return Err(forbidden(person.t(
                    "Only operators of this installation may do this.",
                    "Solo pueden hacerlo los operadores de esta instalación.",
                )));
            }
            Scope::Tenant => {
                let Some((tenant, role)) = person.organization.clone() else {
                    return Err(forbidden(
                        person.t("Choose an organization first.", "Elija primero una organización."),
                    ));
                };
                if !(model.is_for)(&tenant) {
                    return Err(Error::not_found());
                }
                Self {
                    person,
                    tenant: Some(tenant),
                    role: Some(role),
                }
            }
        };
        reader.require(model.view)?;
        Ok(reader)
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        match (&self.tenant, self.role) {
            (Some(_), Some(role)) => role.may(permission),
            // Only operators get this far without an organisation.
            _ => self.person.account.is_operator,
        }
    }

    pub(crate) fn may_at_all(&self, permission: Option<Permission>) -> bool {
        permission.is_some_and(|permission| self.may(permission))
    }

    /// # Errors
    /// `Forbidden` where they may not.
    pub(crate) fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        Err(forbidden(self.person.t(
            "Your role in this organization does not allow this. Ask an owner or administrator.",
            "Su función en esta organización no lo permite. Pregunte a un propietario o administrador.",
        )))
    }

    /// # Errors
    /// `NotFound` where the model does not have it, `Forbidden` where they may not.
    pub(crate) fn require_some(&self, permission: Option<Permission>) -> Result<()> {
        self.require(permission.ok_or_else(Error::not_found)?)
    }

    pub(crate) fn tenant_id(&self) -> Option<TenantId> {
        self.tenant.as_ref().map(|tenant| tenant.id)
    }

    /// A transaction that sees what this reader may see.
    pub(crate) async fn begin(&self, cx: &Context) -> Result<Tx> {
        match self.tenant_id() {
            Some(tenant) => cx.db.begin(tenant).await,
            None => cx.db.begin_operator().await,
        }
    }

    /// Writes a change to the log: an organisation's where the row is one's, else the installation's.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        model: &'static Model,
        row: Option<&Row>,
        mut change: Entry,
    ) -> Result<()> {
        let change = Change {
            actor: Actor::Account(self.person.account.id),
            action: change.action,
            object_kind: model.audit_kind,
            object_id: std::mem::take(&mut change.object),
            before: change.before,
            after: change.after,
        };
        let owner = match (self.tenant_id(), row.zip(model.audit_tenant)) {
            (Some(tenant), _) => Some(tenant),
            (None, Some((row, column))) => match row.get(column) {
                Value::Uuid(id) => Some(TenantId(*id)),
                _ => None,
            },
            _ => None,
        };
        match owner {
            Some(tenant) => tx.audit_of(tenant, change).await,
            None => tx.audit_installation(change).await,
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.person.account.id
    }

    pub(crate) fn t<'a>(&self, english: &'a str, spanish: &'a str) -> &'a str {
        self.person.t(english, spanish)
    }
}

/// What is written of a change.
pub(crate) struct Entry {
    pub(crate) action: &'static str,
    pub(crate) object: String,
    pub(crate) before: Option<serde_json::Value>,
    pub(crate) after: Option<serde_json::Value>,
}
