-- The admin: operators see the rows of all organisations where a transaction says that it is an operator's, changes of what
-- belongs to the whole installation have a chain of their own, and lists of any length open by an index.

create function platform.is_operator_session() returns boolean language sql stable set search_path = ''
    as $$ select coalesce(current_setting('app.operator', true), '') = 'on' $$;

create policy membership_operator on platform.membership to commonweal_platform using (platform.is_operator_session());
create policy invitation_operator on platform.invitation to commonweal_platform using (platform.is_operator_session());
create policy api_key_operator on platform.api_key to commonweal_platform using (platform.is_operator_session());
create policy audit_chain_operator on platform.audit_chain to commonweal_platform using (platform.is_operator_session());
create policy audit_entry_operator on platform.audit_entry to commonweal_platform using (platform.is_operator_session());

-- The installation's own chain: what the states say, flags, form packs.
create policy audit_chain_installation on platform.audit_chain to commonweal_voting, commonweal_expungement
    using (id = '00000000-0000-0000-0000-000000000000');
create policy audit_entry_installation on platform.audit_entry to commonweal_voting, commonweal_expungement
    using (chain_id = '00000000-0000-0000-0000-000000000000');
create index audit_entry_at on platform.audit_entry (at, chain_id, position);

-- Who changed something, for its history.
create function platform.account_names(ids uuid[]) returns table (id uuid, name text)
    language sql stable security definer set search_path = ''
    as $$ select a.id, a.name from platform.account a where a.id = any(ids) $$;
revoke execute on function platform.account_names(uuid[]) from public;
grant execute on function platform.account_names(uuid[]) to commonweal_platform, commonweal_voting, commonweal_expungement;

-- Lists: a page goes on after the last row's time and id.
create index registration_list on voting.registration (tenant_id, created_at, id);
create index registration_status on voting.registration (tenant_id, status, created_at, id);
create index registration_state on voting.registration (tenant_id, state, created_at, id);
create index lookup_list on voting.lookup (tenant_id, created_at, id);
create index lookup_state on voting.lookup (tenant_id, state, created_at, id);
create index reminder_request_list on voting.reminder_request (tenant_id, created_at, id);
create index reminder_request_state on voting.reminder_request (tenant_id, state, created_at, id);
create index event_list on voting.event (tenant_id, created_at, id);
create index stored_file_list on voting.stored_file (tenant_id, created_at, id);
drop index voting.registration_tenant;
drop index voting.lookup_tenant;
drop index voting.reminder_request_tenant;

-- Search: each word is the beginning of a name or an address.
create index registration_email on voting.registration (tenant_id, lower(email) text_pattern_ops);
create index registration_last_name on voting.registration (tenant_id, lower(last_name) text_pattern_ops);
create index registration_first_name on voting.registration (tenant_id, lower(first_name) text_pattern_ops);
create index lookup_email on voting.lookup (tenant_id, lower(email) text_pattern_ops);
create index lookup_last_name on voting.lookup (tenant_id, lower(last_name) text_pattern_ops);
create index lookup_first_name on voting.lookup (tenant_id, lower(first_name) text_pattern_ops);
create index reminder_request_email on voting.reminder_request (tenant_id, lower(email) text_pattern_ops);
create index reminder_request_last_name on voting.reminder_request (tenant_id, lower(last_name) text_pattern_ops);
create index reminder_request_first_name on voting.reminder_request (tenant_id, lower(first_name) text_pattern_ops);
