"""Where what is looked for may stand: each lookup takes a text as a person wrote it, and goes along indexes."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet

from core.india import INDIA
from core.models import (
    Alert,
    AlertKind,
    Invoice,
    JournalEntry,
    LedgerLine,
    Mandate,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payable,
    Payment,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    ReportOutcome,
    Settlement,
    SettlementLine,
    Tenancy,
    Tenant,
    User,
    WebhookEvent,
)
from core.models.payables import kinds_of_payable, payable_of, payable_relations
from core.money import NotAnAmount, paise_from_text
from core.services.operations.log_ins import people_named

MOST = 100  # rows of one lookup
MOST_PEOPLE = 25  # of one name; whoever means somebody writes more of it
DISPUTE = re.compile(r"D[A-Za-z0-9_-]{1,63}")
DIGEST = re.compile(r"[0-9a-f]{64}")
AMOUNT_AND_DAY = re.compile(r"(?:₹\s*)?([0-9][0-9,]*(?:\.[0-9]{1,2})?)\s+(?:on\s+)?([0-9]{4}-[0-9]{2}-[0-9]{2})")
WITH: dict[type[Model], tuple[str, ...]] = {  # what their lines and stories say beside themselves
    Refund: ("transaction",),
    Tenant: ("user",),
    Owner: ("user",),
    Tenancy: ("tenant", "unit__property__owner"),
    OwnerSubscription: ("owner", "plan"),
    Mandate: ("owner_subscription__owner",),
    Invoice: ("payment__transaction",),
    SettlementLine: ("settlement",),
    LedgerLine: ("entry",),
}


def rows_of(model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a kind with what their line says, the newest first."""
    rows: QuerySet[Any] = model._default_manager.order_by("-pk")
    if issubclass(model, Payable):
        return rows.select_related("transaction", *model.ledger_relations, *model.display_relations)
    return rows.defer("body") if model is WebhookEvent else rows.select_related(*WITH.get(model, ()))


def keys_among(model: type[Model], ways: Iterable[Q], most: int = MOST) -> list[Any]:
    """Return the keys of rows that any of these conditions leads to, in one statement that reads an index for each."""
    rows = [model._default_manager.filter(way).order_by().values_list("pk", flat=True) for way in ways]
    if not rows:
        return []
    found = rows[0].union(*rows[1:]) if rows[1:] else rows[0]
    return list(found[:most])


def _called(model: type[Model], text: str, *names: str) -> Iterator[Any]:
    """Yield the rows of which one of these columns, own or related, is just this text."""
    if keys := keys_among(model, [Q(**{name: text}) for name in names]):
        yield from rows_of(model).filter(pk__in=keys)


def by_webhook_number(text: str) -> Iterable[Model]:
    """A bare number is that of a webhook, as its list shows it."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return rows_of(WebhookEvent).filter(pk=int(text))
    return rows_of(WebhookEvent).filter(digest=text) if DIGEST.fullmatch(text) else []


def by_order(text: str) -> Iterator[Model]:
    """Find payments by their order, an attempt to pay it, the mandate they belong to, and the paper about them."""
    keys = keys_among(PaymentTransaction, [Q(**{name: text}) for name in NAMES_OF_AN_ORDER])
    if keys:
        for order in PaymentTransaction.objects.select_related(*payable_relations()).filter(pk__in=keys):
            yield payable_of(order)


NAMES_OF_AN_ORDER = (
    "merchant_order_id",
    "phonepe_order_id",
    "utr",
    "attempts__transaction_id",
    "attempts__utr",
    "attempts__upi_transaction_id",
    "subscription_payment__mandate__merchant_subscription_id",
    "subscription_payment__mandate__subscription_id",
    "subscription_payment__papers__number",
)


def by_refund(text: str) -> Iterator[Model]:
    yield from _called(Refund, text, "merchant_refund_id", "refund_id")
    # One that is booked is found above, as the refund of its payment.
    yield from ReportedRefund.objects.filter(merchant_refund_id=text).exclude(outcome=ReportOutcome.BOOKED)


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
    yield from _called(Settlement, text, "settlement_id", "utr")


def by_person(text: str) -> Iterator[Model]:
    """Find people by user name, e-mail address or phone number, and all that they paid or, as owners, got."""
    people = list(people_named(text).select_related("owner", "tenant"))
    for user in people:
        yield user.person or user
    yield from payments_of(people)


def by_name(text: str) -> Iterator[Model]:
    """Find people by a part of their name."""
    for kind in (Tenant, Owner):
        yield from rows_of(kind).filter(name__icontains=text)[:MOST_PEOPLE]


def payments_of(people: list[User]) -> Iterator[Payable]:
    """Yield the newest payments that people made or, as owners, got."""
    if not people:
        return
    keys = [user.pk for user in people]
    for way in ({"tenancy__tenant__user__in": keys}, {"owner__user__in": keys}):
        yield from rows_of(Payment).filter(**way).order_by("-created_at")[:MOST]
    own = rows_of(OwnerSubscriptionPayment).filter(subscription__owner__user__in=keys)
    yield from own.order_by("-created_at")[:MOST]


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
        yield from rows_of(kind).filter(created_at__range=span, transaction__amount_paise=paise)[:MOST]


def by_settlement_line(text: str) -> Iterator[Model]:
    yield from _called(SettlementLine, text, "phonepe_id", "merchant_order_id", "merchant_refund_id")


def by_books(text: str) -> Iterator[Model]:
    """Find a journal entry by its source, and an account by its newest line."""
    yield from JournalEntry.objects.filter(source=text)
    yield from rows_of(LedgerLine).filter(account=text)[:1]


LOOKS: tuple[Callable[[str], Iterable[Model]], ...] = (
    by_webhook_number,
    by_order,
    by_refund,
    by_dispute,
    by_settlement,
    by_name,
    by_person,
    by_amount_and_day,
)
UNLESS_FOUND = (by_name,)  # it reads every name: whoever holds an id, which was found, need not wait for that
ELSEWHERE = (by_settlement_line, by_books)  # what only PhonePe's settlements or the books know by this name
