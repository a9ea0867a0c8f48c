"""Post money to the double-entry books. Every fact posts one entry, however often it is told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from core.models import EntryKind, JournalEntry, LedgerLine, Payable, Refund, RefundState, RentCharge
from core.models.ledger import source_of
from core.models.ledger_accounts import (
    GST,
    PHONEPE_CLEARING,
    REFUNDS_IN_FLIGHT,
    RENT_BILLED,
    SUSPENSE,
    tenancy_receivable,
)

HELD = "Came with another amount or order than was asked for"
CORRECTED = "PhonePe corrected what came with this order"


class Unbalanced(Exception):
    """The lines of an entry do not sum to zero."""


def post(
    kind: EntryKind, subject: str, description: str, lines: Mapping[str, int], *, at: datetime, number: int = 1
) -> None:
    """Post one entry; a fact that has been posted already posts nothing more.

    :param subject: the id of what it is about
    :param lines: paise by account; debits positive, credits negative
    :param number: counts the entries of this kind about this subject, where there may be several
    :raises Unbalanced: if they do not sum to zero
    """
    if sum(lines.values()) != 0:
        raise Unbalanced(f"{kind} {subject}")
    source = source_of(kind, subject, number)
    entry = JournalEntry(source=source, kind=kind, subject=subject, description=description[:200], at=at)
    JournalEntry.objects.enter(entry, {account: paise for account, paise in lines.items() if paise})


def posted_by(*kinds: EntryKind, subject: str) -> QuerySet[LedgerLine]:
    """Return the lines of the entries of these kinds about a subject."""
    return LedgerLine.objects.filter(entry__subject=subject, entry__kind__in=kinds)


def record_charge(charge: RentCharge, *, at: datetime) -> None:
    """A month's rent has fallen due."""
    lines = {tenancy_receivable(charge.tenancy_id): charge.amount_paise, RENT_BILLED: -charge.amount_paise}
    post(EntryKind.CHARGE, str(charge.pk), f"Rent for {charge.for_which_days}", lines, at=at)


def record_reversal(charge: RentCharge, *, at: datetime) -> None:
    """A month's rent is owed no more."""
    lines = {tenancy_receivable(charge.tenancy_id): -charge.amount_paise, RENT_BILLED: charge.amount_paise}
    sentence = f"Reversal of rent for {charge.for_which_days}: {charge.reversal_reason}"
    post(EntryKind.REVERSAL, str(charge.pk), sentence, lines, at=at)


def record_capture(payable: Payable, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has taken money for what it was asked for."""
    lines = {PHONEPE_CLEARING: amount_paise, **payable.capture_lines(amount_paise)}
    post(EntryKind.CAPTURE, payable.merchant_order_id, payable.payer_sentence(), lines, at=at)


def record_suspense(merchant_order_id: str, amount_paise: int, *, at: datetime) -> None:
    """PhonePe says that so much came with an order, and it cannot be placed, or not all of it; an operator will.

    Called under the order's lock. What was posted before stays: an entry more brings the order's part of PhonePe's
    clearing to this sum, so that the books say what PhonePe said last.

    :param amount_paise: all that came with the order; 0: nothing did, after all
    """
    still = amount_paise - came_with(merchant_order_id)
    if not still:
        return
    number = JournalEntry.objects.filter(kind=EntryKind.SUSPENSE, subject=merchant_order_id).count() + 1
    lines = {PHONEPE_CLEARING: still, SUSPENSE: -still}
    sentence = HELD if number == 1 and still == amount_paise else CORRECTED
    post(EntryKind.SUSPENSE, merchant_order_id, sentence, lines, at=at, number=number)


def came_with(merchant_order_id: str) -> int:
    """Return how much has come with an order by our books, captured or in suspense."""
    posted = posted_by(EntryKind.CAPTURE, EntryKind.SUSPENSE, subject=merchant_order_id)
    return sum(posted.filter(account=PHONEPE_CLEARING).values_list("amount_paise", flat=True))


def record_placing(payable: Payable, amount_paise: int, *, at: datetime) -> None:
    """An operator has placed money that was in suspense."""
    lines = {SUSPENSE: amount_paise, **payable.capture_lines(amount_paise)}
    post(EntryKind.PLACING, payable.merchant_order_id, payable.payer_sentence(), lines, at=at)


def record_refund_started(refund: Refund, payable: Payable, refunded_before: int, *, at: datetime) -> None:
    """Money is on its way back: the accounts that its capture posted to give back their share, exact in the end.

    :param refunded_before: paise of the order's other refunds that have not failed
    """
    sentence = f"Refund: {refund.reason} ({payable.payer_sentence()})"
    lines = _started_lines(refund, payable, refunded_before)
    post(EntryKind.REFUND_STARTED, refund.merchant_refund_id, sentence, lines, at=at)


def _started_lines(refund: Refund, payable: Payable, refunded_before: int) -> dict[str, int]:
    before, after = (
        _share_of_capture(payable, amount) for amount in (refunded_before, refunded_before + refund.amount_paise)
    )
    return {
        REFUNDS_IN_FLIGHT: -refund.amount_paise,
        **{account: before[account] - after[account] for account in after},
    }


def record_refund_corrected(refund: Refund, payable: Payable, refunded_before: int, *, at: datetime) -> None:
    """PhonePe names another amount than before of a refund that it made: what was posted follows.

    :param refunded_before: as for `record_refund_started`
    """
    amount, name = refund.amount_paise, refund.merchant_refund_id
    due = {EntryKind.REFUND_STARTED: _started_lines(refund, payable, refunded_before)}
    if refund.state == RefundState.COMPLETED:
        due[EntryKind.REFUND_DONE] = {REFUNDS_IN_FLIGHT: amount, PHONEPE_CLEARING: -amount}
    for kind, lines in due.items():
        still = Counter(lines)
        still.subtract(_sums(posted_by(kind, subject=name)))
        number = JournalEntry.objects.filter(kind=kind, subject=name).count() + 1
        post(kind, name, "PhonePe corrected the amount of the refund", still, at=at, number=number)


def _sums(lines: QuerySet[LedgerLine]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for account, paise in lines.values_list("account", "amount_paise"):
        sums[account] += paise
    return sums


def _share_of_capture(payable: Payable, amount_paise: int) -> dict[str, int]:
    """Return the part of what a capture posted that so much of it stands for; the last account takes the rounding.

    It is read from the books, because whom it was posted for may have changed since. Tax is rounded half up to the
    paisa, and each half of it by itself where it has two: central and state tax stay the same in every part.
    """
    posted = posted_by(EntryKind.CAPTURE, EntryKind.PLACING, subject=payable.merchant_order_id)
    posted = posted.exclude(account__in=(PHONEPE_CLEARING, SUSPENSE))
    *others, last = sorted(posted.order_by("pk").values_list("account", "amount_paise"), key=lambda row: row[0] != GST)
    captured = payable.transaction.captured_paise
    share = {account: _part(account, paise, amount_paise, captured) for account, paise in others}
    return {**share, last[0]: -amount_paise - sum(share.values())}


def _part(account: str, paise: int, amount_paise: int, captured_paise: int) -> int:
    if account != GST:
        return paise * amount_paise // captured_paise
    halves = 2 if paise % 2 == 0 else 1
    return -halves * ((2 * -paise // halves * amount_paise + captured_paise) // (2 * captured_paise))


def record_refund_done(refund: Refund, *, at: datetime) -> None:
    """PhonePe has paid the money back."""
    lines = {REFUNDS_IN_FLIGHT: refund.amount_paise, PHONEPE_CLEARING: -refund.amount_paise}
    post(EntryKind.REFUND_DONE, refund.merchant_refund_id, "Refund completed", lines, at=at)


def record_refund_failed(refund: Refund, *, at: datetime) -> None:
    """PhonePe could not pay the money back: all that its start posted is undone."""
    started = _sums(posted_by(EntryKind.REFUND_STARTED, subject=refund.merchant_refund_id))
    lines = {account: -paise for account, paise in started.items()}
    post(EntryKind.REFUND_FAILED, refund.merchant_refund_id, "Refund failed", lines, at=at)


def record_unknown_refund(names: Iterable[str], merchant_order_id: str, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has paid back money without us, from its dashboard perhaps: into suspense, for an operator.

    :param names: PhonePe's id and the merchant's, as far as they are told; whoever tells of it first posts it
    """
    told = [name[:64] for name in names if name]
    if told and not JournalEntry.objects.filter(kind=EntryKind.UNKNOWN_REFUND, subject__in=told).exists():
        sentence = f"A refund that was not made here, of order {merchant_order_id}"
        lines = {SUSPENSE: amount_paise, PHONEPE_CLEARING: -amount_paise}
        post(EntryKind.UNKNOWN_REFUND, told[0], sentence, lines, at=at)


def record_unknown_refund_matched(names: Iterable[str], *, at: datetime) -> None:
    """A refund that was in suspense has found its payment, on which it is booked now: it leaves suspense."""
    for name in names:
        entry = JournalEntry.objects.filter(source=source_of(EntryKind.UNKNOWN_REFUND, name[:64])).first()
        if entry is not None:
            lines = {line.account: -line.amount_paise for line in entry.lines.all()}
            post(EntryKind.UNKNOWN_REFUND, entry.subject, "Booked on its payment", lines, at=at, number=2)
