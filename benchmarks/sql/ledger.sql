-- Entries of ten lines, from number {first} to {last}, spread over two years up to now.
INSERT INTO core_journalentry (id, source, kind, subject, description, at)
SELECT n, 'settlement:B' || n, 'settlement', 'B' || n, '', now() - interval '730 days' * (1 - n::float / {last})
FROM generate_series({first}, {last}) n;

INSERT INTO core_ledgerline (entry_id, account, amount_paise)
SELECT n, account, amount FROM generate_series({first}, {last}) n, LATERAL (VALUES
    ('phonepe_clearing', 100), ('phonepe_clearing', 200), ('phonepe_clearing', 300), ('rent_billed', -150),
    ('rent_billed', 50), ('tenancy:' || n % 40000 || ':receivable', -100), ('tenancy:' || n % 40000 || ':receivable', -200),
    ('tenancy:' || n % 40000 || ':receivable', 100), ('owner:' || n % 800 || ':payable', -100),
    ('owner:' || n % 800 || ':payable', -200)) AS lines(account, amount)
