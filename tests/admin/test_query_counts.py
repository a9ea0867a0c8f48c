"""A list costs the same number of queries, however long it is."""

from datetime import date, timedelta
from typing import Any

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from core.models import (
    Alert,
    AlertKind,
    Invoice,
    InvoiceSeries,
    JournalEntry,
    LedgerLine,
    Mandate,
    OperatorAction,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PhonePeCall,
    PricingPlan,
    Property,
    Refund,
    RentCharge,
    ReportedRefund,
    Tenancy,
    Tenant,
    Unit,
    User,
    WebhookEvent,
)
from core.services.ledger import posting
from core.services.operations.alerts import alert
from core.services.operations.trace import note_action
from core.services.webhooks import inbox, processing
from tests.admin.desk import Desk
from tests.people import make_owner, make_plan, make_tenancy, make_tenant
from tests.phonepe import Days


def _one_more_of_everything(number: int, days: Days, plan: PricingPlan) -> None:
    owner, now = make_owner(f"owner{number}"), days.now()
    tenancy = make_tenancy(owner, make_tenant(f"tenant{number}"), starts_on=date(2026, 4, 1))
    payment = Payment(tenancy=tenancy)
    subscription = OwnerSubscription.objects.create(owner=owner)
    subscribed = OwnerSubscriptionPayment(subscription=subscription, plan=plan, period="monthly")
    for payable, kind in ((payment, "R"), (subscribed, "S")):
        payable.merchant_order_id = f"{kind}-{number}"
        payable.transaction = PaymentTransaction.objects.create(
            merchant_order_id=payable.merchant_order_id,
            amount_paise=100,
            initiated_at=now,
            expire_at=now + timedelta(seconds=1200),
        )
        payable.save()
        posting.record_capture(payable, 100, at=now)
        Refund.objects.create(
            transaction=payable.transaction,
            merchant_refund_id=f"ZLR-{kind}-{number}",
            amount_paise=100,
            kind="requested",
            initiated_at=now,
        )
        alert(AlertKind.SILENT, payable.merchant_order_id, "Look at this.", now=now)
        PaymentAttempt.objects.create(
            order=payable.transaction,
            transaction_id=f"OM-{kind}-{number}",
            state="FAILED",
            reported_by="status",
            seen_at=now,
            changed_at=now,
        )
        PhonePeCall.objects.create(
            call="order_status", merchant_order_id=payable.merchant_order_id, at=now, milliseconds=9, outcome="answered"
        )
        note_action("ask_phonepe", by=None, reason="", about="payment:1", order=payable.transaction, now=now)
    setup = {"period": "monthly", "workflow": "TRANSACTION", "max_amount_paise": 100, "initiated_at": now}
    Mandate.objects.create(
        owner_subscription=subscription, merchant_subscription_id=f"ZLM-{number}", plan=plan, **setup
    )
    series, _ = InvoiceSeries.objects.get_or_create(prefix="ZS", financial_year="26-27")
    zero = dict.fromkeys(("cgst_paise", "sgst_paise", "igst_paise"), 0)
    Invoice.objects.create(
        kind="tax_invoice", series=series, sequence=number, number=f"ZS/26-27/{number}", issued_at=now,
        payment=subscribed, taxable_paise=100, total_paise=100, said={}, **zero,
    )  # fmt: skip
    ReportedRefund.objects.create(merchant_refund_id=f"R-{number}", reported_by="a test", initiated_at=now)
    inbox.receive(f'{{"payload": {{"merchantOrderId": "R-{number}"}}}}'.encode(), now=now)
    processing.process_waiting(now=now, limit=9)


def _queries(desk: Desk, where: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert desk.looks_at(where).status_code == 200
    return len(queries)


LISTS: list[type[models.Model]] = [
    Alert,
    Invoice,
    JournalEntry,
    LedgerLine,
    Mandate,
    OperatorAction,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PhonePeCall,
    PricingPlan,
    Property,
    Refund,
    RentCharge,
    ReportedRefund,
    Tenancy,
    Tenant,
    Unit,
    User,
    WebhookEvent,
]


def test_a_longer_list_asks_no_more(desk: Desk, days: Days) -> None:
    plan = make_plan()
    _one_more_of_everything(1, days, plan)
    for model in LISTS:
        desk.looks_at(model)  # content types are looked up once
    few = {model: _queries(desk, model) for model in LISTS}
    for number in range(2, 6):
        _one_more_of_everything(number, days, plan)

    assert {model: _queries(desk, model) for model in LISTS} == few
    assert max(few.values()) < 14
