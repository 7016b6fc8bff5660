-- Sign-in by providers of OpenID Connect. What they are is configuration (the secret `openid-providers`); here is whom they vouch for.

create table platform.external_identity (
    issuer text not null constraint external_identity_issuer_length check (length(issuer) between 1 and 512),
    subject text not null constraint external_identity_subject_length check (length(subject) between 1 and 255),
    account_id uuid not null references platform.account (id) on delete cascade,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    primary key (issuer, subject)
);
create index external_identity_account on platform.external_identity (account_id);

-- Null: the role was given by hand, and no provider changes it. Else the issuer whose claims gave it, and may take it away.
alter table platform.membership add column issuer text;

-- The provider whose sign-in a session stands on, and its own name for the session (`sid`), by which it ends it.
alter table platform.session add column provider text, add column provider_session text;
create index session_provider on platform.session (provider, provider_session) where provider is not null and ended_at is null;

-- The roles of a person, and who gave them.
create function platform.roles_of(account uuid) returns table (tenant_id uuid, role text, issuer text)
    language sql stable security definer set search_path = ''
    as $$ select m.tenant_id, m.role, m.issuer from platform.membership m where m.account_id = account $$;
revoke execute on function platform.roles_of(uuid) from public;
grant execute on function platform.roles_of(uuid) to commonweal_platform;

grant select, insert, update, delete on platform.external_identity to commonweal_platform;
