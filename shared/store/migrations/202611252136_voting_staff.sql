-- What the staff of an organisation see and ask for: counts, settings, reports.

-- How often voters began and finished what they came for, by the hour in which they did. The hours are counted anew, not added
-- to: what was committed late, came by an import or was deleted is right after the next count.
create table voting.hourly_count (
    tenant_id uuid not null references platform.tenant (id),
    tool text not null,
    hour timestamptz not null,
    started bigint not null,
    finished bigint not null,
    primary key (tenant_id, hour, tool)
);
create index hourly_count_hour on voting.hourly_count (hour);
-- One row: when the newest hours were counted last, and down to where the earlier ones were counted again.
create table voting.count_run (
    singleton boolean primary key default true constraint count_run_singleton check (singleton),
    counted_at timestamptz not null,
    swept_to timestamptz not null
);
-- Counting reads these alone.
drop index voting.action_tenant;
create index action_tenant on voting.action (tenant_id, created_at) include (tool);
create index action_finished on voting.action (tenant_id, finished_at) include (tool) where finished_at is not null;

-- Counts the hours from `since` to `before` of all organisations. Two at once wait for each other.
create function voting.count_hours(since timestamptz, before timestamptz) returns void
    language plpgsql security definer set search_path = ''
    as $$
    begin
        lock table voting.hourly_count in share row exclusive mode;
        delete from voting.hourly_count h where h.hour >= since and h.hour < before;
        insert into voting.hourly_count (tenant_id, tool, hour, started, finished)
        select t.id, c.tool, c.hour, sum(c.started), sum(c.finished)
          from platform.tenant t
         cross join lateral (
                select a.tool, date_trunc('hour', a.created_at, 'UTC') as hour, count(*) as started, 0 as finished
                  from voting.action a
                 where a.tenant_id = t.id and a.created_at >= since and a.created_at < before
                 group by 1, 2
                union all
                select a.tool, date_trunc('hour', a.finished_at, 'UTC'), 0, count(*)
                  from voting.action a
                 where a.tenant_id = t.id and a.finished_at >= since and a.finished_at < before
                 group by 1, 2
               ) c
         group by 1, 2, 3;
    end $$;
-- The first moment that there may be something to count, or to count no longer.
create function voting.counting_begins() returns timestamptz
    language sql stable security definer set search_path = ''
    as $$
        select least(
            (select min(f.created_at)
               from platform.tenant t
              cross join lateral (
                     select a.created_at from voting.action a where a.tenant_id = t.id order by a.created_at limit 1) f),
            (select min(h.hour) from voting.hourly_count h))
    $$;

-- A table of voters that somebody asked for. The file itself is a stored file, with the link that is mailed.
create table voting.report (
    id uuid primary key,
    tenant_id uuid not null references platform.tenant (id),
    kind text not null constraint report_kind check (kind in ('register', 'verify', 'remind')),
    -- Voters who came in from `since` to `before`; without a lower bound, from the first.
    since timestamptz,
    before timestamptz not null,
    -- Who asked. No reference: accounts are the platform's.
    author_id uuid not null,
    status text not null default 'pending' constraint report_status check (status in ('pending', 'ready', 'failed')),
    -- Why there is none, as a code.
    failure text,
    row_count bigint,
    file_id uuid references voting.stored_file (id),
    created_at timestamptz not null,
    finished_at timestamptz
);
create index report_tenant on voting.report (tenant_id, created_at);
create index report_file on voting.report (file_id);

do $$
declare
    owned text;
begin
    foreach owned in array array['hourly_count', 'report'] loop
        execute format('alter table voting.%I enable row level security', owned);
        execute format(
            'create policy %I on voting.%I using (tenant_id = platform.current_tenant())', owned || '_own', owned);
    end loop;
end $$;
grant select on voting.hourly_count to commonweal_voting;
grant select, insert, update on voting.count_run to commonweal_voting;
grant select, insert, update on voting.report to commonweal_voting;

-- Reports hold more about people than any other file: they go after as long as the others.
create or replace function voting.files_to_purge(before timestamptz, most integer)
    returns table (id uuid, tenant_id uuid, file_key text)
    language sql stable security definer set search_path = ''
    as $$ select f.id, f.tenant_id, f.file_key from voting.stored_file f
           where f.created_at < before and f.purged_at is null order by f.created_at limit most $$;

-- What a service may know and change of the organisation that it works for now.
create function platform.rename_organization(new_name text) returns void
    language sql security definer set search_path = ''
    as $$ update platform.tenant set name = new_name where id = platform.current_tenant() $$;
-- A colleague, to write to: no longer there once they left.
create function platform.member(account uuid) returns table (email text, name text, language text)
    language sql stable security definer set search_path = ''
    as $$
        select a.email, a.name, a.language
          from platform.membership m
          join platform.account a on a.id = m.account_id and a.status = 'active'
         where m.tenant_id = platform.current_tenant() and m.account_id = account
    $$;
-- The name of who changed something here, also after they left.
create function platform.actor_name(account uuid) returns text
    language sql stable security definer set search_path = ''
    as $$
        select a.name from platform.account a
         where a.id = account
           and exists (select from platform.audit_entry e
                        where e.tenant_id = platform.current_tenant() and e.actor_kind = 'account' and e.actor_id = account)
    $$;
create index audit_entry_actor on platform.audit_entry (tenant_id, actor_id);

revoke execute on function voting.count_hours(timestamptz, timestamptz), voting.counting_begins(),
    platform.rename_organization(text), platform.member(uuid), platform.actor_name(uuid) from public;
grant execute on function voting.count_hours(timestamptz, timestamptz), voting.counting_begins(),
    platform.rename_organization(text), platform.member(uuid), platform.actor_name(uuid) to commonweal_voting;
