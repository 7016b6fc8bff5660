-- Expungement knows who is signed in and writes to the audit log, as every service does.

grant select on platform.api_key to commonweal_expungement;
grant execute on function platform.signed_in(uuid, uuid), platform.api_key_by_id(uuid),
    platform.note_api_key_use(uuid, timestamptz) to commonweal_expungement;
grant select, insert on platform.audit_entry to commonweal_expungement;
grant select, insert, update on platform.audit_chain to commonweal_expungement;
