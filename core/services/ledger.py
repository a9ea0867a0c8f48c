"""Post money to the double-entry books. Every fact posts one entry, however often it is told."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from core.models import JournalEntry, LedgerLine, Purpose, Refund, RentCharge
from core.models.accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT, RENT_BILLED, SUSPENSE, receivable


class Unbalanced(Exception):
    """The lines of an entry do not sum to zero."""


def post(source: str, description: str, lines: Mapping[str, int], *, at: datetime) -> JournalEntry:
    """Post one entry; a source that has been posted already posts nothing more.

    :param lines: paise by account; debits positive, credits negative
    :raises Unbalanced: if they do not sum to zero
    """
    if sum(lines.values()) != 0:
        raise Unbalanced(source)
    entry, is_new = JournalEntry.objects.get_or_create(
        source=source, defaults={"description": description[:200], "at": at}
    )
    if is_new:
        LedgerLine.objects.bulk_create(
            LedgerLine(entry=entry, account=account, amount_paise=paise) for account, paise in lines.items() if paise
        )
    return entry


def record_charge(charge: RentCharge, *, at: datetime) -> None:
    """A month's rent has fallen due."""
    lines = {receivable(charge.tenancy_id): charge.amount_paise, RENT_BILLED: -charge.amount_paise}
    post(f"charge:{charge.pk}", f"Rent for {charge.month:%B %Y}", lines, at=at)


def record_capture(purpose: Purpose, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has taken money for what it was asked for."""
    lines = {PHONEPE_CLEARING: amount_paise, **purpose.capture_lines(amount_paise)}
    post(f"capture:{purpose.merchant_order_id}", purpose.payer_sentence(), lines, at=at)


def record_suspense(merchant_order_id: str, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has taken money that we cannot place; an operator will."""
    lines = {PHONEPE_CLEARING: amount_paise, SUSPENSE: -amount_paise}
    sentence = "Came with another amount or order than was asked for"
    post(f"suspense:{merchant_order_id}", sentence, lines, at=at)


def suspense_of(merchant_order_id: str) -> int:
    """Return how much came with an order that an operator has to decide about."""
    line = LedgerLine.objects.filter(entry__source=f"suspense:{merchant_order_id}", account=PHONEPE_CLEARING).first()
    return line.amount_paise if line else 0


def record_placing(purpose: Purpose, amount_paise: int, *, at: datetime) -> None:
    """An operator has placed money that was in suspense."""
    lines = {SUSPENSE: amount_paise, **purpose.capture_lines(amount_paise)}
    post(f"placing:{purpose.merchant_order_id}", purpose.payer_sentence(), lines, at=at)


def record_refund_started(refund: Refund, purpose: Purpose, refunded_before: int, *, at: datetime) -> None:
    """Money is on its way back: the accounts that its capture posted to give back their share, exact in the end.

    :param refunded_before: paise of the order's other refunds that have not failed
    """
    before, after = (
        _share_of_capture(purpose, amount) for amount in (refunded_before, refunded_before + refund.amount_paise)
    )
    taken_back = {account: before[account] - after[account] for account in after}
    lines = {REFUNDS_IN_FLIGHT: -refund.amount_paise, **taken_back}
    post(_source(refund, "started"), f"Refund: {refund.reason} ({purpose.payer_sentence()})", lines, at=at)


def _share_of_capture(purpose: Purpose, amount_paise: int) -> dict[str, int]:
    """Return the part of what a capture posted that so much of it stands for; the last account takes the rounding.

    It is read from the books, because whom it was posted for may have changed since.
    """
    sources = [f"capture:{purpose.merchant_order_id}", f"placing:{purpose.merchant_order_id}"]
    posted = LedgerLine.objects.filter(entry__source__in=sources).exclude(account__in=(PHONEPE_CLEARING, SUSPENSE))
    *others, last = posted.order_by("pk").values_list("account", "amount_paise")
    share = {account: paise * amount_paise // purpose.transaction.captured_paise for account, paise in others}
    return {**share, last[0]: -amount_paise - sum(share.values())}


def record_refund_done(refund: Refund, *, at: datetime) -> None:
    """PhonePe has paid the money back."""
    lines = {REFUNDS_IN_FLIGHT: refund.amount_paise, PHONEPE_CLEARING: -refund.amount_paise}
    post(_source(refund, "done"), "Refund completed", lines, at=at)


def record_refund_failed(refund: Refund, *, at: datetime) -> None:
    """PhonePe could not pay the money back: all that its start posted is undone."""
    started = LedgerLine.objects.filter(entry__source=_source(refund, "started"))
    lines = {line.account: -line.amount_paise for line in started}
    post(_source(refund, "failed"), "Refund failed", lines, at=at)


def record_unknown_refund(names: Iterable[str], merchant_order_id: str, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has paid back money without us, from its dashboard perhaps: into suspense, for an operator.

    :param names: PhonePe's id and the merchant's, as far as they are told; whoever tells of it first posts it
    """
    sources = [f"unknown_refund:{name[:64]}" for name in names if name]
    if sources and not JournalEntry.objects.filter(source__in=sources).exists():
        sentence = f"A refund that was not made here, of order {merchant_order_id}"
        post(sources[0], sentence, {SUSPENSE: amount_paise, PHONEPE_CLEARING: -amount_paise}, at=at)


def _source(refund: Refund, event: str) -> str:
    return f"refund:{refund.merchant_refund_id}:{event}"
