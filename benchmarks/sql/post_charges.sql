-- Post every charge, as the product does when it raises one.
WITH entry AS (
    INSERT INTO core_journalentry (source, kind, subject, description, at)
    SELECT 'charge:' || id, 'charge', id::text, 'Rent', created_at FROM core_rentcharge
    RETURNING id, subject
)
INSERT INTO core_ledgerline (entry_id, account, amount_paise)
SELECT entry.id, account, amount
FROM entry JOIN core_rentcharge AS charge ON charge.id = entry.subject::bigint, LATERAL (VALUES
    ('tenancy:' || tenancy_id || ':receivable', amount_paise), ('rent_billed', -amount_paise)) AS lines(account, amount)
