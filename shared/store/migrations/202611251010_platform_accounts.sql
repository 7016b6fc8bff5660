-- Accounts: who signs in, to which organisations they belong, what they were mailed, and who changed what.
--
-- Every table with a tenant is under row-level security, for the platform's own role as well: a handler that forgets the tenant
-- sees nothing. What must be asked before the tenant is known (whose session, key, invitation is this?) is answered by
-- functions that return one row for one id.

create table platform.account (
    id uuid primary key,
    email text not null constraint account_email_length check (length(email) between 3 and 254),
    name text not null constraint account_name_length check (length(name) <= 256),
    language text not null default 'en' constraint account_language check (language in ('en', 'es')),
    time_zone text not null default 'America/New_York',
    status text not null default 'active' constraint account_status check (status in ('active', 'disabled')),
    -- A PHC string with its parameters.
    password_hash text not null,
    -- Encrypted (AES-256-GCM) under the secret `account-key`, bound to this row. Null: no second factor yet.
    totp_secret bytea,
    -- The 30-second step of the last code that was taken: a code works once.
    totp_last_step bigint,
    -- The organisation that was worked in last.
    last_tenant_id uuid references platform.tenant (id),
    created_at timestamptz not null
);
create unique index account_email on platform.account (lower(email));

create table platform.recovery_code (
    account_id uuid not null references platform.account (id) on delete cascade,
    -- Keyed with the secret `account-key`: a stolen table is no list to try offline.
    digest bytea not null,
    primary key (account_id, digest)
);

-- One row per sign-in, to list and to revoke. The session itself lives in the key-value store under the digest of its token.
create table platform.session (
    id uuid primary key,
    account_id uuid not null references platform.account (id) on delete cascade,
    token_digest text not null,
    -- What the browser says it is, shortened to product and system.
    device text not null,
    created_at timestamptz not null,
    ended_at timestamptz
);
create index session_account on platform.session (account_id, created_at);

create table platform.membership (
    tenant_id uuid not null references platform.tenant (id),
    account_id uuid not null references platform.account (id) on delete cascade,
    role text not null constraint membership_role check (role in ('viewer', 'editor', 'admin', 'owner')),
    created_at timestamptz not null,
    primary key (tenant_id, account_id)
);
create index membership_account on platform.membership (account_id);
alter table platform.membership enable row level security;
create policy membership_own on platform.membership using (tenant_id = platform.current_tenant());

create table platform.invitation (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    email text not null constraint invitation_email_length check (length(email) between 3 and 254),
    role text not null constraint invitation_role check (role in ('viewer', 'editor', 'admin', 'owner')),
    -- Null: by the operator.
    invited_by uuid references platform.account (id) on delete set null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz
);
-- One open invitation of a person to an organisation.
create unique index invitation_open on platform.invitation (tenant_id, lower(email))
    where accepted_at is null and revoked_at is null;
alter table platform.invitation enable row level security;
create policy invitation_own on platform.invitation using (tenant_id = platform.current_tenant());

-- A mail with a link, asked for and not yet used. Messages of the queue carry only its id; the link's token is a signature of
-- that id, so that nothing that opens a door lies in a table or a queue.
create table platform.account_mail (
    id uuid primary key,
    kind text not null constraint account_mail_kind
        check (kind in ('password_reset', 'email_change', 'email_changed', 'password_changed', 'invitation')),
    email text not null constraint account_mail_email_length check (length(email) between 3 and 254),
    language text not null constraint account_mail_language check (language in ('en', 'es')),
    -- Of a reset: found when it is mailed, so that asking takes the same time for every address.
    account_id uuid references platform.account (id) on delete cascade,
    tenant_id uuid references platform.tenant (id),
    invitation_id uuid references platform.invitation (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    sent_at timestamptz,
    used_at timestamptz
);
create index account_mail_created on platform.account_mail (created_at);

alter table platform.api_key
    add column kind text not null default 'live' constraint api_key_kind check (kind in ('live', 'test')),
    -- The first characters, to know it again; empty for keys made before they had a prefix.
    add column hint text not null default '',
    add column scopes text[] not null default '{voting}',
    -- Calls a day (UTC).
    add column daily_quota integer not null default 10000 constraint api_key_quota check (daily_quota > 0),
    add column created_by uuid references platform.account (id) on delete set null,
    add column last_used_at timestamptz;
drop policy api_key_platform on platform.api_key;

-- What was changed, by whom: append-only. Each entry's hash covers the one before it in its chain; a chain is an organisation's,
-- or an account's own.
create table platform.audit_chain (
    id uuid primary key,
    tenant_id uuid references platform.tenant (id),
    length bigint not null,
    head bytea not null
);
create table platform.audit_entry (
    chain_id uuid not null references platform.audit_chain (id),
    position bigint not null,
    tenant_id uuid references platform.tenant (id),
    at timestamptz not null,
    actor_kind text not null constraint audit_entry_actor check (actor_kind in ('account', 'api_key', 'system')),
    actor_id uuid,
    action text not null,
    object_kind text not null,
    object_id text not null,
    -- JSON as text, for it is hashed to the byte; personal fields are masked.
    before text,
    after text,
    hash bytea not null,
    primary key (chain_id, position)
);
create index audit_entry_object on platform.audit_entry (object_kind, object_id);
alter table platform.audit_chain enable row level security;
create policy audit_chain_own on platform.audit_chain using (tenant_id = platform.current_tenant());
create policy audit_chain_account on platform.audit_chain to commonweal_platform using (tenant_id is null);
alter table platform.audit_entry enable row level security;
create policy audit_entry_own on platform.audit_entry using (tenant_id = platform.current_tenant());
create policy audit_entry_account on platform.audit_entry to commonweal_platform using (tenant_id is null);

create function platform.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
create trigger audit_entry_append_only before update or delete or truncate on platform.audit_entry
    for each statement execute function platform.refuse_change();

-- Who works in this session, and where. No row: the session has ended, or its account is disabled.
create function platform.signed_in(session_id uuid, tenant uuid)
    returns table (account_id uuid, email text, name text, language text, time_zone text, has_second_factor boolean,
                   tenant_id uuid, tenant_name text, tenant_slug text, plan text, is_first_party boolean, role text)
    language sql stable security definer set search_path = ''
    as $$
        select a.id, a.email, a.name, a.language, a.time_zone, a.totp_secret is not null,
               t.id, t.name, (select min(g.slug) from platform.tenant_slug g where g.tenant_id = t.id), t.plan, t.is_first_party,
               m.role
          from platform.session s
          join platform.account a on a.id = s.account_id and a.status = 'active'
          left join platform.membership m on m.account_id = a.id and m.tenant_id = tenant
          left join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where s.id = session_id and s.ended_at is null
    $$;

-- The organisations of a person.
create function platform.organizations_of(account uuid)
    returns table (tenant_id uuid, name text, slug text, role text)
    language sql stable security definer set search_path = ''
    as $$
        select t.id, t.name, (select min(g.slug) from platform.tenant_slug g where g.tenant_id = t.id), m.role
          from platform.membership m
          join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where m.account_id = account
    $$;

-- The organisation of an invitation, for who holds its link.
create function platform.invitation_by_id(invitation uuid) returns table (tenant_id uuid)
    language sql stable security definer set search_path = ''
    as $$ select i.tenant_id from platform.invitation i where i.id = invitation $$;

drop function platform.api_key_by_id(uuid);
create function platform.api_key_by_id(key_id uuid)
    returns table (tenant_id uuid, secret_hash bytea, kind text, scopes text[], daily_quota integer, last_used_at timestamptz)
    language sql stable security definer set search_path = ''
    as $$
        select k.tenant_id, k.secret_hash, k.kind, k.scopes, k.daily_quota, k.last_used_at
          from platform.api_key k where k.id = key_id and k.deactivated_at is null
    $$;
create function platform.note_api_key_use(key_id uuid, used_at timestamptz) returns void
    language sql security definer set search_path = ''
    as $$ update platform.api_key set last_used_at = used_at where id = key_id $$;

revoke execute on function platform.signed_in(uuid, uuid), platform.organizations_of(uuid), platform.invitation_by_id(uuid),
    platform.api_key_by_id(uuid), platform.note_api_key_use(uuid, timestamptz) from public;
grant execute on function platform.signed_in(uuid, uuid), platform.api_key_by_id(uuid),
    platform.note_api_key_use(uuid, timestamptz) to commonweal_platform, commonweal_voting;
grant execute on function platform.organizations_of(uuid), platform.invitation_by_id(uuid) to commonweal_platform;

grant select, insert, update, delete on platform.account, platform.recovery_code, platform.session, platform.membership,
    platform.invitation, platform.account_mail to commonweal_platform;
grant select, insert on platform.audit_entry to commonweal_platform, commonweal_voting;
grant select, insert, update on platform.audit_chain to commonweal_platform, commonweal_voting;
