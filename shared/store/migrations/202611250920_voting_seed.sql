-- What a new installation cannot do without: the states, and an organisation for voters who come by no other.

insert into voting.state (code, name, territory) values
    ('AK', 'Alaska', false),
    ('AL', 'Alabama', false),
    ('AR', 'Arkansas', false),
    ('AS', 'American Samoa', true),
    ('AZ', 'Arizona', false),
    ('CA', 'California', false),
    ('CO', 'Colorado', false),
    ('CT', 'Connecticut', false),
    ('DC', 'District of Columbia', false),
    ('DE', 'Delaware', false),
    ('FL', 'Florida', false),
    ('GA', 'Georgia', false),
    ('GU', 'Guam', true),
    ('HI', 'Hawaii', false),
    ('IA', 'Iowa', false),
    ('ID', 'Idaho', false),
    ('IL', 'Illinois', false),
    ('IN', 'Indiana', false),
    ('KS', 'Kansas', false),
    ('KY', 'Kentucky', false),
    ('LA', 'Louisiana', false),
    ('MA', 'Massachusetts', false),
    ('MD', 'Maryland', false),
    ('ME', 'Maine', false),
    ('MI', 'Michigan', false),
    ('MN', 'Minnesota', false),
    ('MO', 'Missouri', false),
    ('MP', 'Northern Mariana Islands', true),
    ('MS', 'Mississippi', false),
    ('MT', 'Montana', false),
    ('NC', 'North Carolina', false),
    ('ND', 'North Dakota', false),
    ('NE', 'Nebraska', false),
    ('NH', 'New Hampshire', false),
    ('NJ', 'New Jersey', false),
    ('NM', 'New Mexico', false),
    ('NV', 'Nevada', false),
    ('NY', 'New York', false),
    ('OH', 'Ohio', false),
    ('OK', 'Oklahoma', false),
    ('OR', 'Oregon', false),
    ('PA', 'Pennsylvania', false),
    ('PR', 'Puerto Rico', true),
    ('RI', 'Rhode Island', false),
    ('SC', 'South Carolina', false),
    ('SD', 'South Dakota', false),
    ('TN', 'Tennessee', false),
    ('TX', 'Texas', false),
    ('UT', 'Utah', false),
    ('VA', 'Virginia', false),
    ('VI', 'U.S. Virgin Islands', true),
    ('VT', 'Vermont', false),
    ('WA', 'Washington', false),
    ('WI', 'Wisconsin', false),
    ('WV', 'West Virginia', false),
    ('WY', 'Wyoming', false);

-- The oldest of all, so that unknown slugs fall to it.
with house as (
    insert into platform.tenant (id, name, status, plan, is_first_party, created_at)
    values (gen_random_uuid(), 'Commonweal', 'active', 'premium', true, timestamptz '2026-01-01 00:00:00+00')
    returning id
), slug as (
    insert into platform.tenant_slug (slug, tenant_id) select 'default', id from house
)
insert into voting.subscriber (tenant_id, sms_enabled) select id, false from house;
