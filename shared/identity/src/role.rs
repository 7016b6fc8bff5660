//! What a member of an organisation may do.

use serde::{Deserialize, Serialize};

/// A member's role, from the least to the most: each may do what the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Editor,
    Admin,
    Owner,
}

/// Something that a role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See the organisation's data.
    View,
    /// Change the organisation's data.
    Edit,
    /// Invite people, change the roles of members, remove them.
    ManageMembers,
    /// Make and revoke API keys.
    ManageKeys,
    /// See who changed what.
    ViewHistory,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self >= match permission {
            Permission::View => Self::Viewer,
            Permission::Edit => Self::Editor,
            Permission::ManageMembers | Permission::ManageKeys | Permission::ViewHistory => Self::Admin,
        }
    }

    /// May somebody of this role give, change or take away the other role? Nobody reaches above themselves: only owners make
    /// owners.
    #[must_use]
    pub fn may_grant(self, other: Self) -> bool {
        self.may(Permission::ManageMembers) && other <= self
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reaches_above_themselves() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert!(role.may(Permission::View));
            for other in Role::ALL {
                let expected = role >= Role::Admin && other <= role;
                assert_eq!(role.may_grant(other), expected, "{role:?} {other:?}");
            }
        }
        assert!(!Role::Viewer.may(Permission::Edit));
        assert!(!Role::Editor.may(Permission::ManageKeys));
        assert!(Role::Admin.may(Permission::ViewHistory));
        assert_eq!(Role::parse("Owner"), None);
    }
}
