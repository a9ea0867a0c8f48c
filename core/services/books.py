"""Compare the ledger with what orders, refunds and charges say, to the paisa.

Each check is one query that returns what differs, over indexes; a balance of 100,000 payments takes seconds.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat, Substr

from core.models import (
    PAID,
    AlertKind,
    JournalEntry,
    LedgerLine,
    PaymentTransaction,
    Purpose,
    Refund,
    RefundState,
    RentCharge,
)
from core.models.accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT, RENT_BILLED, SUSPENSE
from core.money import rupees
from core.services import settlement_books
from core.services.alerts import alert

Difference = str
SHOWN_IN_ALERT = 3


def differences() -> Iterator[Difference]:
    """Yield a sentence for every difference; nothing is yielded while the books balance."""
    for check in CHECKS:
        yield from check()


def check_and_alert(*, now: datetime) -> list[Difference]:
    """Check the books and raise one alert if they differ."""
    found = list(differences())
    if found:
        sentence = f"{len(found)} differences: {' '.join(found[:SHOWN_IN_ALERT])}"
        alert(AlertKind.BOOKS, "check_books", sentence[:500], now=now)
    return found


def _unbalanced_entries() -> Iterator[Difference]:
    lines = LedgerLine.objects.values("entry__source").annotate(total=Sum("amount_paise")).exclude(total=0).order_by()
    for row in lines:
        yield f"Entry {row['entry__source']} is off by ₹{rupees(row['total'])}."
    for source in JournalEntry.objects.filter(lines__isnull=True).values_list("source", flat=True):
        yield f"Entry {source} has no lines."


def _captures() -> Iterator[Difference]:
    """Every capture is posted with its amount, straight or by way of suspense, and nothing else is."""
    orders = PaymentTransaction.objects.annotate(
        posted=_posted(Concat(Value("capture:"), OuterRef("merchant_order_id")), PHONEPE_CLEARING)
        + _posted(Concat(Value("placing:"), OuterRef("merchant_order_id")), SUSPENSE)
    )
    for order in orders.exclude(posted=F("captured_paise")).iterator():
        yield (
            f"Order {order.merchant_order_id} captured ₹{rupees(order.captured_paise)}, "
            f"the ledger says ₹{rupees(order.posted)}."
        )
    known = PaymentTransaction.objects.filter(merchant_order_id=OuterRef("name"))
    yield from _strays("capture:", known)
    yield from _strays("placing:", known)
    yield from _strays("suspense:", known)


def _charges() -> Iterator[Difference]:
    charges = RentCharge.objects.annotate(posted=-_posted(Concat(Value("charge:"), OuterRef("pk")), RENT_BILLED))
    for charge in charges.exclude(posted=F("amount_paise")).iterator():
        yield (f"Charge {charge.pk} is ₹{rupees(charge.amount_paise)}, the ledger says ₹{rupees(charge.posted)}.")


def _refunds() -> Iterator[Difference]:
    """Every refund's start is posted, and its end if it has one; nothing stays in flight that has ended."""
    wanted = {
        "started": Q(),
        "done": Q(state=RefundState.COMPLETED),
        "failed": Q(state=RefundState.FAILED),
    }
    for event, condition in wanted.items():
        sign = -1 if event == "started" else 1
        source = Concat(Value("refund:"), OuterRef("merchant_refund_id"), Value(f":{event}"))
        refunds = Refund.objects.annotate(posted=sign * _posted(source, REFUNDS_IN_FLIGHT))
        for refund in refunds.filter(condition).exclude(posted=F("amount_paise")).iterator():
            yield (
                f"Refund {refund.merchant_refund_id} of ₹{rupees(refund.amount_paise)} has {event}, "
                f"the ledger says ₹{rupees(refund.posted)}."
            )
        for refund in refunds.exclude(condition).exclude(posted=0).iterator() if condition else ():
            yield f"Refund {refund.merchant_refund_id} is {refund.state}, but the ledger says it has {event}."


def _refunding() -> Iterator[Difference]:
    """What an order counts as being refunded is what its refunds say."""
    open_or_done = Refund.objects.filter(transaction=OuterRef("pk")).exclude(state=RefundState.FAILED).order_by()
    sums = open_or_done.values("transaction").annotate(total=Sum("amount_paise")).values("total")
    orders = PaymentTransaction.objects.annotate(counted=Coalesce(Subquery(sums), Value(0)))
    for order in orders.exclude(counted=F("refunding_paise")).iterator():
        yield (
            f"Order {order.merchant_order_id} counts ₹{rupees(order.refunding_paise)} as refunding, "
            f"its refunds sum to ₹{rupees(order.counted)}."
        )


def _statuses() -> Iterator[Difference]:
    """A payment is paid if and only if its order captured something."""
    for model in Purpose.__subclasses__():
        rows: QuerySet[Any] = model._default_manager.all()
        wrong = rows.filter(
            Q(status__in=PAID, transaction__captured_paise=0)
            | (~Q(status__in=PAID) & Q(transaction__captured_paise__gt=0))
        )
        for purpose in wrong.select_related("transaction").iterator():
            captured = rupees(purpose.transaction.captured_paise)
            yield f"Payment {purpose.merchant_order_id} is {purpose.status}, its order captured ₹{captured}."


def _posted(source: Any, account: str) -> Coalesce:
    """Return what the entry with a source has posted to an account, 0 if there is none."""
    lines = LedgerLine.objects.filter(entry__source=source, account=account).order_by()
    return Coalesce(Subquery(lines.values("amount_paise")[:1]), Value(0))


def _strays(prefix: str, known: QuerySet[Any]) -> Iterator[Difference]:
    """Find entries about something that is not there."""
    entries = JournalEntry.objects.filter(source__startswith=prefix).annotate(name=Substr("source", len(prefix) + 1))
    for source in entries.filter(~Exists(known)).values_list("source", flat=True):
        yield f"Entry {source} is about nothing we know."


CHECKS: tuple[Callable[[], Iterator[Difference]], ...] = (
    _unbalanced_entries,
    _captures,
    _charges,
    _refunds,
    _refunding,
    _statuses,
    settlement_books.differences,
)


def totals() -> dict[str, int]:
    """Return every kind of account's balance in paise, for the command's summary."""
    rows = LedgerLine.objects.values("account").annotate(total=Sum("amount_paise"), lines=Count("pk"))
    summed: dict[str, int] = {}
    for row in rows:
        kind = row["account"].rpartition(":")[2]
        summed[kind] = summed.get(kind, 0) + row["total"]
    return summed
