# ruff: noqa: E501, S608 - statements of our own, a line each
"""Fill a database with a year of payments at once, for lists that must not care how long they are.

`python -m tests.admin.many 1000000` fills the database of DATABASE_URL, which must be migrated and empty.
"""

import os
import sys

from django.db import connection

YEAR = 365 * 24 * 3600  # seconds, over which the payments are spread up to now
TENANTS_EACH = 10  # payments of one tenant

# `n.i` counts from 1; {payments} and the rest are numbers. Times are strings on SQLite, and instants on PostgreSQL.
STATEMENTS = (
    """INSERT INTO core_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined)
    SELECT {base} + i, '!', {no}, 'person-' || i, '', '', '', {no}, {yes}, {now} FROM n WHERE i <= {tenants} + {owners}""",
    """INSERT INTO core_tenant (id, name, phone, user_id)
    SELECT i, 'Tenant ' || i, '+91 9' || (800000000 + i), {base} + i FROM n WHERE i <= {tenants}""",
    """INSERT INTO core_owner (id, name, phone, user_id)
    SELECT i, 'Owner ' || i, '+91 7' || (800000000 + i), {base} + {tenants} + i FROM n WHERE i <= {owners}""",
    """INSERT INTO core_property (id, name, address, owner_id) SELECT i, 'House ' || i, '', i FROM n WHERE i <= {owners}""",
    """INSERT INTO core_unit (id, name, property_id)
    SELECT i, 'Flat ' || i, (i % {owners}) + 1 FROM n WHERE i <= {tenants}""",
    """INSERT INTO core_tenancy (id, starts_on, monthly_rent_paise, due_day, tenant_id, unit_id, prorate,
        start_is_confirmed)
    SELECT i, '2026-01-01', 1500000, 5, i, i, {no}, {no} FROM n WHERE i <= {tenants}""",
    """INSERT INTO core_rentcharge (id, month, due_on, amount_paise, created_at, tenancy_id)
    SELECT i, {month}, {month}, 1500000, {at}, ((i - 1) / {each}) + 1 FROM n WHERE i <= {tenants} * {each}""",
    """INSERT INTO core_paymenttransaction (id, initiated_at, reconciliation_status, check_count, unanswered_count,
        merchant_order_id, phonepe_order_id, amount_paise, captured_paise, surplus_paise, refunding_paise, state,
        channel, payment_modes, redirect_url, order_token, expire_at, paid_at, payment_mode, utr, created_at,
        updated_at)
    SELECT i, {at}, 'settled', 3, 0, 'ZLT-many-' || i, 'OMO' || i, 1500000,
        CASE WHEN i % 20 = 0 THEN 0 ELSE 1500000 END, 0, CASE WHEN i % 50 = 1 THEN 100000 ELSE 0 END,
        CASE WHEN i % 20 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 'redirect', '[]', '', '', {later},
        CASE WHEN i % 20 = 0 THEN NULL ELSE {at} END,
        CASE i % 4 WHEN 0 THEN 'CARD' WHEN 1 THEN 'UPI_QR' ELSE 'UPI_INTENT' END,
        CASE WHEN i % 20 = 0 THEN '' ELSE 'UTR' || i END, {at}, {at}
    FROM n WHERE i <= {payments}""",
    """INSERT INTO core_payment (id, merchant_order_id, status, created_at, updated_at, transaction_id, tenancy_id,
        owner_id)
    SELECT i, 'ZLT-many-' || i,
        CASE WHEN i % 20 = 0 THEN 'failed' WHEN i % 50 = 1 THEN 'partially_refunded' ELSE 'completed' END,
        {at}, {at}, i, (i % {tenants}) + 1, (i % {owners}) + 1
    FROM n WHERE i <= {payments}""",
    """INSERT INTO core_paymentattempt (id, transaction_id, state, payment_mode, amount_paise, utr,
        upi_transaction_id, instrument, error_code, detailed_error_code, reported_by, seen_at, changed_at, order_id)
    SELECT i, 'OMT' || i, CASE WHEN i % 20 = 0 THEN 'FAILED' ELSE 'COMPLETED' END,
        CASE i % 4 WHEN 0 THEN 'CARD' WHEN 1 THEN 'UPI_QR' ELSE 'UPI_INTENT' END, 1500000,
        CASE WHEN i % 20 = 0 THEN '' ELSE 'UTR' || i END, '', '', '', '', 'status', {at}, {at}, i
    FROM n WHERE i <= {payments}""",
    """INSERT INTO core_statechange (what, old, new, cause, answer, at, transaction_id)
    SELECT 'status', 'pending', CASE WHEN i % 20 = 0 THEN 'failed' ELSE 'completed' END, 'clock', '{{}}', {at}, i
    FROM n WHERE i <= {payments}""",
    """INSERT INTO core_refund (id, initiated_at, reconciliation_status, check_count, unanswered_count,
        merchant_refund_id, refund_id, amount_paise, state, kind, reason, sent_at, finished_at, error_code, created_at,
        updated_at, transaction_id)
    SELECT i, {at}, 'settled', 1, 0, 'ZLR-many-' || i, 'OMR' || i, 100000, 'COMPLETED', 'requested', 'Moved out',
        {at}, {at}, '', {at}, {at}, i
    FROM n WHERE i <= {payments} AND i % 50 = 1""",
    """INSERT INTO core_webhookevent (digest, body, deliveries, received_at, last_received_at, processed_at, outcome,
        event, merchant_order_id, tries)
    SELECT 'digest-' || i, {empty}, 1, {at}, {at}, {at}, 'settled', 'checkout.order.completed', 'ZLT-many-' || i, 0
    FROM n WHERE i <= {payments}""",
    """INSERT INTO core_phonepecall (call, merchant_order_id, merchant_refund_id, at, milliseconds, outcome, said)
    SELECT 'order_status', 'ZLT-many-' || i, '', {at}, 80, 'answered', 'COMPLETED' FROM n WHERE i <= {payments}""",
    """INSERT INTO core_journalentry (id, source, description, at, kind, subject)
    SELECT i, 'capture:ZLT-many-' || i, 'Rent', {at}, 'capture', 'ZLT-many-' || i FROM n WHERE i <= {payments}""",
    """INSERT INTO core_journalentry (id, source, description, at, kind, subject)
    SELECT {payments} + i, 'charge:' || i, 'Rent', {at}, 'charge', '' || i FROM n WHERE i <= {tenants} * {each}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'phonepe_clearing', 1500000, i FROM n WHERE i <= {payments}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'tenancy:' || ((i % {tenants}) + 1) || ':receivable', -1500000, i FROM n WHERE i <= {payments}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'rent_billed', 1500000, i FROM n WHERE i <= {payments}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'owner:' || ((i % {owners}) + 1) || ':payable', -1500000, i FROM n WHERE i <= {payments}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'tenancy:' || (((i - 1) / {each}) + 1) || ':receivable', 1500000, {payments} + i
    FROM n WHERE i <= {tenants} * {each}""",
    """INSERT INTO core_ledgerline (account, amount_paise, entry_id)
    SELECT 'rent_billed', -1500000, {payments} + i FROM n WHERE i <= {tenants} * {each}""",
    """INSERT INTO core_settlement (id, settlement_id, utr, state, state_is_assumed, settled_at, has_report, entries,
        imported_at, updated_at)
    SELECT i, 'S-many-' || i, 'SUTR' || i, 'PROCESSED', {no}, {now}, {yes}, 1, {now}, {now} FROM n WHERE i <= 100""",
    """INSERT INTO core_settlementline (type, merchant_order_id, merchant_refund_id, phonepe_id, occurrence,
        amount_paise, fee_paise, tax_paise, net_paise, outcome, remark, clearing_paise, settlement_id)
    SELECT 'PAYMENT', 'ZLT-many-' || i, '', 'OMT' || i, 1, 1500000, 0, 0, 1500000, 'matched', '', 1500000, (i % 100) + 1
    FROM n WHERE i <= {payments}""",
)
WORDS = {
    "postgresql": {
        "no": "false",
        "yes": "true",
        "now": "now()",
        "empty": "''::bytea",
        "month": "date_trunc('month', now() - (i % {each}) * interval '32 days')::date",
        "at": "now() - ({payments} - i) * {step} * interval '1 second'",
        "later": "now() - ({payments} - i) * {step} * interval '1 second' + interval '20 minutes'",
    },
    "sqlite": {
        "no": "0",
        "yes": "1",
        "now": "datetime('now')",
        "empty": "x''",
        "month": "date('now', '-' || ((i % {each}) * 32) || ' days', 'start of month')",
        "at": "datetime('now', '-' || (({payments} - i) * {step}) || ' seconds')",
        "later": "datetime('now', '-' || (({payments} - i) * {step}) || ' seconds', '+20 minutes')",
    },
}


def fill(payments: int, *, base: int = 1_000_000) -> None:
    """Insert so many payments with all that belongs to each, evenly over the last year.

    :param base: the number after which the users of these people begin
    """
    tenants = max(1, payments // TENANTS_EACH)
    numbers = {"payments": payments, "tenants": tenants, "owners": max(1, tenants // 10), "each": TENANTS_EACH}
    numbers |= {"step": YEAR / payments, "base": base}
    words = {name: word.format(**numbers) for name, word in WORDS[connection.vendor].items()}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            written = statement.format(**words, **numbers)
            head, select = written.split("SELECT", 1)
            rows = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {payments + 1}) "
            if connection.vendor == "postgresql":
                rows = f"WITH n(i) AS (SELECT generate_series(1, {payments + 1})) "
            cursor.execute(f"{head}{rows}SELECT{select}")
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zelton_backend.settings")
    import django

    django.setup()
    with connection.cursor() as asked:
        asked.execute("SET session_replication_role = replica")  # no trigger looks at each of the rows
        asked.execute("SET statement_timeout = 0")
    fill(int(sys.argv[1]))
