-- {payments} paid months of rent, {months} of each of the {tenancies} tenancies. Payment n is of tenancy 1 + n mod {tenancies}.
-- The last was two days ago: what a night finds is what the benchmark adds, as much with any history.
INSERT INTO core_paymenttransaction
    (id, merchant_order_id, phonepe_order_id, amount_paise, captured_paise, surplus_paise, refunding_paise, state,
     channel, payment_modes, redirect_url, order_token, payment_mode, utr, initiated_at, expire_at, paid_at,
     asked_at, last_checked_at, reconciliation_status, next_check_at, check_count, unanswered_count, created_at, updated_at)
SELECT n, 'ZLT-old-' || n, 'OMO' || n, {rent}, {rent}, 0, 0, 'COMPLETED',
       'redirect', '[]', 'http://127.0.0.1/', '', 'UPI_INTENT', 'UTR' || n, at, at + interval '20 min', at,
       at, at, 'settled', NULL, 1, 0, at, at
FROM (SELECT n, now() - interval '2 days' - interval '24 months' * (1 - n::float / ({payments} + 1)) AS at
      FROM generate_series(1, {payments}) n) AS paid;

INSERT INTO core_payment
    (id, merchant_order_id, status, created_at, updated_at, tenancy_id, transaction_id, owner_id, receipt)
SELECT id, merchant_order_id, 'completed', created_at, updated_at, 1 + id % {tenancies}, id,
       1 + (id % {tenancies}) / {tenancies_per_owner}, '{{"months": []}}'
FROM core_paymenttransaction;

INSERT INTO core_statechange (transaction_id, what, old, new, cause, answer, at)
SELECT id, 'status', 'pending', 'completed', 'clock', '{{}}', paid_at FROM core_paymenttransaction;

-- Bodies of the last 90 days; the others have gone to files, as apply_retention moves them every night.
INSERT INTO core_webhookevent
    (digest, body, deliveries, received_at, last_received_at, processed_at, outcome, event, merchant_order_id, archive,
     archived_at)
SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex'), CASE WHEN is_old THEN '' ELSE convert_to(body, 'UTF8') END, 1, paid_at, paid_at,
       paid_at, 'asked', 'checkout.order.completed', merchant_order_id, CASE WHEN is_old THEN 'old.jsonl.gz' ELSE '' END,
       CASE WHEN is_old THEN paid_at + interval '90 days' END
FROM (SELECT id, merchant_order_id, paid_at, paid_at < now() - interval '90 days' AS is_old,
             '{{"event": "checkout.order.completed", "id": ' || id || ', "padding": "' || repeat('x', 600) || '"}}' AS body
      FROM core_paymenttransaction) AS delivered;

INSERT INTO core_paymentattempt
    (order_id, transaction_id, state, payment_mode, amount_paise, at, utr, upi_transaction_id, instrument, error_code,
     detailed_error_code, reported_by, seen_at, changed_at)
SELECT id, 'OM' || id, 'COMPLETED', 'UPI_INTENT', {rent}, paid_at, utr, 'UPI' || id, '', '', '', 'status', paid_at, paid_at
FROM core_paymenttransaction;

-- Calls are kept for 400 days.
INSERT INTO core_phonepecall (call, merchant_order_id, merchant_refund_id, at, milliseconds, outcome, said)
SELECT call, merchant_order_id, '', paid_at, 100, 'answered', said
FROM core_paymenttransaction, (VALUES ('create_order', 'PENDING'), ('order_status', 'COMPLETED')) AS calls(call, said)
WHERE paid_at > now() - interval '400 days';

INSERT INTO core_rentcharge (id, tenancy_id, month, due_on, amount_paise, created_at)
SELECT {tenancies} * (1 + past) + n, n, month, month + 4, {rent}, month
FROM generate_series(1, {tenancies}) n, generate_series(0, {months} - 1) past,
     LATERAL (SELECT (date_trunc('month', now()) - (past + 1) * interval '1 month')::date AS month) AS of;

INSERT INTO core_journalentry (id, source, kind, subject, description, at)
SELECT id, 'capture:' || merchant_order_id, 'capture', merchant_order_id, 'Rent', paid_at FROM core_paymenttransaction
UNION ALL
SELECT {payments} + id, 'charge:' || id, 'charge', id::text, 'Rent', month FROM core_rentcharge;

INSERT INTO core_ledgerline (entry_id, account, amount_paise)
SELECT id, account, amount FROM core_payment, LATERAL (VALUES
    ('phonepe_clearing', {rent}), ('tenancy:' || tenancy_id || ':receivable', -{rent}), ('rent_billed', {rent}),
    ('owner:' || (1 + (tenancy_id - 1) / {tenancies_per_owner}) || ':payable', -{rent})) AS lines(account, amount)
UNION ALL
SELECT {payments} + id, account, amount FROM core_rentcharge, LATERAL (VALUES
    ('tenancy:' || tenancy_id || ':receivable', {rent}), ('rent_billed', -{rent})) AS lines(account, amount);
