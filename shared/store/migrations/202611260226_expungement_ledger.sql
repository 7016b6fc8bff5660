-- What staff and operators see of paperwork in the admin: that it was asked for, how much, and what became of it. Neither records
-- nor names are here: they lie sealed in private files, for a day.

create table expungement.bulk_job (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    records integer not null,
    chunks integer not null,
    with_summaries boolean not null,
    -- The day that the answers are for.
    judged_for date not null,
    language text not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint bulk_job_counts check (records > 0 and chunks > 0),
    constraint bulk_job_language check (language in ('en', 'es'))
);
create index bulk_job_created on expungement.bulk_job (tenant_id, created_at, id);
alter table expungement.bulk_job enable row level security;
create policy bulk_job_own on expungement.bulk_job using (tenant_id = platform.current_tenant());

-- Packets belong to nobody that we know: whoever asked for one has its link.
create table expungement.packet (
    id uuid primary key,
    kind text not null,
    state text not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint packet_kind check (kind in ('motions', 'waivers')),
    constraint packet_state check (state in ('queued', 'ready', 'failed')),
    constraint packet_finished check ((state = 'queued') = (finished_at is null))
);
create index packet_created on expungement.packet (created_at, id);

grant select, insert, update, delete on expungement.bulk_job, expungement.packet to commonweal_expungement;
