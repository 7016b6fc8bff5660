-- The ground that all services stand on: roles, tenants, keys, the outbox, idempotency, flags, form packs.

do $$
declare
    service_role text;
begin
    foreach service_role in array array['commonweal_platform', 'commonweal_voting'] loop
        if not exists (select from pg_roles where rolname = service_role) then
            execute format('create role %I login', service_role);
        end if;
        execute format('grant %I to current_user', service_role);
        execute format('alter role %I set statement_timeout = %L', service_role, '5s');
        execute format('alter role %I set lock_timeout = %L', service_role, '2s');
        execute format('alter role %I set idle_in_transaction_session_timeout = %L', service_role, '10s');
        -- On RDS the services log in with tokens signed by IAM.
        if exists (select from pg_roles where rolname = 'rds_iam') then
            execute format('grant rds_iam to %I', service_role);
        end if;
    end loop;
end $$;

create schema platform;
grant usage on schema platform to commonweal_platform, commonweal_voting;
grant select on public.commonweal_migration to commonweal_platform;

-- The tenant of this transaction, or null outside of one.
create function platform.current_tenant() returns uuid language sql stable
    as $$ select nullif(current_setting('app.tenant', true), '')::uuid $$;

create table platform.tenant (
    id uuid primary key,
    name text not null,
    status text not null default 'active' constraint tenant_status check (status in ('active', 'disabled')),
    plan text not null default 'free' constraint tenant_plan check (plan in ('free', 'premium', 'nonprofit')),
    is_first_party boolean not null default false,
    created_at timestamptz not null
);
create index tenant_created_at on platform.tenant (created_at, id);

create table platform.tenant_slug (
    slug text primary key constraint tenant_slug_form check (slug ~ '^[a-z0-9_-]{1,50}$'),
    tenant_id uuid not null references platform.tenant (id)
);
create index tenant_slug_tenant on platform.tenant_slug (tenant_id);
-- Slugs are public: they stand in links. Only the platform writes them.
alter table platform.tenant_slug enable row level security;
create policy tenant_slug_read on platform.tenant_slug for select using (true);
create policy tenant_slug_write on platform.tenant_slug for all to commonweal_platform using (true) with check (true);

create table platform.api_key (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    -- SHA-256 of a secret of 256 random bits: no slow hash is needed where nothing can be guessed.
    secret_hash bytea not null,
    description text not null default '',
    created_at timestamptz not null,
    deactivated_at timestamptz
);
create index api_key_tenant on platform.api_key (tenant_id);
alter table platform.api_key enable row level security;
create policy api_key_own on platform.api_key using (tenant_id = platform.current_tenant());
create policy api_key_platform on platform.api_key for all to commonweal_platform using (true) with check (true);
-- The bearer of a key does not know the tenant yet: this answers whose key it is, for that key alone.
create function platform.api_key_by_id(key_id uuid) returns table (tenant_id uuid, secret_hash bytea)
    language sql stable security definer set search_path = ''
    as $$ select k.tenant_id, k.secret_hash from platform.api_key k where k.id = key_id and k.deactivated_at is null $$;

create table platform.outbox (
    id uuid primary key,
    queue text not null,
    body text not null,
    due_at timestamptz not null,
    created_at timestamptz not null,
    claimed_until timestamptz not null,
    attempts integer not null default 0
);
create index outbox_due on platform.outbox (due_at, claimed_until);

create table platform.job_done (
    job_id uuid primary key,
    done_at timestamptz not null
);
create index job_done_at on platform.job_done (done_at);

create table platform.idempotency (
    scope text primary key constraint idempotency_scope_length check (length(scope) <= 512),
    body_hash bytea not null,
    answer jsonb,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index idempotency_expires on platform.idempotency (expires_at);

create table platform.feature_flag (
    name text primary key,
    enabled boolean not null,
    variables jsonb not null default '{}',
    modified_at timestamptz not null
);

create table platform.form_pack (
    id uuid primary key,
    service text not null,
    purpose text not null,
    jurisdiction text not null,
    version integer not null constraint form_pack_version check (version > 0),
    title text not null,
    edition text not null,
    sha256 text not null,
    mapping text not null,
    file_key text not null,
    created_at timestamptz not null,
    constraint form_pack_once unique (service, purpose, jurisdiction, version)
);

grant select, insert, update, delete on all tables in schema platform to commonweal_platform;
grant select on platform.tenant, platform.tenant_slug, platform.feature_flag, platform.form_pack, platform.api_key
    to commonweal_voting;
grant select, insert, update, delete on platform.outbox, platform.job_done, platform.idempotency to commonweal_voting;
