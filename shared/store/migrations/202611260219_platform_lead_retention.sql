-- Who asked to join is forgotten after a while: see platform-outbox-relay.

grant delete on platform.lead to commonweal_platform;
create index lead_decided_at on platform.lead (decided_at);
alter table platform.subscription drop constraint subscription_lead_id_fkey,
    add constraint subscription_lead_id_fkey foreign key (lead_id) references platform.lead (id) on delete set null;
create index subscription_lead on platform.subscription (lead_id);
