"""Find money by whatever a person holds: a number of ours, any id of PhonePe's, a UTR, a name, a phone number."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet

from core.india import INDIA, in_india
from core.models import (
    Alert,
    AlertKind,
    OwnerSubscriptionPayment,
    Payable,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    ReportOutcome,
    Settlement,
    User,
    WebhookEvent,
)
from core.models.payables import kinds_of_payable, payable_of, payable_relations
from core.money import NotAnAmount, paise_from_text, rupees_for_people
from core.services.operations.log_ins import people_named

MOST = 100  # matches that are shown
LONGEST = 100  # characters of what is looked for
KINDS: dict[str, type[Model]] = {
    "payment": Payment,
    "subscription_payment": OwnerSubscriptionPayment,
    "refund": Refund,
    "webhook": WebhookEvent,
    "settlement": Settlement,
    "reported_refund": ReportedRefund,
}
NUMBERED = re.compile(r"([a-z_]+)\s*[:#]\s*([0-9]{1,18})")
DISPUTE = re.compile(r"D[A-Za-z0-9_-]{1,63}")
DIGEST = re.compile(r"[0-9a-f]{64}")
AMOUNT_AND_DAY = re.compile(r"(?:₹\s*)?([0-9][0-9,]*(?:\.[0-9]{1,2})?)\s+(?:on\s+)?([0-9]{4}-[0-9]{2}-[0-9]{2})")
LOOKED = (
    "Nothing is known by “{text}”. Looked among numbers such as payment:12 or webhook:9, order and refund ids of ours "
    "and of PhonePe, its transaction ids, UTRs, UPI transaction ids, mandates, invoices, disputes, settlements, user "
    "names, e-mail addresses, phone numbers, and an amount with a day such as 15000 2026-11-27."
)


@dataclass(frozen=True, slots=True)
class Match:
    """Something that was found.

    :ivar id: its kind and number, such as `payment:12`
    :ivar at: when it began, in UTC
    :ivar text: what it is, in one line
    """

    id: str
    at: datetime
    text: str
    row: Model

    @property
    def kind(self) -> str:
        return self.id.partition(":")[0]


def find(text: str) -> list[Match]:
    """Return what is known by this text, the newest first, at most `MOST`; each lookup goes along an index."""
    wanted = " ".join(text.split())[:LONGEST].replace("\0", "")
    if not wanted:
        return []
    if numbered := NUMBERED.fullmatch(wanted.lower()):
        return _numbered(*numbered.groups())
    found: dict[str, Match] = {}
    for look in LOOKS:
        for row in look(wanted):
            match = match_of(row)
            found.setdefault(match.id, match)
    return sorted(found.values(), key=lambda match: (match.at, match.id), reverse=True)[:MOST]


def nothing_found(text: str) -> str:
    """Return the sentence for a search without a result: where it looked."""
    return LOOKED.format(text=" ".join(text.split())[:LONGEST])


def key_of(row: Model) -> str:
    """Return the id under which a row is found, such as `payment:12`."""
    kind = next(kind for kind, model in KINDS.items() if isinstance(row, model))
    return f"{kind}:{row.pk}"


def match_of(row: Model) -> Match:
    """Return a row as a match."""
    at, text = _told(row)
    return Match(key_of(row), at, text, row)


def _told(row: Any) -> tuple[datetime, str]:
    if isinstance(row, Payable):
        order = row.transaction
        return row.created_at, f"{rupees_for_people(order.amount_paise)}, {row.payer_sentence()}: {row.status}"
    if isinstance(row, Refund):
        paid = row.transaction.merchant_order_id
        return row.created_at, f"Refund of {rupees_for_people(row.amount_paise)} of order {paid}: {row.state}"
    if isinstance(row, WebhookEvent):
        return (
            row.received_at,
            f"Webhook {row.event or 'not read yet'} of {row.merchant_order_id or 'no order of ours'}",
        )
    if isinstance(row, Settlement):
        return row.settled_at or row.imported_at, f"Settlement {row.settlement_id}: {row.state}"
    return row.created_at, f"Refund {row.merchant_refund_id}, not requested here: {row.get_outcome_display()}"


def _numbered(kind: str, number: str) -> list[Match]:
    model = KINDS.get(kind)
    row = None if model is None else _rows(model).filter(pk=int(number)).first()
    return [] if row is None else [match_of(row)]


def _rows(model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a kind with what their line says."""
    rows: QuerySet[Any] = model._default_manager.order_by("-pk")
    if issubclass(model, Payable):
        return rows.select_related("transaction", *model.ledger_relations, *model.display_relations)
    if model is Refund:
        return rows.select_related("transaction")
    return rows.defer("body") if model is WebhookEvent else rows


def by_webhook_number(text: str) -> Iterable[Model]:
    """A bare number is that of a webhook, as its list shows it."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return _rows(WebhookEvent).filter(pk=int(text))
    return _rows(WebhookEvent).filter(digest=text) if DIGEST.fullmatch(text) else []


def by_order(text: str) -> Iterator[Model]:
    orders = PaymentTransaction.objects.select_related(*payable_relations())
    by_attempt = PaymentAttempt.objects.filter(
        Q(transaction_id=text) | Q(utr=text) | Q(upi_transaction_id=text)
    ).values_list("order_id", flat=True)
    for found in (
        orders.filter(merchant_order_id=text),
        orders.filter(phonepe_order_id=text),
        orders.filter(utr=text),
        orders.filter(pk__in=list(by_attempt[:MOST])),
    ):
        for order in found.order_by("-pk")[:MOST]:
            yield payable_of(order)


def by_refund(text: str) -> Iterator[Model]:
    for name in ("merchant_refund_id", "refund_id"):
        yield from _rows(Refund).filter(**{name: text})[:MOST]
    # One that is booked is found above, as the refund of its payment.
    yield from ReportedRefund.objects.filter(merchant_refund_id=text).exclude(outcome=ReportOutcome.BOOKED)


def by_mandate_or_invoice(text: str) -> Iterator[Model]:
    """Find the setup and the debits of a mandate by our id or PhonePe's, and the payment that a paper is about."""
    payments = _rows(OwnerSubscriptionPayment)
    for name in ("mandate__merchant_subscription_id", "mandate__subscription_id", "papers__number"):
        yield from payments.filter(**{name: text})[:MOST]


def by_dispute(text: str) -> Iterator[Model]:
    """Find the payment that a dispute of PhonePe's is about: its id stands in the alert that tells of it."""
    if not DISPUTE.fullmatch(text):
        return
    told = Alert.objects.filter(
        kind__in=(AlertKind.DISPUTE, AlertKind.DISPUTE_LOST), sentence__startswith=f"Dispute {text} "
    )
    orders = PaymentTransaction.objects.filter(
        merchant_order_id__in=list(told.values_list("subject", flat=True)[:MOST])
    )
    for order in orders.select_related(*payable_relations()):
        yield payable_of(order)


def by_settlement(text: str) -> Iterator[Model]:
    for name in ("settlement_id", "utr"):
        yield from _rows(Settlement).filter(**{name: text})[:MOST]


def by_person(text: str) -> Iterator[Model]:
    """Find what people of this user name, e-mail address or phone number paid, and what owners were paid."""
    people = list(people_named(text))
    if people:
        yield from payments_of(people)


def payments_of(people: list[User]) -> Iterator[Model]:
    """Yield the newest payments that people made or, as owners, got."""
    keys = [user.pk for user in people]
    for way in ({"tenancy__tenant__user__in": keys}, {"owner__user__in": keys}):
        yield from _rows(Payment).filter(**way).order_by("-created_at")[:MOST]
    yield from _rows(OwnerSubscriptionPayment).filter(subscription__owner__user__in=keys).order_by("-created_at")[:MOST]


def by_amount_and_day(text: str) -> Iterator[Model]:
    """Find payments of an amount that were begun on a day in India."""
    named = AMOUNT_AND_DAY.fullmatch(text) or AMOUNT_AND_DAY.fullmatch(" ".join(reversed(text.split(" "))))
    if named is None:
        return
    try:
        paise = paise_from_text(named[1].replace(",", ""))
        begins = datetime.combine(date.fromisoformat(named[2]), time.min, INDIA).astimezone(UTC)
    except (NotAnAmount, ValueError):
        return
    span = (begins, begins + timedelta(days=1) - timedelta(microseconds=1))
    for kind in kinds_of_payable():
        yield from _rows(kind).filter(created_at__range=span, transaction__amount_paise=paise)[:MOST]


LOOKS: tuple[Callable[[str], Iterable[Model]], ...] = (
    by_webhook_number,
    by_order,
    by_refund,
    by_mandate_or_invoice,
    by_dispute,
    by_settlement,
    by_person,
    by_amount_and_day,
)


def line_of(match: Match) -> str:
    """Return a match as a line of a list, with its time in India."""
    return f"{match.id:24} {in_india(match.at):%d %b %Y %H:%M:%S} IST  {match.text}"
