"""What of the books is to be proved: everything, or what is new since a proof that is kept.

Entries, their lines and the history of orders and refunds are append-only, so what was proved stays proved. New are
the lines beyond those of the last proof, and every order, refund and charge that they or a change in the history are
about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError
from django.db.models import BigIntegerField, Case, Model, Q, QuerySet, When
from django.db.models.functions import Cast

from core.models import (
    AlertKind,
    BooksProof,
    EntryKind,
    JournalEntry,
    LedgerLine,
    PaymentTransaction,
    Refund,
    RentCharge,
    Settlement,
    StateChange,
)
from core.models.alerts import Alert
from core.models.ledger import REFUND_KINDS
from core.models.payables import kinds_of_payable
from core.services.ledger import balances

logger = structlog.get_logger(__name__)

OF_ORDERS = (EntryKind.CAPTURE, EntryKind.PLACING, EntryKind.SUSPENSE)
OF_CHARGES = (EntryKind.CHARGE, EntryKind.REVERSAL)
OVERLAP = timedelta(days=1)  # what is found by its time is looked at from so long before a proof on
# The id of a charge among the subjects of entries, which of other kinds are no numbers.
CHARGE_ID = Case(When(entry__subject__regex=r"^[0-9]{1,18}$", then=Cast("entry__subject", BigIntegerField())))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a check looks at.

    What was begun within a day is looked at again, proved or not: that is where defects and hands are at work.

    :ivar since: the proof after which they came; None: all rows
    :ivar young_since: when the youngest orders began that are looked at again
    """

    since: BooksProof | None = None
    young_since: datetime | None = None

    def lines(self) -> QuerySet[LedgerLine]:
        lines = LedgerLine.objects.all()
        return lines if self.since is None else lines.filter(pk__gt=self.since.through_line)

    def entries(self) -> QuerySet[JournalEntry]:
        entries = JournalEntry.objects.all()
        return entries if self.since is None else entries.filter(pk__in=self.lines().values("entry"))

    def entries_without_lines(self) -> QuerySet[JournalEntry]:
        entries = JournalEntry.objects.filter(lines__isnull=True)
        return entries if self.since is None else entries.filter(at__gte=self.since.made_at - OVERLAP)

    def orders(self) -> QuerySet[PaymentTransaction]:
        orders = PaymentTransaction.objects.all()
        if self.since is None:
            return orders
        named = self.lines().filter(entry__kind__in=OF_ORDERS).values("entry__subject")
        posted = PaymentTransaction.objects.filter(merchant_order_id__in=named).values("pk")
        refunded = self.refunds().values("transaction")
        changed = _changes_since(self.since).values("transaction")
        return orders.filter(pk__in=posted.union(changed, refunded, *self._young_orders()))

    def _young_orders(self) -> Iterator[QuerySet[Any]]:
        """Yield the keys of the orders that have just begun, for each kind of thing that is paid for."""
        for kind in kinds_of_payable():
            payables: Any = kind._default_manager
            yield payables.filter(created_at__gte=self.young_since).order_by().values("transaction")

    def refunds(self) -> QuerySet[Refund]:
        refunds = Refund.objects.all()
        if self.since is None:
            return refunds
        named = self.lines().filter(entry__kind__in=REFUND_KINDS).values("entry__subject")
        posted = Refund.objects.filter(merchant_refund_id__in=named).values("pk")
        new = Refund.objects.filter(pk__gt=self.since.through_refund).values("pk")
        changed = _changes_since(self.since).values("refund")
        young = (refunds.filter(transaction__in=orders).values("pk") for orders in self._young_orders())
        return refunds.filter(pk__in=posted.union(new, changed, *young))

    def charges(self) -> QuerySet[RentCharge]:
        charges = RentCharge.objects.all()
        if self.since is None:
            return charges
        named = self.lines().filter(entry__kind__in=OF_CHARGES).values(charge=CHARGE_ID)
        new = RentCharge.objects.filter(pk__gt=self.since.through_charge).values("pk")
        reversed_ = RentCharge.objects.filter(reversed_at__gte=self.since.made_at - OVERLAP).values("pk")
        return charges.filter(pk__in=new.union(reversed_, named))

    def settlements(self) -> QuerySet[Settlement]:
        settlements = Settlement.objects.all()
        if self.since is None:
            return settlements
        posted = self.lines().filter(entry__kind=EntryKind.SETTLEMENT).values("entry__subject")
        return settlements.filter(Q(updated_at__gte=self.since.made_at - OVERLAP) | Q(settlement_id__in=posted))


def _changes_since(proof: BooksProof) -> QuerySet[StateChange]:
    return StateChange.objects.filter(pk__gt=proof.through_change).order_by()


def what_is_new(*, now: datetime) -> Scope:
    """Return what the next check has to look at: everything while there is no proof, or while a difference is known."""
    known = Alert.objects.filter(kind=AlertKind.BOOKS, resolved_at=None).exists()
    return Scope(None if known else BooksProof.objects.last(), now - OVERLAP)


def begun(scope: Scope, *, now: datetime) -> BooksProof:
    """Return the proof that a check of this scope will be, if it finds nothing. Called before it looks."""
    since = scope.since
    return BooksProof(
        made_at=now,
        is_of_everything=since is None,
        through_line=balances.counted_through(),
        through_change=_last(StateChange, 0 if since is None else since.through_change),
        through_refund=_last(Refund, 0 if since is None else since.through_refund),
        through_charge=_last(RentCharge, 0 if since is None else since.through_charge),
    )


def keep(proof: BooksProof) -> None:
    """Keep a proof that was begun, now that nothing was found to differ.

    Where the totals were made anew meanwhile, they may not tell any more what stood at its last line, and it is left.
    """
    proof.balances = balances.kept(proof.through_line)
    if balances.end_at(proof.through_line):
        proof.save()


def last_of_everything() -> BooksProof | None:
    return BooksProof.objects.filter(is_of_everything=True).last()


def _last(model: type[Model], before: int) -> int:
    """Return the last key below which no other row can appear any more; if somebody writes for long, that of before."""
    try:
        return balances.last_key(model)
    except OperationalError:
        logger.warning("proof_waits", table=model._meta.db_table)
        return before
