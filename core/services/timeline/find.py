"""Find whatever a person holds a name of: money, people, tenancies, subscriptions, settlements, books.

Everything that finds, `explain` and the admin's find box alike, asks here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Model

from core.india import INDIA, in_india
from core.models import (
    Alert,
    Invoice,
    JournalEntry,
    LedgerLine,
    Mandate,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payable,
    Payment,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
    Tenancy,
    Tenant,
    User,
    WebhookEvent,
)
from core.money import rupees_for_people
from core.services.timeline.lookups import ELSEWHERE, LOOKS, UNLESS_FOUND, rows_of

MOST = 100  # matches that are shown
LONGEST = 100  # characters of what is looked for
KINDS: dict[str, type[Model]] = {
    "payment": Payment,
    "subscription_payment": OwnerSubscriptionPayment,
    "refund": Refund,
    "webhook": WebhookEvent,
    "settlement": Settlement,
    "reported_refund": ReportedRefund,
    "tenant": Tenant,
    "owner": Owner,
    "user": User,
    "tenancy": Tenancy,
    "subscription": OwnerSubscription,
    "mandate": Mandate,
    "invoice": Invoice,
    "alert": Alert,
    "settlement_line": SettlementLine,
    "entry": JournalEntry,
}
MONEY = ("payment", "subscription_payment", "refund", "webhook", "settlement", "reported_refund")
NUMBERED = re.compile(r"([a-z_]+)\s*[:#]\s*([0-9]{1,18})")
LOOKED = (
    "Nothing is known by “{text}”. Looked among numbers such as payment:12, tenancy:9 or webhook:9, order and refund "
    "ids of ours and of PhonePe, its transaction ids, UTRs, UPI transaction ids, mandates, invoices, disputes, "
    "settlements, accounts and entries of the books, user names, names, e-mail addresses, phone numbers, and an amount "
    "with a day such as 15000 2026-11-27. Any of these can be given."
)


@dataclass(frozen=True, slots=True)
class Match:
    """Something that was found.

    :ivar id: its kind and number, such as `payment:12`; of an account its name
    :ivar at: when it began, in UTC
    :ivar text: what it is, in one line
    """

    id: str
    at: datetime
    text: str
    row: Model

    @property
    def kind(self) -> str:
        return "account" if isinstance(self.row, LedgerLine) else self.id.partition(":")[0]

    @property
    def is_money(self) -> bool:
        """Tell whether it is money on its way or word of it, and not whose that is or where it was booked."""
        return self.kind in MONEY


def find(text: str) -> list[Match]:
    """Return what is known by this text: whose money it is, then the money, the newest first; at most `MOST`."""
    wanted = " ".join(text.split())[:LONGEST].replace("\0", "").strip()
    if not wanted:
        return []
    if (numbered := NUMBERED.fullmatch(wanted.lower())) and (found := _numbered(*numbered.groups())):
        return found
    return _among(LOOKS, wanted) or _among(ELSEWHERE, wanted)


def _among(looks: Iterable[Callable[[str], Iterable[Model]]], wanted: str) -> list[Match]:
    found: dict[str, Match] = {}
    for look in looks:
        if found and look in UNLESS_FOUND:
            continue
        for row in look(wanted):
            match = match_of(row)
            found.setdefault(match.id, match)
    newest = sorted(found.values(), key=lambda match: (match.at, match.id), reverse=True)
    return sorted(newest, key=lambda match: match.is_money)[:MOST]


def nothing_found(text: str) -> str:
    """Return the sentence for a search without a result: where it looked."""
    return LOOKED.format(text=" ".join(text.split())[:LONGEST])


def key_of(row: Model) -> str:
    """Return the id under which a row is found, such as `payment:12`."""
    if isinstance(row, LedgerLine):
        return row.account
    kind = next(kind for kind, model in KINDS.items() if isinstance(row, model))
    return f"{kind}:{row.pk}"


def match_of(row: Model) -> Match:
    """Return a row as a match."""
    at, text = _told(row)
    return Match(key_of(row), at, text, row)


def _numbered(kind: str, number: str) -> list[Match]:
    model = KINDS.get(kind)
    row = None if model is None else rows_of(model).filter(pk=int(number)).first()
    return [] if row is None else [match_of(row)]


def _told(row: Any) -> tuple[datetime, str]:
    if isinstance(row, Payable):
        order = row.transaction
        return row.created_at, f"{rupees_for_people(order.amount_paise)}, {row.payer_sentence()}: {row.status}"
    return TOLD[next(kind for kind in TOLD if isinstance(row, kind))](row)


def _tell_webhook(row: WebhookEvent) -> tuple[datetime, str]:
    return row.received_at, f"Webhook {row.event or 'not read yet'} of {row.merchant_order_id or 'no order of ours'}"


def _tell_refund(row: Refund) -> tuple[datetime, str]:
    paid = row.transaction.merchant_order_id
    return row.created_at, f"Refund of {rupees_for_people(row.amount_paise)} of order {paid}: {row.state}"


def _tell_reported(row: ReportedRefund) -> tuple[datetime, str]:
    return row.created_at, f"Refund {row.merchant_refund_id}, not requested here: {row.get_outcome_display()}"


def _tell_settlement(row: Settlement) -> tuple[datetime, str]:
    return row.settled_at or row.imported_at, f"Settlement {row.settlement_id}: {row.state}"


def _tell_person(row: Owner | Tenant) -> tuple[datetime, str]:
    return row.user.date_joined, f"{row.name}, {row._meta.verbose_name}, user name {row.user.get_username()}"


def _tell_user(row: User) -> tuple[datetime, str]:
    what = "one of Zelton's staff" if row.is_staff else "neither owner nor tenant"
    return row.date_joined, f"{row.get_username()}, {what}"


def _tell_tenancy(row: Tenancy) -> tuple[datetime, str]:
    until = f" to {row.ends_on:%d %b %Y}" if row.ends_on else ""
    begins = datetime.combine(row.starts_on, time.min, INDIA).astimezone(UTC)
    return begins, f"{row}, from {row.starts_on:%d %b %Y}{until}"


def _tell_subscription(row: OwnerSubscription) -> tuple[datetime, str]:
    return row.created_at, f"{row}: {row.get_status_display()}"


def _tell_mandate(row: Mandate) -> tuple[datetime, str]:
    return row.created_at, f"AutoPay of {row.owner_subscription.owner}: {row.shown_state}"


def _tell_paper(row: Invoice) -> tuple[datetime, str]:
    return row.issued_at, f"{row.get_kind_display()} {row.number}, {rupees_for_people(row.total_paise)}"


def _tell_alert(row: Alert) -> tuple[datetime, str]:
    return row.raised_at, f"{row.sentence}{' It is resolved.' if row.resolved_at else ''}"


def _tell_line(row: SettlementLine) -> tuple[datetime, str]:
    settlement = row.settlement
    amount = rupees_for_people(row.amount_paise)
    return settlement.settled_at or settlement.imported_at, f"{row}, {amount}, in settlement {settlement}"


def _tell_entry(row: JournalEntry) -> tuple[datetime, str]:
    return row.at, f"Journal entry: {row.description}"


def _tell_account(row: LedgerLine) -> tuple[datetime, str]:
    return row.entry.at, f"Account {row.account}"


TOLD: dict[Any, Callable[[Any], tuple[datetime, str]]] = {
    WebhookEvent: _tell_webhook,
    Refund: _tell_refund,
    ReportedRefund: _tell_reported,
    Settlement: _tell_settlement,
    Owner: _tell_person,
    Tenant: _tell_person,
    User: _tell_user,
    Tenancy: _tell_tenancy,
    OwnerSubscription: _tell_subscription,
    Mandate: _tell_mandate,
    Invoice: _tell_paper,
    Alert: _tell_alert,
    SettlementLine: _tell_line,
    JournalEntry: _tell_entry,
    LedgerLine: _tell_account,
}


def line_of(match: Match) -> str:
    """Return a match as a line of a list, with its time in India."""
    return f"{match.id:24} {in_india(match.at):%d %b %Y %H:%M:%S} IST  {match.text}"
