"""What must be true of all books at once: looked at now and then, and when everything has come to rest."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Sum

from core.models import (
    IN_FLIGHT,
    Alert,
    AlertKind,
    JournalEntry,
    LedgerLine,
    OrderState,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundKind,
    RefundState,
    Tenancy,
)
from core.models.ledger_accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT
from core.models.payables import kinds_of_payable
from core.services import audit
from core.services.ledger import posting
from core.services.refunds.by_hand import CLOSED_BY_HAND, may_be_closed
from phonepe_simulator import Simulator
from zelton_backend.simulation import journal
from zelton_backend.simulation.invariants import Invariants, nothing_is_unknown
from zelton_backend.simulation.settlements import paid_out
from zelton_backend.simulation.violation import Violation

LESS_THAN_A_RUPEE = 99
# A subscription may have one checkout, one setup and the debit of one period at the same time.
SLOTS = {
    "subscription": {
        "follows": F("renews_from"),
        "is_checkout": ExpressionWrapper(Q(mandate__isnull=True), output_field=BooleanField()),
    }
}


def hold_now(invariants: Invariants, simulator: Simulator) -> None:
    """:raises Violation: if something is not as it must be at any moment"""
    for difference in audit.differences():
        raise Violation(f"the books differ: {difference}")
    invariants.orders_are_right(
        list(PaymentTransaction.objects.order_by("pk").values_list("merchant_order_id", flat=True))
    )
    nothing_is_unknown(simulator)
    _one_current_order()
    _every_fact_is_posted_once()
    _what_came_too_much_goes_back()


def hold_at_the_end(invariants: Invariants, simulator: Simulator) -> None:
    """Check that all is final, and that our books are PhonePe's to the paisa.

    :raises Violation: if not
    """
    hold_now(invariants, simulator)
    _everything_is_final(simulator)
    _both_books_say_the_same(simulator)
    journal.holds()
    _a_person_is_told()


def _one_current_order() -> None:
    for kind in kinds_of_payable():
        slots: dict[str, Any] = SLOTS.get(kind.payer, {})
        pending = kind._default_manager.filter(status=PaymentStatus.PENDING).values(kind.payer, **slots).order_by()
        for row in pending.annotate(count=Count("pk")).filter(count__gt=1):
            raise Violation(f"{kind.payer} {row[kind.payer]} has {row['count']} current orders")


def _every_fact_is_posted_once() -> None:
    for row in JournalEntry.objects.values("source").annotate(count=Count("pk")).filter(count__gt=1).order_by():
        raise Violation(f"entry {row['source']} is posted {row['count']} times")


def _what_came_too_much_goes_back() -> None:
    """A tenancy has less than a rupee of credit for each order, unless a refund failed that waits for a person."""
    failed = Refund.objects.filter(state=RefundState.FAILED, retried_by__isnull=True)
    stuck: Counter[int] = Counter()
    for tenancy, paise in failed.values_list("transaction__payment__tenancy", "amount_paise"):
        stuck[tenancy] += paise
    ahead = Tenancy.objects.with_outstanding().annotate(orders=Count("payments"))
    for tenancy, outstanding, orders in ahead.values_list("pk", "outstanding", "orders"):
        if -outstanding > LESS_THAN_A_RUPEE * orders + stuck[tenancy]:
            raise Violation(f"tenancy {tenancy} has {-outstanding} paise of credit, which do not go back")


def _a_person_is_told() -> None:
    """Whatever waits for a person has its alert."""
    told = set(Alert.objects.values_list("kind", "subject"))
    held = PaymentTransaction.objects.filter(reconciliation_status=Reconciliation.MISMATCH)
    failed = Refund.objects.filter(state=RefundState.FAILED, retried_by__isnull=True)
    failed = failed.exclude(error_code=CLOSED_BY_HAND)  # whoever closed it knows
    elsewhere = Refund.objects.filter(kind=RefundKind.DASHBOARD)
    for kind, waiting in (
        (AlertKind.MISMATCH, held.values_list("merchant_order_id", flat=True)),
        (AlertKind.REFUND_FAILED, failed.values_list("merchant_refund_id", flat=True)),
        (AlertKind.DASHBOARD_REFUND, elsewhere.values_list("merchant_refund_id", flat=True)),
    ):
        for subject in waiting.order_by("pk"):
            if (kind, subject) not in told:
                raise Violation(f"{subject} waits for a person, and there is no alert of the kind {kind}")


def wait_for_a_person() -> set[int]:
    """Return the orders that wait for a person: of another amount, or expired and of another id at PhonePe."""
    alerts = Alert.objects.filter(kind=AlertKind.CONTRADICTION).values("subject")
    contradicted = Q(merchant_order_id__in=alerts, reconciliation_status=Reconciliation.SILENT)
    held = PaymentTransaction.objects.filter(contradicted | Q(reconciliation_status=Reconciliation.MISMATCH))
    return set(held.values_list("pk", flat=True))


def lost_refunds(*, now: datetime) -> list[str]:
    """Return the refunds that PhonePe has lost and does not take again, once an operator may close them."""
    lost = Alert.objects.filter(kind=AlertKind.LOST_BY_PHONEPE, resolved_at=None).values("subject")
    refunds = Refund.objects.filter(merchant_refund_id__in=lost, state__in=IN_FLIGHT).order_by("pk")
    return [refund.merchant_refund_id for refund in refunds if may_be_closed(refund, now=now)]


def _everything_is_final(simulator: Simulator) -> None:
    waiting = wait_for_a_person()
    for kind in kinds_of_payable():
        payables: Any = kind._default_manager
        for payable in payables.select_related("transaction").order_by("pk"):
            order = payable.transaction
            if order.pk in waiting:
                continue
            # It never reached PhonePe, or was refused there.
            is_unpaid = payable.status in (PaymentStatus.CANCELLED, PaymentStatus.FAILED)
            never_reached = is_unpaid and order.merchant_order_id not in simulator.orders
            if payable.status == PaymentStatus.PENDING or (order.state == OrderState.PENDING and not never_reached):
                raise Violation(f"{order} is {payable.status}, {order.state}, in the end")
    for refund in Refund.objects.filter(state__in=IN_FLIGHT):
        raise Violation(f"{refund} is {refund.state} in the end")


def _both_books_say_the_same(simulator: Simulator) -> None:
    record, cleared = simulator.record(), 0
    returned = dict(
        Refund.objects.filter(state=RefundState.COMPLETED)
        .values_list("transaction")
        .annotate(total=Sum("amount_paise"))
        .order_by()
    )
    for order in PaymentTransaction.objects.order_by("pk"):
        theirs = record.get(order.merchant_order_id, {"captured": 0, "refunded": 0, "refunding": 0})
        came = posting.came_with(order.merchant_order_id)
        ours = {"captured": came, "refunded": returned.get(order.pk, 0), "refunding": 0}
        if ours != theirs:
            raise Violation(f"{order}: our books say {ours}, PhonePe's {theirs}")
        cleared += came - ours["refunded"]
    cleared -= paid_out(simulator)
    for account, paise in ((PHONEPE_CLEARING, cleared), (REFUNDS_IN_FLIGHT, 0)):
        balance = LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0
        if balance != paise:
            raise Violation(f"account {account} holds {balance} paise, and PhonePe's record says {paise}")
    wrong = PaymentTransaction.objects.filter(Q(refunding_paise__gt=F("captured_paise")) | Q(captured_paise__lt=0))
    for order in wrong:
        raise Violation(f"{order} refunds {order.refunding_paise} of {order.captured_paise} paise")
