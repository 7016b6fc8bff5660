-- Which of an organisation's slugs stands in the links that are made for it: the first as an operator put them, not by the alphabet.

alter table platform.tenant_slug add column position integer not null default 0;

create function platform.first_slug(tenant uuid) returns text
    language sql stable set search_path = ''
    as $$ select s.slug from platform.tenant_slug s where s.tenant_id = tenant order by s.position, s.slug limit 1 $$;
revoke execute on function platform.first_slug(uuid) from public;
grant execute on function platform.first_slug(uuid) to commonweal_platform, commonweal_voting, commonweal_expungement;

create or replace function platform.signed_in(session_id uuid, tenant uuid)
    returns table (account_id uuid, email text, name text, language text, time_zone text, has_second_factor boolean,
                   is_operator boolean, tenant_id uuid, tenant_name text, tenant_slug text, plan text, is_first_party boolean,
                   role text)
    language sql stable security definer set search_path = ''
    as $$
        select a.id, a.email, a.name, a.language, a.time_zone,
               a.totp_secret is not null or exists (select from platform.passkey p where p.account_id = a.id), a.is_operator,
               t.id, t.name, platform.first_slug(t.id), t.plan, t.is_first_party, m.role
          from platform.session s
          join platform.account a on a.id = s.account_id and a.status = 'active'
          left join platform.membership m on m.account_id = a.id and m.tenant_id = tenant
          left join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where s.id = session_id and s.ended_at is null
    $$;
create or replace function platform.organizations_of(account uuid)
    returns table (tenant_id uuid, name text, slug text, role text)
    language sql stable security definer set search_path = ''
    as $$
        select t.id, t.name, platform.first_slug(t.id), m.role
          from platform.membership m
          join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where m.account_id = account
    $$;
