-- {tenancies} let flats, from two years ago, each with this month's rent to pay.
INSERT INTO core_user
    (id, username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT n, 'tenant' || n, '!', false, '', '', '', false, true, now() FROM generate_series(1, {tenancies}) n;

INSERT INTO core_user
    (id, username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT {owners_from} + n, 'owner' || n, '!', false, '', '', '', false, true, now() FROM generate_series(1, {owners}) n;

INSERT INTO core_owner (id, user_id, name, phone)
SELECT n, {owners_from} + n, 'Owner ' || n, '' FROM generate_series(1, {owners}) n;

INSERT INTO core_property (id, owner_id, name, address)
SELECT n, n, 'House ' || n, '' FROM generate_series(1, {owners}) n;

INSERT INTO core_tenant (id, user_id, name, phone)
SELECT n, n, 'Tenant ' || n, '' FROM generate_series(1, {tenancies}) n;

INSERT INTO core_unit (id, property_id, name)
SELECT n, 1 + (n - 1) / {tenancies_per_owner}, 'Flat ' || n FROM generate_series(1, {tenancies}) n;

INSERT INTO core_tenancy (id, tenant_id, unit_id, starts_on, monthly_rent_paise, due_day)
SELECT n, n, n, date_trunc('month', now()) - interval '24 months', {rent}, 5 FROM generate_series(1, {tenancies}) n;

INSERT INTO core_rentcharge (id, tenancy_id, month, due_on, amount_paise, created_at)
SELECT n, n, date_trunc('month', now()), date_trunc('month', now()) + interval '4 days', {rent}, now()
FROM generate_series(1, {tenancies}) n;
