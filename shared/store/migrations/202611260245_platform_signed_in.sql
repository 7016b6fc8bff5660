-- Asked by every page of somebody who signed in. In this language a connection keeps the plan; in SQL each call plans anew, which
-- takes ten times as long as to execute it.

create or replace function platform.signed_in(session_id uuid, tenant uuid)
    returns table (account_id uuid, email text, name text, language text, time_zone text, has_second_factor boolean,
                   is_operator boolean, tenant_id uuid, tenant_name text, tenant_slug text, plan text, is_first_party boolean,
                   role text)
    language plpgsql stable security definer set search_path = ''
    as $$
    #variable_conflict use_column
    begin
        return query
        select a.id, a.email, a.name, a.language, a.time_zone,
               a.totp_secret is not null or exists (select from platform.passkey p where p.account_id = a.id), a.is_operator,
               t.id, t.name, (select g.slug from platform.tenant_slug g where g.tenant_id = t.id order by g.position, g.slug limit 1),
               t.plan, t.is_first_party, m.role
          from platform.session s
          join platform.account a on a.id = s.account_id and a.status = 'active'
          left join platform.membership m on m.account_id = a.id and m.tenant_id = tenant
          left join platform.tenant t on t.id = m.tenant_id and t.status = 'active'
         where s.id = session_id and s.ended_at is null;
    end $$;
