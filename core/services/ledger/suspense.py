"""Bring money in suspense to its end: to a tenancy, back to its payer, or written off, all of it or a part.

What came with a mismatched order has its own decision, see `payments.mismatches`: it is that payer's, or goes back.
By how much PhonePe corrects a paid order is placed here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Count, F, Max, Min, Q, Sum, Value, When

from core.errors import CannotBeDoneNow, InvalidField, NotFound, OwnPayment, OwnRent
from core.models import (
    Destination,
    EntryKind,
    JournalEntry,
    LedgerLine,
    PaymentTransaction,
    Reconciliation,
    Settlement,
    SettlementLine,
    SettlementState,
    Side,
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
from core.money import rupees_for_people
from core.services.ledger import posting
from core.services.ledger.proofs import OVERLAP, Scope
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import note_action

PERMISSION = "core.place_suspense"


@dataclass(frozen=True, slots=True)
class Source:
    """Where money in suspense came from, and how much of it is left to place.

    :ivar subject: the order, refund or settlement, by its id
    :ivar left_paise: positive: held, and nobody's yet; negative: missing, and nobody's loss yet
    :ivar held_paise: what is left of the parts that are held; a settlement may hold some and lack others
    :ivar missing_paise: what is left of the parts that are missing
    :ivar waits_for_decision: it came with a mismatched order, which is accepted or refunded as a whole
    """

    kind: EntryKind
    subject: str
    left_paise: int
    since: datetime
    description: str = ""
    waits_for_decision: bool = False
    held_paise: int = 0
    missing_paise: int = 0
    is_overplaced: bool = True  # if what is left goes the other way than what was placed

    @property
    def is_open(self) -> bool:
        """Tell whether something of it is to be placed, also where its parts cancel out."""
        return bool(self.held_paise or self.missing_paise)

    def left_of(self, side: Side | None) -> int:
        """Return how much can be placed at most, in paise, below zero if it is missing.

        :param side: of its parts that are held, or of those that are missing; none: of what is left when both are one
        """
        return {None: self.left_paise, Side.HELD: self.held_paise, Side.MISSING: -self.missing_paise}[side]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"

    def __str__(self) -> str:
        return f"{self.kind.label} {self.subject}"

    @property
    def what_is_left(self) -> str:
        """Return "₹5.00 is held", or "₹5.00 is held and ₹3.00 is missing" if its parts go both ways."""
        return self.what_is_left_of()

    def what_is_left_of(self, of_it: str = "") -> str:
        held, missing = rupees_for_people(self.held_paise), rupees_for_people(self.missing_paise)
        if self.held_paise and self.missing_paise:
            return f"{held} is held and {missing} is missing"
        return f"{held} {of_it}is held" if self.held_paise else f"{missing} {of_it}is missing"


def open_sources() -> list[Source]:
    """Return everything that waits in suspense, the oldest first."""
    return sorted((source for source in _sources() if source.is_open), key=lambda source: (source.since, source.key))


def source_of(kind: str, subject: str) -> Source:
    """:raises NotFound: if nothing came into suspense that way"""
    found = next((source for source in _sources({subject}) if source.kind == kind), None)
    if found is None:
        raise NotFound("money in suspense")
    return found


@requires(PERMISSION)
def place_suspense(
    source: Source,
    *,
    destination: Destination,
    amount_paise: int,
    side: Side | None = None,
    tenancy: Tenancy | None = None,
    reference: str = "",
    by: Operator,
    reason: str,
    now: datetime,
) -> SuspensePlacement:
    """Place money that is in suspense, or a part of it, and post that.

    :param amount_paise: how much, whether it is held or missing
    :param side: place parts that are held, or parts that are missing, of a settlement that has both
    :param tenancy: whose rent it is, or who has to pay again what is missing
    :param reference: of a transfer back to the payer, its UTR
    :raises InvalidField: for what does not fit the destination, or is more than is left
    :raises CannotBeDoneNow: if it came with an order, which is decided about as a mismatch
    :raises MissingPermission, OwnRent, OwnPayment: if it is not theirs to decide
    """
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
        _refuse_what_does_not_fit(now_there, side, destination, tenancy, reference)
        left = now_there.left_of(side)
        if left != source.left_of(side) or not 0 < amount_paise <= abs(left):
            changed = "" if left == source.left_of(side) else " It has changed since you looked."
            raise InvalidField(
                "amount", f"At most {rupees_for_people(abs(left))} is left in suspense of this.{changed}"
            )
        signed = amount_paise if left > 0 else -amount_paise
        placement = SuspensePlacement.objects.create(
            source_kind=source.kind,
            source_subject=source.subject,
            destination=destination,
            tenancy=tenancy,
            amount_paise=signed,
            side=side or "",
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
    source: Source, side: Side | None, destination: Destination, tenancy: Tenancy | None, reference: str
) -> None:
    if source.waits_for_decision:
        raise CannotBeDoneNow("This came with an order: keep it as the payment, or send it back, on the order's page.")
    if (destination == Destination.TENANCY) != (tenancy is not None):
        raise InvalidField("tenancy", "Name the tenancy, and only if the money goes to one.")
    if side is None and not source.left_paise and source.is_open:
        raise InvalidField("side", "Its parts cancel out: say whether you place what is held or what is missing.")
    if destination == Destination.PAYER and source.left_of(side) < 0:
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
    entries = JournalEntry.objects.filter(kind=source.kind, subject=source.subject)
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


def differences(scope: Scope) -> Iterator[str]:
    """Yield a sentence for every placement of which the ledger says otherwise, and for what was placed too much."""
    posted = {
        row["entry__subject"]: row["total"]
        for row in LedgerLine.objects.filter(entry__kind=EntryKind.PLACEMENT, account=SUSPENSE)
        .values("entry__subject")
        .annotate(total=Sum("amount_paise"))
    }
    for placement in SuspensePlacement.objects.select_related("tenancy").iterator():
        said = posted.pop(str(placement.pk), 0)
        if said != placement.amount_paise:
            yield (
                f"Placement {placement.pk} took {rupees_for_people(placement.amount_paise)} out of suspense, "
                f"the ledger says {rupees_for_people(said)}."
            )
    for subject in posted:
        yield f"Entry placement:{subject} is about nothing we know."
    placements = SuspensePlacement.objects.all()
    if scope.since is not None:  # then the sources of which something was posted, or placed
        news = set(scope.lines().filter(account=SUSPENSE).values_list("entry__subject", flat=True))
        placements = placements.filter(Q(source_subject__in=news) | Q(placed_at__gte=scope.since.made_at - OVERLAP))
    subjects = set(placements.values_list("source_subject", flat=True))
    came = {(source.kind, source.subject): source for source in _sources(subjects)}
    placed = SuspensePlacement.objects.filter(source_subject__in=subjects).values("source_kind", "source_subject")
    placed = placed.annotate(total=Sum("amount_paise"))
    for row in placed:
        source = came.get((EntryKind(row["source_kind"]), row["source_subject"]))
        left = -row["total"] if source is None else source.left_paise
        if left * row["total"] < 0 and (source is None or source.is_overplaced):
            yield (
                f"{rupees_for_people(abs(left))} more was placed of {row['source_kind']}:{row['source_subject']} "
                "than is in suspense."
            )


def _sources(about: Collection[str] | None = None) -> Iterator[Source]:
    """Yield what came into suspense, and what is left of it.

    :param about: only what these orders, refunds and settlements brought, by their ids; none: everything
    """
    lines = LedgerLine.objects.filter(account=SUSPENSE).exclude(entry__kind=EntryKind.PLACEMENT)
    placed = SuspensePlacement.objects.all()
    if about is not None:
        lines, placed = lines.filter(entry__subject__in=about), placed.filter(source_subject__in=about)
    kind = Case(When(entry__kind=EntryKind.PLACING, then=Value(EntryKind.SUSPENSE)), default=F("entry__kind"))
    rows = lines.annotate(kind=kind).values("kind", "entry__subject")
    told = rows.annotate(total=Sum("amount_paise"), since=Min("entry__at"), what=Max("entry__description"))
    mismatched = PaymentTransaction.objects.filter(reconciliation_status=Reconciliation.MISMATCH)
    held = set(mismatched.values_list("merchant_order_id", flat=True))
    sums = placed.values_list("source_kind", "source_subject")
    taken = {
        (kind, subject): _Placed(held, -missing, is_of_one=not of_parts)
        for kind, subject, held, missing, of_parts in sums.annotate(
            of_held=Sum("amount_paise", filter=Q(amount_paise__gt=0), default=0),
            of_missing=Sum("amount_paise", filter=Q(amount_paise__lt=0), default=0),
            of_parts=Count("pk", filter=~Q(side="")),
        )
    }
    settled = _parts_of_settlements(about)
    for row in told:
        of, subject, came = EntryKind(row["kind"]), row["entry__subject"], -row["total"]
        is_held = of == EntryKind.SUSPENSE and subject in held
        source = Source(of, subject, came, row["since"], row["what"], is_held)
        parts = settled.pop(subject, None) if of == EntryKind.SETTLEMENT else None
        yield _less_what_was_placed(source, parts, taken.get((of, subject), NOTHING))
    for subject, parts in settled.items():  # what cancels out to the paisa has no line in suspense
        what = "parts of a payout that cancel out"
        source = Source(EntryKind.SETTLEMENT, subject, 0, parts.since, what)
        yield _less_what_was_placed(source, parts, taken.get((EntryKind.SETTLEMENT, subject), NOTHING))


@dataclass(frozen=True, slots=True)
class _Parts:
    held: int
    missing: int
    since: datetime


@dataclass(frozen=True, slots=True)
class _Placed:
    """What was placed of a source.

    :ivar is_of_one: nobody said of which parts, so it was of what is left when they are one
    """

    held: int
    missing: int
    is_of_one: bool


NOTHING = _Placed(0, 0, is_of_one=True)


def _parts_of_settlements(about: Collection[str] | None) -> dict[str, _Parts]:
    """Return what the lines of settlements left in suspense, by settlement: what came and what was taken apart."""
    own = F("net_paise") - F("fee_paise") - F("tax_paise") - F("clearing_paise")
    lines = SettlementLine.objects.filter(settlement__state=SettlementState.PROCESSED, settlement__has_report=True)
    if about is not None:
        lines = lines.filter(settlement__settlement_id__in=about)
    kept = lines.annotate(kept=Case(When(clearing_paise=0, then=F("net_paise")), default=own)).exclude(kept=0)
    rows = kept.values_list("settlement__settlement_id", "settlement__settled_at", "settlement__imported_at")
    return {
        name: _Parts(held, -missing, settled_at or imported_at)
        for name, settled_at, imported_at, held, missing in rows.annotate(
            held=Sum("kept", filter=Q(kept__gt=0), default=0), missing=Sum("kept", filter=Q(kept__lt=0), default=0)
        )
    }


def _less_what_was_placed(source: Source, parts: _Parts | None, placed: _Placed) -> Source:
    """Return what is left of a source, and of each side of it.

    :param source: with all that came
    :param parts: of a settlement, what its lines left; what the payout is more or less than they make is the rest
    """
    came, left = source.left_paise, source.left_paise - placed.held + placed.missing
    if parts is None:
        return replace(source, left_paise=left, held_paise=max(0, left), missing_paise=max(0, -left))
    beyond = came - (parts.held - parts.missing)
    held = parts.held + max(0, beyond) - placed.held
    missing = parts.missing + max(0, -beyond) - placed.missing
    beyond_both = min(0, max(held, missing))  # too much was placed of either side: so far one makes up for the other
    held, missing = held - beyond_both, missing - beyond_both
    is_overplaced = held < 0 or missing < 0
    held, missing = max(0, held) + max(0, -missing), max(0, missing) + max(0, -held)
    if not left and placed.is_of_one and bool(placed.held) != bool(placed.missing):
        held = missing = 0  # somebody placed what was left when the parts were one
    return replace(source, left_paise=left, held_paise=held, missing_paise=missing, is_overplaced=is_overplaced)
