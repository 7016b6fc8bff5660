-- Voting: subscribers, what voters ask for, their files, and what the states say.

create schema voting;
grant usage on schema voting to commonweal_voting;

create table voting.state (
    code text primary key constraint state_code check (code ~ '^[A-Z]{2}$'),
    name text not null,
    territory boolean not null
);

create table voting.state_field (
    slug text primary key constraint state_field_slug check (slug ~ '^[a-z0-9_]{1,50}$'),
    long_name text not null,
    help_text text not null default '',
    field_format text not null
        constraint state_field_format check (field_format in ('Markdown', 'Boolean', 'URL', 'Date'))
);

create table voting.state_information (
    state text not null references voting.state (code),
    field text not null references voting.state_field (slug),
    text text not null default '',
    notes text not null default '',
    modified_at timestamptz not null,
    primary key (state, field)
);
create index state_information_field on voting.state_information (field);

-- A tenant's settings for voting. Public: they stand on the forms that voters see.
create table voting.subscriber (
    tenant_id uuid primary key references platform.tenant (id),
    url text not null default '',
    email text not null default '',
    privacy_policy text not null default '',
    terms_of_service text not null default '',
    sms_enabled boolean not null default true,
    sms_checkbox boolean not null default true,
    sms_checkbox_default boolean not null default false,
    sms_disclaimer text not null default ''
);
alter table voting.subscriber enable row level security;
create policy subscriber_read on voting.subscriber for select using (true);
create policy subscriber_own on voting.subscriber for all using (tenant_id = platform.current_tenant());

create table voting.action (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    tool text not null constraint action_tool check (tool in ('register', 'verify', 'absentee', 'locate', 'remind')),
    -- Fixed when created: a later change of plan reveals nothing of before.
    visible_to_subscriber boolean not null,
    language text not null default 'en' constraint action_language check (language in ('en', 'es')),
    created_at timestamptz not null,
    finished_at timestamptz
);
create index action_tenant on voting.action (tenant_id, created_at);

create table voting.event (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    action_id uuid not null references voting.action (id),
    event_type text not null,
    created_at timestamptz not null
);
create index event_action on voting.event (action_id, created_at);
create index event_type_created on voting.event (event_type, created_at);

create table voting.stored_file (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    action_id uuid references voting.action (id),
    kind text not null
        constraint stored_file_kind check (kind in ('RegForm', 'AbsForm', 'Report', 'BlankRegForms')),
    file_key text not null,
    name text not null,
    email text,
    token text not null,
    expires_at timestamptz not null,
    first_download_at timestamptz,
    purged_at timestamptz,
    created_at timestamptz not null
);
create index stored_file_purge on voting.stored_file (created_at) where purged_at is null;
create index stored_file_action on voting.stored_file (action_id);

-- Uploads come before anything else of the voter, so they have no tenant yet.
create table voting.secure_upload (
    id uuid primary key,
    upload_type text not null constraint secure_upload_type check (upload_type in ('Signature')),
    content_type text not null,
    file_key text not null,
    purged_at timestamptz,
    created_at timestamptz not null
);
create index secure_upload_purge on voting.secure_upload (created_at) where purged_at is null;

create table voting.registration (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    action_id uuid not null unique references voting.action (id),
    created_at timestamptz not null,
    modified_at timestamptz not null,
    status text not null
        constraint registration_status check (status in ('Incomplete', 'Pending', 'SentPDF', 'ReferOVR')),
    title text, first_name text, middle_name text, last_name text, suffix text,
    date_of_birth date, email text, phone text,
    address1 text, address2 text, city text, state text references voting.state (code), zipcode text,
    previous_title text, previous_first_name text, previous_middle_name text, previous_last_name text,
    previous_suffix text, previous_address1 text, previous_address2 text, previous_city text,
    previous_state text references voting.state (code), previous_zipcode text,
    mailing_address1 text, mailing_address2 text, mailing_city text,
    mailing_state text references voting.state (code), mailing_zipcode text,
    gender text, race_ethnicity text, party text,
    us_citizen boolean not null default false,
    sms_opt_in boolean, sms_opt_in_subscriber boolean not null default false,
    referring_tool text,
    state_fields jsonb,
    custom_ovr_link text,
    file_id uuid references voting.stored_file (id),
    embed_url text, utm_campaign text, utm_source text, utm_medium text, utm_term text, utm_content text,
    session_id uuid, source text, email_referrer text, mobile_referrer text
);
create index registration_tenant on voting.registration (tenant_id, created_at);

create table voting.lookup (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    action_id uuid not null unique references voting.action (id),
    created_at timestamptz not null,
    first_name text not null, last_name text not null, date_of_birth date not null, email text not null, phone text,
    address1 text not null, address2 text, city text not null,
    state text not null references voting.state (code), zipcode text not null,
    age integer,
    sms_opt_in boolean, sms_opt_in_subscriber boolean not null default false,
    registered boolean not null,
    voter_status text not null constraint lookup_voter_status check (voter_status in ('Active', 'Inactive', 'Unknown')),
    too_many boolean not null,
    last_updated timestamptz,
    response jsonb not null,
    embed_url text, utm_campaign text, utm_source text, utm_medium text, utm_term text, utm_content text,
    session_id uuid, source text, email_referrer text, mobile_referrer text
);
create index lookup_tenant on voting.lookup (tenant_id, created_at);

create table voting.reminder_request (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    action_id uuid not null unique references voting.action (id),
    created_at timestamptz not null,
    first_name text not null, last_name text not null, date_of_birth date not null, email text not null, phone text,
    address1 text not null, address2 text, city text not null,
    state text not null references voting.state (code), zipcode text not null,
    sms_opt_in boolean, sms_opt_in_subscriber boolean not null default false,
    embed_url text, utm_campaign text, utm_source text, utm_medium text, utm_term text, utm_content text,
    session_id uuid, source text, email_referrer text, mobile_referrer text
);
create index reminder_request_tenant on voting.reminder_request (tenant_id, created_at);

do $$
declare
    owned text;
begin
    foreach owned in array array['action', 'event', 'stored_file', 'registration', 'lookup', 'reminder_request'] loop
        execute format('alter table voting.%I enable row level security', owned);
        execute format(
            'create policy %I on voting.%I using (tenant_id = platform.current_tenant())', owned || '_own', owned);
    end loop;
end $$;

-- A voter holds an id and no tenant: the id itself is the permission. These tell whose it is, and nothing else.
create function voting.tenant_of_action(wanted uuid) returns uuid
    language sql stable security definer set search_path = ''
    as $$ select a.tenant_id from voting.action a where a.id = wanted $$;
create function voting.tenant_of_registration(wanted uuid) returns uuid
    language sql stable security definer set search_path = ''
    as $$ select r.tenant_id from voting.registration r where r.id = wanted $$;
create function voting.tenant_of_file(wanted uuid) returns uuid
    language sql stable security definer set search_path = ''
    as $$ select f.tenant_id from voting.stored_file f where f.id = wanted $$;
-- The purge works through all tenants' old files, by id and key only.
create function voting.files_to_purge(before timestamptz, most integer)
    returns table (id uuid, tenant_id uuid, file_key text)
    language sql stable security definer set search_path = ''
    as $$ select f.id, f.tenant_id, f.file_key from voting.stored_file f
           where f.created_at < before and f.purged_at is null and f.kind <> 'Report' order by f.created_at limit most $$;

grant select, insert, update, delete on all tables in schema voting to commonweal_voting;
revoke update, delete on voting.event from commonweal_voting;
