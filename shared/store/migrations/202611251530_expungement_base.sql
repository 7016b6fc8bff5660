-- Expungement: a role that reads form packs and uses the outbox. Court records are never stored here: they live an hour at
-- most, sealed, in the key-value store.

do $$
begin
    if not exists (select from pg_roles where rolname = 'commonweal_expungement') then
        create role commonweal_expungement login;
    end if;
    grant commonweal_expungement to current_user;
    alter role commonweal_expungement set statement_timeout = '5s';
    alter role commonweal_expungement set lock_timeout = '2s';
    alter role commonweal_expungement set idle_in_transaction_session_timeout = '10s';
    -- On RDS the services log in with tokens signed by IAM.
    if exists (select from pg_roles where rolname = 'rds_iam') then
        grant rds_iam to commonweal_expungement;
    end if;
end $$;

create schema expungement;
grant usage on schema platform, expungement to commonweal_expungement;
grant select on platform.tenant, platform.tenant_slug, platform.feature_flag, platform.form_pack to commonweal_expungement;
grant select, insert, update, delete on platform.outbox, platform.job_done, platform.idempotency to commonweal_expungement;
