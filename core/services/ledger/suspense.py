"""Bring money in suspense to its end: to a tenancy, back to its payer, or written off, all of it or a part.

What came with a mismatched order has its own decision, see `payments.mismatches`: it is that payer's, or goes back.
By how much PhonePe corrects a paid order is placed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Min, Sum, Value, When

from core.errors import CannotBeDoneNow, InvalidField, NotFound, OwnPayment, OwnRent
from core.models import (
    Destination,
    EntryKind,
    JournalEntry,
    LedgerLine,
    PaymentTransaction,
    Reconciliation,
    Settlement,
    SuspensePlacement,
    Tenancy,
    User,
)
from core.models.ledger_accounts import (
    BANK,
    RENT_BILLED,
    SUSPENSE,
    WRITTEN_OFF,
    owner_payable,
    tenancy_receivable,
)
from core.models.payables import payable_of
from core.models.suspense import PUT_INTO_SUSPENSE
from core.money import rupees, rupees_for_people
from core.services.ledger import posting
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import note_action

PERMISSION = "core.place_suspense"


@dataclass(frozen=True, slots=True)
class Source:
    """Where money in suspense came from, and how much of it is left to place.

    :ivar subject: the order, refund or settlement, by its id
    :ivar left_paise: positive: held, and nobody's yet; negative: missing, and nobody's loss yet
    :ivar waits_for_decision: it came with a mismatched order, which is accepted or refunded as a whole
    """

    kind: EntryKind
    subject: str
    left_paise: int
    since: datetime
    description: str = ""
    waits_for_decision: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"

    def __str__(self) -> str:
        verb = "is held" if self.left_paise > 0 else "is missing"
        return f"{self.kind.label} {self.subject}: {rupees_for_people(abs(self.left_paise))} {verb}"


def open_sources() -> list[Source]:
    """Return everything that waits in suspense, the oldest first."""
    return [source for source in _sources() if source.left_paise]


def source_of(kind: str, subject: str) -> Source:
    """:raises NotFound: if nothing came into suspense that way"""
    found = next(iter(_sources(entry__subject=subject)), None) if kind in PUT_INTO_SUSPENSE else None
    if found is None or found.kind != kind:
        raise NotFound("money in suspense")
    return found


@requires(PERMISSION)
def place_suspense(
    source: Source,
    *,
    destination: Destination,
    amount_paise: int,
    tenancy: Tenancy | None = None,
    reference: str = "",
    by: Operator,
    reason: str,
    now: datetime,
) -> SuspensePlacement:
    """Place money that is in suspense, or a part of it, and post that.

    :param amount_paise: how much, whether it is held or missing
    :param tenancy: whose rent it is, or who has to pay again what is missing
    :param reference: of a transfer back to the payer, its UTR
    :raises InvalidField: for what does not fit the destination, or is more than is left
    :raises CannotBeDoneNow: if it came with an order, which is decided about as a mismatch
    :raises MissingPermission, OwnRent, OwnPayment: if it is not theirs to decide
    """
    _refuse_what_does_not_fit(source, destination, tenancy, reference)
    with transaction.atomic():
        if tenancy is not None:
            tenancy = (
                Tenancy.objects.select_for_update(of=("self",))
                .select_related("tenant", "unit__property__owner")
                .get(pk=tenancy.pk)
            )
            _refuse_own(tenancy, by)
        _lock(source, by)
        now_there = source_of(source.kind, source.subject)
        _refuse_what_does_not_fit(now_there, destination, tenancy, reference)
        left = now_there.left_paise
        if amount_paise <= 0 or amount_paise > abs(left) or (left > 0) != (source.left_paise > 0):
            raise InvalidField("amount", f"At most {rupees_for_people(abs(left))} is left in suspense of this.")
        signed = amount_paise if left > 0 else -amount_paise
        placement = SuspensePlacement.objects.create(
            source_kind=source.kind,
            source_subject=source.subject,
            destination=destination,
            tenancy=tenancy,
            amount_paise=signed,
            reference=reference,
            reason=reason[:500],
            placed_by=by if isinstance(by, User) else None,
            placed_at=now,
        )
        posting.post(
            EntryKind.PLACEMENT,
            str(placement.pk),
            _sentence(placement),
            {SUSPENSE: signed, **_lines(placement)},
            at=now,
        )
        detail = {"amount_paise": signed, "destination": str(destination), "source": source.key}
        about = f"tenancy:{tenancy.pk}" if tenancy is not None else source.key
        note_action("place_suspense", by=by, reason=reason, about=about[:100], detail=detail, now=now)
    return placement


def _refuse_what_does_not_fit(
    source: Source, destination: Destination, tenancy: Tenancy | None, reference: str
) -> None:
    if source.waits_for_decision:
        raise CannotBeDoneNow("This came with an order: keep it as the payment, or send it back, on the order's page.")
    if (destination == Destination.TENANCY) != (tenancy is not None):
        raise InvalidField("tenancy", "Name the tenancy, and only if the money goes to one.")
    if destination == Destination.PAYER and source.left_paise < 0:
        raise InvalidField("destination", "This money is missing, so there is nothing to give back.")
    if destination == Destination.PAYER and not reference:
        raise InvalidField("reference", "Give the UTR of the transfer to the payer.")


def _refuse_own(tenancy: Tenancy, by: Operator) -> None:
    if isinstance(by, User) and by.pk in (tenancy.tenant.user_id, tenancy.unit.property.owner.user_id):
        raise OwnRent


def _lock(source: Source, by: Operator) -> None:
    """Let one decision about a source be made at a time, and no settlement or order be corrected meanwhile."""
    if source.kind == EntryKind.SUSPENSE:
        order = PaymentTransaction.objects.select_for_update().get(merchant_order_id=source.subject)
        if isinstance(by, User) and payable_of(order).payer_user_id == by.pk:
            raise OwnPayment
    if source.kind == EntryKind.SETTLEMENT:
        Settlement.objects.select_for_update().filter(settlement_id=source.subject).first()
    entries = JournalEntry.objects.filter(kind=source.kind, subject=source.subject).order_by("pk")
    entries.select_for_update().first()


def _lines(placement: SuspensePlacement) -> dict[str, int]:
    paise, tenancy = placement.amount_paise, placement.tenancy
    if tenancy is not None:
        owner = tenancy.unit.property.owner_id
        return {tenancy_receivable(tenancy.pk): -paise, RENT_BILLED: paise, owner_payable(owner): -paise}
    return {BANK if placement.destination == Destination.PAYER else WRITTEN_OFF: -paise}


def _sentence(placement: SuspensePlacement) -> str:
    """Return what happened, as a tenant may read it in their statement."""
    if placement.tenancy is not None:
        return "money that could not be assigned at first" if placement.amount_paise > 0 else "taken back by the bank"
    if placement.destination == Destination.PAYER:
        return f"Paid back to the payer, {placement.reference}"
    return f"Written off: {placement.reason}"


def differences() -> Iterator[str]:
    """Yield a sentence for every placement of which the ledger says otherwise, and for what was placed too much."""
    posted = {
        row["entry__subject"]: row["total"]
        for row in LedgerLine.objects.filter(entry__kind=EntryKind.PLACEMENT, account=SUSPENSE)
        .values("entry__subject")
        .annotate(total=Sum("amount_paise"))
        .order_by()
    }
    for placement in SuspensePlacement.objects.select_related("tenancy").iterator():
        said = posted.pop(str(placement.pk), 0)
        if said != placement.amount_paise:
            yield (
                f"Placement {placement.pk} took ₹{rupees(placement.amount_paise)} out of suspense, "
                f"the ledger says ₹{rupees(said)}."
            )
    for subject in posted:
        yield f"Entry placement:{subject} is about nothing we know."
    came = {(source.kind, source.subject): source.left_paise for source in _sources()}
    placed = SuspensePlacement.objects.values("source_kind", "source_subject").annotate(total=Sum("amount_paise"))
    for row in placed.order_by():
        left = came.get((EntryKind(row["source_kind"]), row["source_subject"]), -row["total"])
        if left * row["total"] < 0:
            yield (
                f"₹{rupees(abs(left))} more was placed of {row['source_kind']}:{row['source_subject']} "
                "than is in suspense."
            )


def _sources(**only: Any) -> Iterator[Source]:
    lines = LedgerLine.objects.filter(account=SUSPENSE, **only).exclude(entry__kind=EntryKind.PLACEMENT)
    kind = Case(When(entry__kind=EntryKind.PLACING, then=Value(EntryKind.SUSPENSE)), default=F("entry__kind"))
    rows = lines.annotate(kind=kind).values("kind", "entry__subject")
    told = rows.annotate(total=Sum("amount_paise"), since=Min("entry__at"), what=Max("entry__description"))
    placed = SuspensePlacement.objects.all()
    if subject := only.get("entry__subject"):
        placed = placed.filter(source_subject=subject)
    mismatched = PaymentTransaction.objects.filter(reconciliation_status=Reconciliation.MISMATCH)
    held = set(mismatched.values_list("merchant_order_id", flat=True))
    sums = placed.order_by().values_list("source_kind", "source_subject").annotate(Sum("amount_paise"))
    taken = {(kind, subject): paise for kind, subject, paise in sums}
    for row in told.order_by("since", "kind", "entry__subject"):
        left = -row["total"] - taken.get((row["kind"], row["entry__subject"]), 0)
        is_held = row["kind"] == EntryKind.SUSPENSE and row["entry__subject"] in held
        yield Source(EntryKind(row["kind"]), row["entry__subject"], left, row["since"], row["what"], is_held)
