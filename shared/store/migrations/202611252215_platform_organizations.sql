-- Organisations that ask to join, and what the installation's operators keep of those that did.

-- Somebody asks for an organisation to join. Read by operators only: nobody else's page reads this table.
create table platform.lead (
    id uuid primary key,
    organization text not null constraint lead_organization_length check (length(organization) between 1 and 256),
    website text not null,
    first_name text not null,
    last_name text not null,
    email text not null constraint lead_email_length check (length(email) between 3 and 254),
    phone text,
    plan text not null constraint lead_plan check (plan in ('premium', 'nonprofit')),
    -- Employer identification number, as the Internal Revenue Service writes it.
    ein text constraint lead_ein check (ein ~ '^[0-9]{2}-[0-9]{7}$'),
    sms_mode text not null constraint lead_sms_mode check (sms_mode in ('none', 'auto_opt_in', 'box_unchecked', 'box_checked')),
    language text not null constraint lead_language check (language in ('en', 'es')),
    status text not null default 'pending' constraint lead_status check (status in ('pending', 'active', 'rejected')),
    reject_reason text,
    -- What it became.
    organization_id uuid references platform.tenant (id),
    decided_by uuid references platform.account (id) on delete set null,
    decided_at timestamptz,
    created_at timestamptz not null,
    constraint lead_decided check ((status = 'pending') = (decided_at is null)),
    constraint lead_nonprofit check (plan <> 'nonprofit' or ein is not null)
);
create index lead_list on platform.lead (created_at, id);
create index lead_pending on platform.lead (created_at, id) where status = 'pending';

-- Whom to reach at an organisation about its plan, and what operators note.
create table platform.subscription (
    tenant_id uuid primary key references platform.tenant (id),
    lead_id uuid references platform.lead (id),
    first_name text not null default '',
    last_name text not null default '',
    email text not null default '',
    phone text not null default '',
    ein text not null default '',
    internal_notes text not null default '',
    language text not null default 'en' constraint subscription_language check (language in ('en', 'es'))
);
alter table platform.subscription enable row level security;
create policy subscription_own on platform.subscription using (tenant_id = platform.current_tenant());
grant select, insert, update on platform.lead, platform.subscription to commonweal_platform;

-- What the platform may write of the voting service's organisations: that there is one, and its website.
create function voting.open_subscriber(website text, enabled boolean, checkbox boolean, checkbox_default boolean) returns void
    language sql security definer set search_path = ''
    as $$
        insert into voting.subscriber (tenant_id, url, sms_enabled, sms_checkbox, sms_checkbox_default)
        values (platform.current_tenant(), website, enabled, checkbox, checkbox_default)
        on conflict (tenant_id) do nothing
    $$;
create function voting.website() returns text
    language sql stable security definer set search_path = ''
    as $$ select s.url from voting.subscriber s where s.tenant_id = platform.current_tenant() $$;
create function voting.set_website(website text) returns void
    language sql security definer set search_path = ''
    as $$
        insert into voting.subscriber (tenant_id, url) values (platform.current_tenant(), website)
        on conflict (tenant_id) do update set url = excluded.url
    $$;
grant usage on schema voting to commonweal_platform;
-- What the schema's door kept from others until now.
revoke execute on function voting.tenant_of_action(uuid), voting.tenant_of_registration(uuid), voting.tenant_of_file(uuid),
    voting.files_to_purge(timestamptz, integer) from public;
grant execute on function voting.tenant_of_action(uuid), voting.tenant_of_registration(uuid), voting.tenant_of_file(uuid),
    voting.files_to_purge(timestamptz, integer) to commonweal_voting;
revoke execute on function voting.open_subscriber(text, boolean, boolean, boolean), voting.website(), voting.set_website(text)
    from public;
grant execute on function voting.open_subscriber(text, boolean, boolean, boolean), voting.website(), voting.set_website(text)
    to commonweal_platform;

-- Whose key it is, and whether that organisation may still use it.
drop function platform.api_key_by_id(uuid);
create function platform.api_key_by_id(key_id uuid)
    returns table (tenant_id uuid, secret_hash bytea, kind text, scopes text[], daily_quota integer, last_used_at timestamptz,
                   tenant_status text)
    language sql stable security definer set search_path = ''
    as $$
        select k.tenant_id, k.secret_hash, k.kind, k.scopes, k.daily_quota, k.last_used_at, t.status
          from platform.api_key k join platform.tenant t on t.id = k.tenant_id
         where k.id = key_id and k.deactivated_at is null
    $$;
-- The organisations of a person that are disabled: to say so.
create function platform.disabled_organizations_of(account uuid) returns table (name text)
    language sql stable security definer set search_path = ''
    as $$
        select t.name from platform.membership m
          join platform.tenant t on t.id = m.tenant_id and t.status = 'disabled'
         where m.account_id = account
    $$;
-- A colleague of an organisation that is not disabled.
create or replace function platform.member(account uuid) returns table (email text, name text, language text)
    language sql stable security definer set search_path = ''
    as $$
        select a.email, a.name, a.language
          from platform.membership m
          join platform.account a on a.id = m.account_id and a.status = 'active'
          join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where m.tenant_id = platform.current_tenant() and m.account_id = account
    $$;
revoke execute on function platform.api_key_by_id(uuid), platform.disabled_organizations_of(uuid) from public;
grant execute on function platform.api_key_by_id(uuid) to commonweal_platform, commonweal_voting, commonweal_expungement;
grant execute on function platform.disabled_organizations_of(uuid) to commonweal_platform;

-- Counting reads this alone, whatever index lists are sorted by.
create index action_counted on voting.action (tenant_id, created_at) include (tool);
drop index if exists voting.action_tenant;
