-- Tenancy n has an open order ZLT-bench-n, which nobody minds yet.
INSERT INTO core_paymenttransaction
    (id, merchant_order_id, phonepe_order_id, amount_paise, captured_paise, surplus_paise, refunding_paise, state,
     channel, payment_modes, redirect_url, order_token, payment_mode, utr, initiated_at, expire_at,
     reconciliation_status, next_check_at, check_count, unanswered_count, created_at, updated_at)
SELECT n, 'ZLT-bench-' || n, '', {rent}, 0, 0, 0, 'PENDING',
       'redirect', '[]', 'http://127.0.0.1/', '', '', '', now(), now() + interval '{life} s',
       'open', NULL, 0, 0, now(), now()
FROM generate_series(1, {orders}) n;

INSERT INTO core_payment (id, merchant_order_id, status, created_at, updated_at, tenancy_id, transaction_id)
SELECT id, merchant_order_id, 'pending', created_at, updated_at, id, id FROM core_paymenttransaction;
