-- {payments} more payments, completed just now, of tenancies from {first} on.
WITH paid AS (
    INSERT INTO core_paymenttransaction
        (merchant_order_id, phonepe_order_id, amount_paise, captured_paise, surplus_paise, refunding_paise, state,
         channel, payment_modes, redirect_url, order_token, payment_mode, utr, initiated_at, expire_at, paid_at,
         asked_at, last_checked_at, reconciliation_status, next_check_at, check_count, unanswered_count, created_at,
         updated_at)
    SELECT 'ZLT-day-' || n, 'OMD' || n, {rent}, {rent}, 0, 0, 'COMPLETED', 'redirect', '[]', '', '', 'UPI_INTENT',
           'UTRD' || n, now(), now() + interval '20 min', now(), now(), now(), 'settled', NULL, 1, 0, now(), now()
    FROM generate_series({first}, {first} + {payments} - 1) n
    RETURNING id, merchant_order_id, split_part(merchant_order_id, '-', 3)::bigint % 400 + 1 AS tenancy
), payment AS (
    INSERT INTO core_payment
        (merchant_order_id, status, created_at, updated_at, tenancy_id, transaction_id, owner_id, receipt)
    SELECT merchant_order_id, 'completed', now(), now(), tenancy, id, 1 + (tenancy - 1) / 50, '{{"months": []}}' FROM paid
), change AS (
    INSERT INTO core_statechange (transaction_id, what, old, new, cause, answer, at)
    SELECT id, 'status', 'pending', 'completed', 'clock', '{{}}', now() FROM paid
), entry AS (
    INSERT INTO core_journalentry (source, kind, subject, description, at)
    SELECT 'capture:' || merchant_order_id, 'capture', merchant_order_id, 'Rent', now() FROM paid
    RETURNING id, subject
)
INSERT INTO core_ledgerline (entry_id, account, amount_paise)
SELECT entry.id, account, amount FROM entry JOIN paid ON paid.merchant_order_id = entry.subject, LATERAL (VALUES
    ('phonepe_clearing', {rent}), ('tenancy:' || tenancy || ':receivable', -{rent}), ('rent_billed', {rent}),
    ('owner:' || (1 + (tenancy - 1) / 50) || ':payable', -{rent})) AS lines(account, amount)
