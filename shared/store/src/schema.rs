//! The migrated schema in words: what is checked in beside the migrations, so that a review sees what a migration does.

use ports::Result;

use crate::{Database, Sql, params, sql};

// Ordered by bytes ("C"), so that no machine's locale changes it. What one release of PostgreSQL names and the next does not
// (not-null constraints, sequences of identity columns) stays out.
const LINES: Sql = sql!(
    r#"
with relation as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relowner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'local') and c.relkind in ('r', 'p', 'v', 'm')
), line as (
    select name, 0 as part, '' as key,
           case relkind when 'v' then 'view ' when 'm' then 'materialized view ' else 'table ' end || name
           || case when relrowsecurity then ', row-level security' else '' end
           || case when relforcerowsecurity then ' for its owner too' else '' end as text
      from relation
    union all
    select r.name, 1, lpad(a.attnum::text, 4, '0'),
           format('    %s %s', a.attname, format_type(a.atttypid, a.atttypmod))
           || case when a.attnotnull then ' not null' else '' end
           || case when a.attidentity <> '' then ' identity' else '' end
           || case when a.attgenerated <> '' then ' generated' else '' end
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
    union all
    select r.name, 2, k.conname, format('    constraint %s %s', k.conname, pg_get_constraintdef(k.oid))
      from relation r join pg_constraint k on k.conrelid = r.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
    union all
    select r.name, 3, i.relname, '    ' || pg_get_indexdef(x.indexrelid)
      from relation r
      join pg_index x on x.indrelid = r.oid
      join pg_class i on i.oid = x.indexrelid
     where not exists (select from pg_constraint k where k.conindid = x.indexrelid)
    union all
    select r.name, 4, p.polname,
           format('    policy %s for %s to %s', p.polname,
                  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                  (select string_agg(case when role = 0 then 'public' else role::regrole::text end, ', ' order by role::regrole::text collate "C")
                     from unnest(p.polroles) role))
           || coalesce(' using ' || pg_get_expr(p.polqual, p.polrelid), '')
           || coalesce(' check ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
      from relation r join pg_policy p on p.polrelid = r.oid
    union all
    select r.name, 5, g.grantee::regrole::text,
           format('    grant %s to %s', string_agg(lower(g.privilege_type), ', ' order by g.privilege_type collate "C"), g.grantee::regrole)
      from relation r cross join aclexplode(r.relacl) g
     where g.grantee <> r.relowner and g.grantee <> 0
     group by r.name, g.grantee
    union all
    select r.name, 6, a.attname || g.grantee::regrole::text,
           format('    grant %s (%s) to %s', lower(g.privilege_type), a.attname, g.grantee::regrole)
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
     cross join aclexplode(a.attacl) g
     where g.grantee <> r.relowner
    union all
    select r.name, 7, t.tgname, '    ' || pg_get_triggerdef(t.oid)
      from relation r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    union all
    select n.nspname || '.' || p.proname, 8, pg_get_function_identity_arguments(p.oid),
           format('function %s.%s(%s) returns %s, %s, source %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid),
                  pg_get_function_result(p.oid), case when p.prosecdef then 'as its owner' else 'as the caller' end, md5(p.prosrc))
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'local')
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
)
select text from line order by name collate "C", part, key collate "C", text collate "C""#
);

/// Tables, columns, constraints, indexes, policies, grants and functions, a line each.
///
/// # Errors
/// As any statement.
pub async fn listing(database: &Database) -> Result<String> {
    let mut text = String::new();
    for row in database.rows(LINES, params![]).await? {
        text.push_str(row.get::<&str>("text")?);
        text.push('\n');
    }
    Ok(text)
}
