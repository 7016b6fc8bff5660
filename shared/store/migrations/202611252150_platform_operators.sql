-- Operators run the installation: all organisations, what the states say, feature flags. Set by the operation platform-operator only.

alter table platform.account add column is_operator boolean not null default false;

drop function platform.signed_in(uuid, uuid);
create function platform.signed_in(session_id uuid, tenant uuid)
    returns table (account_id uuid, email text, name text, language text, time_zone text, has_second_factor boolean,
                   is_operator boolean, tenant_id uuid, tenant_name text, tenant_slug text, plan text, is_first_party boolean,
                   role text)
    language sql stable security definer set search_path = ''
    as $$
        select a.id, a.email, a.name, a.language, a.time_zone, a.totp_secret is not null, a.is_operator,
               t.id, t.name, (select min(g.slug) from platform.tenant_slug g where g.tenant_id = t.id), t.plan, t.is_first_party,
               m.role
          from platform.session s
          join platform.account a on a.id = s.account_id and a.status = 'active'
          left join platform.membership m on m.account_id = a.id and m.tenant_id = tenant
          left join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where s.id = session_id and s.ended_at is null
    $$;
revoke execute on function platform.signed_in(uuid, uuid) from public;
grant execute on function platform.signed_in(uuid, uuid) to commonweal_platform, commonweal_voting, commonweal_expungement;
