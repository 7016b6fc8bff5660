-- Passkeys (WebAuthn): what proves that somebody holds the key, and is who it was made for. All of it is public.
create table platform.passkey (
    id uuid primary key,
    account_id uuid not null references platform.account (id) on delete cascade,
    -- What the authenticator calls it.
    credential_id bytea not null constraint passkey_credential_id_length check (octet_length(credential_id) between 1 and 1023),
    -- COSE (RFC 9052 §7).
    public_key bytea not null constraint passkey_public_key_length check (octet_length(public_key) <= 2048),
    -- Of the last use: one that does not grow is the sign of a copy. 0: this authenticator does not count.
    sign_count bigint not null constraint passkey_sign_count check (sign_count between 0 and 4294967295),
    -- May it be synchronised to other devices, and is it?
    backup_eligible boolean not null,
    backed_up boolean not null,
    -- How the browser reaches it: `internal`, `hybrid`, `usb`, …
    transports text[] not null default '{}',
    name text not null constraint passkey_name_length check (length(name) between 1 and 60),
    created_at timestamptz not null,
    last_used_at timestamptz
);
create unique index passkey_credential_id on platform.passkey (credential_id);
create index passkey_account on platform.passkey (account_id, created_at);
grant select, insert, update, delete on platform.passkey to commonweal_platform;

-- What authenticators call the account: random, so that who finds an authenticator learns no id of ours. Null: no passkey yet.
alter table platform.account add column passkey_handle uuid constraint account_passkey_handle unique;

alter table platform.account_mail drop constraint account_mail_kind;
alter table platform.account_mail add constraint account_mail_kind check (kind in
    ('password_reset', 'email_change', 'email_changed', 'password_changed', 'invitation', 'passkey_added', 'passkey_removed'));

-- A passkey is a second factor as well.
create or replace function platform.signed_in(session_id uuid, tenant uuid)
    returns table (account_id uuid, email text, name text, language text, time_zone text, has_second_factor boolean,
                   is_operator boolean, tenant_id uuid, tenant_name text, tenant_slug text, plan text, is_first_party boolean,
                   role text)
    language sql stable security definer set search_path = ''
    as $$
        select a.id, a.email, a.name, a.language, a.time_zone,
               a.totp_secret is not null or exists (select from platform.passkey p where p.account_id = a.id), a.is_operator,
               t.id, t.name, (select min(g.slug) from platform.tenant_slug g where g.tenant_id = t.id), t.plan, t.is_first_party,
               m.role
          from platform.session s
          join platform.account a on a.id = s.account_id and a.status = 'active'
          left join platform.membership m on m.account_id = a.id and m.tenant_id = tenant
          left join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where s.id = session_id and s.ended_at is null
    $$;
