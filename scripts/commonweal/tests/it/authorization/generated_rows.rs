//! Rows of any table, made from its description: a value per type that its checks take, foreign keys not asked.

/// Creates the schema `proof`, as the owner.
pub(super) const GENERATED_ROWS: &str = r#"
    create schema proof;
    grant usage on schema proof to public;
    -- A value of a column's type that its checks are likely to take; the first that they all take is kept.
    create function proof.row_of(wanted regclass, tenant uuid, variant int) returns text language plpgsql as $$
    declare found record; columns text := ''; made text := ''; one text;
    begin
        for found in select a.attname, format_type(a.atttypid, a.atttypmod) as type, t.typtype, t.oid as type_oid,
                            (select array_agg(m[1]) from pg_constraint c,
                                    regexp_matches(pg_get_constraintdef(c.oid), '''([^'']+)''::text', 'g') m
                              where c.conrelid = wanted and c.contype = 'c' and a.attnum = any (c.conkey)
                                and pg_get_constraintdef(c.oid) ~ '(ARRAY\[|= '')') as choices,
                            -- Of a pattern no value is made: a column that may be null is null.
                            not a.attnotnull and exists (select from pg_constraint c
                              where c.conrelid = wanted and c.contype = 'c' and a.attnum = any (c.conkey)
                                and pg_get_constraintdef(c.oid) ~ ' ~ ''') as left_out
                       from pg_attribute a join pg_type t on t.oid = a.atttypid
                      where a.attrelid = wanted and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                        and a.attidentity = ''
        loop
            one := case
                when found.attname = 'tenant_id' then quote_literal(tenant::text)
                when found.left_out then 'null'
                when found.choices is not null and found.type in ('text', 'character varying') then
                    quote_literal(found.choices[1 + (variant % array_length(found.choices, 1))])
                when found.type = 'uuid' then quote_literal(gen_random_uuid()::text)
                when found.type in ('text', 'character varying') then
                    quote_literal(case variant when 0 then 'a' || substr(md5(random()::text), 1, 6) when 1 then 'MA'
                                               else 'https://a.example/' || substr(md5(random()::text), 1, 6) end)
                when found.type = 'boolean' then 'true'
                when found.type in ('integer', 'bigint', 'smallint', 'numeric', 'double precision', 'real') then '1'
                when found.type = 'bytea' then '''\x00'''
                when found.type in ('json', 'jsonb') then '''{}'''
                when found.type = 'date' then 'current_date'
                when found.type like 'timestamp%' then 'now()'
                when found.type like '%[]' then '''{}'''
                else 'null' end;
            columns := columns || ', ' || quote_ident(found.attname);
            made := made || ', ' || one;
        end loop;
        return substr(columns, 3) || E'\n' || substr(made, 3);
    end $$;
    -- Makes one in the tenant, where the table has one, and returns what is wrong if none fits; the row is of the table's type.
    create function proof.make(wanted regclass, tenant uuid) returns table (made text, problem text) language plpgsql as $$
    declare row_text text; variant int;
    begin
        set local session_replication_role = replica;
        for variant in 0..5 loop
            row_text := proof.row_of(wanted, tenant, variant);
            begin
                execute format('with made as (insert into %s (%s) values (%s) returning *) select row_to_json(made)::text from made',
                               wanted, split_part(row_text, E'\n', 1), split_part(row_text, E'\n', 2)) into made;
                problem := null;
                return next; return;
            exception when others then problem := sqlerrm;
            end;
        end loop;
        made := null;
        return next;
    end $$;
"#;
