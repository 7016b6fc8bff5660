-- Operators read in the admin whom to reach of each organisation. They change it on the organisation's page, in its name.

create policy subscription_operator on platform.subscription for select to commonweal_platform
    using (platform.is_operator_session());
