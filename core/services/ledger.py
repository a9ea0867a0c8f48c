"""Post money to the double-entry books. Every fact posts one entry, however often it is told."""

from datetime import datetime

from core.models import JournalEntry, LedgerLine, Purpose

PHONEPE_CLEARING = "phonepe_clearing"
SUSPENSE = "suspense"


class Unbalanced(Exception):
    """The lines of an entry do not sum to zero."""


def post(source: str, description: str, lines: dict[str, int], *, at: datetime) -> JournalEntry:
    """Post one entry; a source that has been posted already posts nothing more.

    :param lines: paise by account; debits positive, credits negative
    :raises Unbalanced: if they do not sum to zero
    """
    if sum(lines.values()) != 0:
        raise Unbalanced(source)
    entry, is_new = JournalEntry.objects.get_or_create(source=source, defaults={"description": description, "at": at})
    if is_new:
        LedgerLine.objects.bulk_create(
            LedgerLine(entry=entry, account=account, amount_paise=paise) for account, paise in lines.items()
        )
    return entry


def record_capture(purpose: Purpose, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has taken money for what it was asked for."""
    post(
        f"capture:{purpose.merchant_order_id}",
        purpose.payer_sentence()[:200],
        {PHONEPE_CLEARING: amount_paise, purpose.income_account(): -amount_paise},
        at=at,
    )


def record_suspense(merchant_order_id: str, amount_paise: int, *, at: datetime) -> None:
    """PhonePe has taken money that we cannot place; an operator will."""
    if amount_paise:
        post(
            f"suspense:{merchant_order_id}",
            "Came with another amount or order than was asked for",
            {PHONEPE_CLEARING: amount_paise, SUSPENSE: -amount_paise},
            at=at,
        )
