"""The due query stays independent of history: PostgreSQL walks the partial index, which holds open rows alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.models import LedgerLine, PaymentTransaction, Refund, WebhookEvent

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="plans are PostgreSQL's")

NOW = datetime(2026, 4, 10, tzinfo=UTC)
HISTORY, OPEN = 20_000, 200

FILL_ORDERS = """
    INSERT INTO core_paymenttransaction
        (merchant_order_id, phonepe_order_id, amount_paise, captured_paise, surplus_paise, refunding_paise, state,
         channel, payment_modes, redirect_url, order_token, initiated_at, expire_at, paid_at, payment_mode, utr,
         reconciliation_status, next_check_at, check_count, unanswered_count, created_at, updated_at)
    SELECT 'O-' || n, 'P-' || n, 100, CASE WHEN n > %(open)s THEN 100 ELSE 0 END, 0, 0,
           CASE WHEN n > %(open)s THEN 'COMPLETED' ELSE 'PENDING' END,
           'redirect', '[]', '', '', %(now)s, %(now)s + interval '20 min', CASE WHEN n > %(open)s THEN %(now)s END, '',
           '', CASE WHEN n > %(open)s THEN 'settled' ELSE 'open' END,
           CASE WHEN n <= %(open)s THEN %(now)s + n * interval '1 second' END, 0, 0, %(now)s, %(now)s
    FROM generate_series(1, %(history)s) n
"""
FILL_REFUNDS = """
    INSERT INTO core_refund
        (transaction_id, merchant_refund_id, refund_id, amount_paise, state, kind, reason, initiated_at, sent_at,
         finished_at, error_code, reconciliation_status, next_check_at, check_count, unanswered_count, created_at,
         updated_at)
    SELECT id, 'R-' || id, 'PR-' || id, 100, CASE WHEN due THEN 'PENDING' ELSE 'COMPLETED' END, 'requested', '',
           initiated_at, initiated_at, CASE WHEN NOT due THEN initiated_at END, '',
           CASE WHEN due THEN 'open' ELSE 'settled' END, next_check_at, 0, 0, initiated_at, initiated_at
    FROM (SELECT *, next_check_at IS NOT NULL AS due FROM core_paymenttransaction) orders
"""


@pytest.fixture
def history(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL_ORDERS, {"now": NOW, "history": HISTORY, "open": OPEN})
        cursor.execute(FILL_REFUNDS)
        cursor.execute("ANALYZE core_paymenttransaction, core_refund")


def due(rows: Any) -> Any:
    return rows.due(NOW + timedelta(seconds=100))


def fresh() -> Any:
    return due(PaymentTransaction.objects.filter(initiated_at__gte=NOW - timedelta(minutes=2)))


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: due(PaymentTransaction.objects), "order_due"),
        (fresh, "order_due"),
        (lambda: due(Refund.objects), "refund_due"),
        (lambda: due(Refund.objects.filter(sent_at__isnull=True)), "refund_due"),
        (lambda: PaymentTransaction.objects.not_closed().order_by("pk"), "order_not_settled"),
    ],
)
def test_what_is_due_is_found_in_its_partial_index(history: None, rows: Callable[[], Any], index: str) -> None:
    plan = rows()[:10].explain()

    assert f"using {index} on" in plan or f"Bitmap Index Scan on {index}" in plan, plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: WebhookEvent.objects.never_tried(), "webhook_unread"),
        (lambda: WebhookEvent.objects.to_try_again(timezone.now()), "webhook_unread"),
        (lambda: WebhookEvent.objects.unread(), "webhook_unread"),
        (lambda: LedgerLine.objects.filter(account="tenancy:7:receivable"), "line_by_account"),
    ],
)
def test_other_questions_have_an_index_too(db: None, rows: Callable[[], Any], index: str) -> None:
    """With tables this small PostgreSQL would read them through; forbidden to, it shows what it could use."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert index in rows()[:10].explain()
