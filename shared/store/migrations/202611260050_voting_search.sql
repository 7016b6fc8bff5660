-- Search behind row-level security: PostgreSQL asks an index only by operators that cannot leak a row, which comparisons of texts
-- are, and lower() and like are not. So a collation compares without regard to case and accents, and a search is a range.

do $$
begin
    create collation platform.folded (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
exception when feature_not_supported then
    -- Only the packaged server of a machine that can have no other.
    raise warning 'this PostgreSQL is built without ICU: searches of the admin mind case and accents';
    create collation platform.folded from "C";
end $$;

drop index voting.registration_email, voting.registration_last_name, voting.registration_first_name,
    voting.lookup_email, voting.lookup_last_name, voting.lookup_first_name,
    voting.reminder_request_email, voting.reminder_request_last_name, voting.reminder_request_first_name;
create index registration_email on voting.registration (tenant_id, email collate platform.folded);
create index registration_last_name on voting.registration (tenant_id, last_name collate platform.folded);
create index registration_first_name on voting.registration (tenant_id, first_name collate platform.folded);
create index lookup_email on voting.lookup (tenant_id, email collate platform.folded);
create index lookup_last_name on voting.lookup (tenant_id, last_name collate platform.folded);
create index lookup_first_name on voting.lookup (tenant_id, first_name collate platform.folded);
create index reminder_request_email on voting.reminder_request (tenant_id, email collate platform.folded);
create index reminder_request_last_name on voting.reminder_request (tenant_id, last_name collate platform.folded);
create index reminder_request_first_name on voting.reminder_request (tenant_id, first_name collate platform.folded);
