-- A session has its row from its beginning, so that what ends sessions also ends one that still waits for its second factor. Only
-- complete ones are listed.
alter table platform.session add column is_complete boolean not null default true;

-- Connecting a provider changes who gets in, and is told by mail as a new passkey is.
alter table platform.account_mail drop constraint account_mail_kind;
alter table platform.account_mail add constraint account_mail_kind check (kind in
    ('password_reset', 'email_change', 'email_changed', 'password_changed', 'invitation', 'passkey_added', 'passkey_removed',
     'provider_connected', 'provider_disconnected'));

-- What a provider changes (roles by its claims, sessions that it ends) is no operator's doing.
alter table platform.audit_entry drop constraint audit_entry_actor;
alter table platform.audit_entry add constraint audit_entry_actor check (actor_kind in ('account', 'api_key', 'system', 'provider'));
