"""Compare the ledger with what orders, refunds and charges say, to the paisa.

Each check is a query that returns what differs. Every night they look at what is new since the last time that nothing
differed, and once a week at everything: a row that was changed behind the database's back is found then.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from core.db.long_statements import let_read_all, let_take_long
from core.models import (
    PAID,
    AlertKind,
    EntryKind,
    JournalEntry,
    LedgerLine,
    Payable,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundState,
    RentCharge,
)
from core.models.ledger_accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT, RENT_BILLED, SUSPENSE
from core.money import rupees_for_people
from core.services.ledger import balances, proofs, suspense
from core.services.ledger.proofs import Scope
from core.services.operations.alerts import alert
from core.services.papers import issuing
from core.services.settlements import posting as settlement_posting

Difference = str
SHOWN_IN_ALERT = 3
EVERYTHING = Scope()


def differences(done: Callable[[], object] = bool, *, scope: Scope = EVERYTHING) -> Iterator[Difference]:
    """Yield a sentence for every difference; nothing is yielded while the books balance.

    :param done: called after each of `CHECKS`, for whoever shows how far it has come
    """
    for check in CHECKS:
        yield from check(scope)
        done()


def check_and_alert(*, now: datetime, everything: bool = False, done: Callable[[], object] = bool) -> list[Difference]:
    """Check the books and raise one alert if they differ; if they do not, keep that as a proof.

    :param everything: take nothing from the proof that is kept, but compare every row there is
    :param done: as for `differences`
    """
    balances.add_up()
    scope = EVERYTHING if everything else proofs.what_is_new(now=now)
    proof = proofs.begun(scope, now=now)
    with transaction.atomic():
        (let_read_all if scope.since is None else let_take_long)()
        found = list(differences(done, scope=scope))
    if not found:
        proofs.keep(proof)
    else:
        sentence = f"{len(found)} differences: {' '.join(found[:SHOWN_IN_ALERT])}"
        alert(AlertKind.BOOKS, "check_books", sentence, now=now)
    return found


def _unbalanced_entries(scope: Scope) -> Iterator[Difference]:
    lines = LedgerLine.objects.all()
    if scope.since is not None:
        lines = lines.filter(entry__in=scope.entries())
    for row in lines.values("entry__source").annotate(total=Sum("amount_paise")).exclude(total=0):
        yield f"Entry {row['entry__source']} is off by {rupees_for_people(row['total'])}."
    for source in scope.entries_without_lines().values_list("source", flat=True):
        yield f"Entry {source} has no lines."


def _captures(scope: Scope) -> Iterator[Difference]:
    """Every capture is posted with its amount, straight or by way of suspense, and nothing else is."""
    orders = scope.orders().annotate(
        posted=_posted(EntryKind.CAPTURE, OuterRef("merchant_order_id"), PHONEPE_CLEARING)
        + _posted(EntryKind.PLACING, OuterRef("merchant_order_id"), SUSPENSE)
    )
    for order in orders.exclude(posted=F("captured_paise")).iterator():
        yield (
            f"Order {order.merchant_order_id} captured {rupees_for_people(order.captured_paise)}, "
            f"the ledger says {rupees_for_people(order.posted)}."
        )
    known = PaymentTransaction.objects.filter(merchant_order_id=OuterRef("subject"))
    yield from _strays(scope, EntryKind.CAPTURE, known)
    yield from _strays(scope, EntryKind.PLACING, known)
    yield from _strays(scope, EntryKind.SUSPENSE, known)


def _held(scope: Scope) -> Iterator[Difference]:
    """What came with an order is in suspense while an operator decides; of one that is not paid, nothing is."""
    came = LedgerLine.objects.filter(
        entry__kind=EntryKind.SUSPENSE, entry__subject=OuterRef("merchant_order_id"), account=PHONEPE_CLEARING
    )
    sums = came.values("entry__subject").annotate(total=Sum("amount_paise")).values("total")
    known = JournalEntry.objects.filter(kind=EntryKind.SUSPENSE).values("subject")
    is_held = Q(reconciliation_status=Reconciliation.MISMATCH)
    orders = scope.orders().filter(Q(merchant_order_id__in=known) | is_held, captured_paise=0)
    for order in orders.annotate(held=Coalesce(Subquery(sums), Value(0))).iterator():
        if (order.held > 0) != (order.reconciliation_status == Reconciliation.MISMATCH) or order.held < 0:
            yield (
                f"Order {order.merchant_order_id} is {order.reconciliation_status} and not paid, "
                f"the ledger holds {rupees_for_people(order.held)} of it in suspense."
            )


def _charges(scope: Scope) -> Iterator[Difference]:
    """Every charge is posted with its amount, and so is its reversal if there is one; nothing else is."""
    subject = Cast(OuterRef("pk"), CharField())
    charges: QuerySet[Any] = scope.charges().annotate(
        posted=-_posted(EntryKind.CHARGE, subject, RENT_BILLED),
        taken_back=_posted(EntryKind.REVERSAL, subject, RENT_BILLED),
    )
    for charge in charges.exclude(posted=F("amount_paise")).iterator():
        amount, posted = rupees_for_people(charge.amount_paise), rupees_for_people(charge.posted)
        yield f"Charge {charge.pk} is {amount}, the ledger says {posted}."
    owed_no_more = Case(When(reversed_at__isnull=False, then=F("amount_paise")), default=0)
    for charge in charges.exclude(taken_back=owed_no_more).iterator():
        amount, taken_back = rupees_for_people(charge.amount_paise), rupees_for_people(charge.taken_back)
        yield (
            f"Charge {charge.pk} of {amount} {'stands' if charge.stands else 'is reversed'}, "
            f"the ledger says that {taken_back} of it are reversed."
        )
    number = Case(When(subject__regex=r"^[0-9]{1,18}$", then=Cast("subject", BigIntegerField())))
    known = RentCharge.objects.filter(pk=OuterRef("number"))
    yield from _strays(scope, EntryKind.CHARGE, known, number=number)
    yield from _strays(scope, EntryKind.REVERSAL, known, number=number)


def _refunds(scope: Scope) -> Iterator[Difference]:
    """Every refund's start is posted, and its end if it has one; nothing stays in flight that has ended."""
    wanted = {
        EntryKind.REFUND_STARTED: Q(),
        EntryKind.REFUND_DONE: Q(state=RefundState.COMPLETED),
        EntryKind.REFUND_FAILED: Q(state=RefundState.FAILED),
    }
    for kind, condition in wanted.items():
        sign, event = -1 if kind == EntryKind.REFUND_STARTED else 1, kind.removeprefix("refund_")
        refunds = scope.refunds().annotate(
            posted=sign * _posted(kind, OuterRef("merchant_refund_id"), REFUNDS_IN_FLIGHT)
        )
        for refund in refunds.filter(condition).exclude(posted=F("amount_paise")).iterator():
            yield (
                f"Refund {refund.merchant_refund_id} of {rupees_for_people(refund.amount_paise)} has {event}, "
                f"the ledger says {rupees_for_people(refund.posted)}."
            )
        for refund in refunds.exclude(condition).exclude(posted=0).iterator() if condition else ():
            yield f"Refund {refund.merchant_refund_id} is {refund.state}, but the ledger says it has {event}."


def _refunding(scope: Scope) -> Iterator[Difference]:
    """What an order counts as being refunded is what its refunds say."""
    open_or_done = Refund.objects.filter(transaction=OuterRef("pk")).exclude(state=RefundState.FAILED)
    sums = open_or_done.values("transaction").annotate(total=Sum("amount_paise")).values("total")
    orders = scope.orders().annotate(counted=Coalesce(Subquery(sums), Value(0)))
    for order in orders.exclude(counted=F("refunding_paise")).iterator():
        yield (
            f"Order {order.merchant_order_id} counts {rupees_for_people(order.refunding_paise)} as refunding, "
            f"its refunds sum to {rupees_for_people(order.counted)}."
        )


def _statuses(scope: Scope) -> Iterator[Difference]:
    """A payment is paid if and only if its order captured something."""
    for model in Payable.__subclasses__():
        rows: QuerySet[Any] = model._default_manager.all()
        if scope.since is not None:
            rows = rows.filter(transaction__in=scope.orders())
        wrong = rows.filter(
            Q(status__in=PAID, transaction__captured_paise=0)
            | (~Q(status__in=PAID) & Q(transaction__captured_paise__gt=0))
        )
        for payable in wrong.select_related("transaction").iterator():
            captured = rupees_for_people(payable.transaction.captured_paise)
            yield f"Payment {payable.merchant_order_id} is {payable.status}, its order captured {captured}."


def _totals(scope: Scope) -> Iterator[Difference]:
    return balances.differences(scope.since)


def _papers(_: Scope) -> Iterator[Difference]:
    """Compare all papers, of which there is one for an owner's month and not one for a tenant's."""
    return issuing.differences()


def _posted(kind: EntryKind, subject: Any, account: str) -> Coalesce:
    """Return what the entries of a kind about a subject have posted to an account, 0 if there is none."""
    lines = LedgerLine.objects.filter(entry__kind=kind, entry__subject=subject, account=account)
    sums = lines.values("entry__subject").annotate(total=Sum("amount_paise")).values("total")
    return Coalesce(Subquery(sums), Value(0))


def _strays(scope: Scope, kind: EntryKind, known: QuerySet[Any], **more: Any) -> Iterator[Difference]:
    """Find entries about something that is not there.

    :param known: what is there, for an OuterRef of the entry's `subject`
    :param more: what else of an entry `known` refers to
    """
    entries = scope.entries().filter(kind=kind).annotate(**more).filter(~Exists(known))
    for source in entries.values_list("source", flat=True):
        yield f"Entry {source} is about nothing we know."


CHECKS: tuple[Callable[[Scope], Iterator[Difference]], ...] = (
    _unbalanced_entries,
    _captures,
    _held,
    _charges,
    _refunds,
    _refunding,
    _statuses,
    _totals,
    settlement_posting.differences,
    suspense.differences,
    _papers,
)


def totals() -> dict[str, int]:
    """Return every kind of account's balance in paise, for the command's summary."""
    names = {balances.ALL_TENANCIES: "receivable", balances.ALL_OWNERS: "payable"}
    return {names.get(balance.account, balance.account): balance.paise for balance in balances.trial_balance()}
