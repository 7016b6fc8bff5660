-- A mail's organisation is its invitation's.
alter table platform.account_mail drop column tenant_id;
