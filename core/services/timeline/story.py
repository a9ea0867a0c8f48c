"""What happened to money, and what can be done now: the story of one thing that was found."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from core.errors import NotFound
from core.india import in_india
from core.models import (
    Alert,
    AlertKind,
    EntryKind,
    Invoice,
    Mandate,
    Payable,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
    WebhookEvent,
)
from core.models.payables import payable_of
from core.money import rupees, rupees_for_people
from core.services.ledger.suspense import Source, source_of
from core.services.refunds.requesting import can_be_refunded, refundable_paise
from core.services.timeline.beside_money import story_beside_money
from core.services.timeline.events import Event, EventKind, Story, in_order
from core.services.timeline.find import key_of
from core.services.timeline.told import Subject, tell_actions, tell_alerts, tell_all, tell_deliveries, tell_entries

TO_ANSWER = {
    AlertKind.DISPUTE: (
        "The payer disputes it: answer on PhonePe's dashboard, with this story and the receipt, before the day named "
        "there. Do not refund it meanwhile: PhonePe would take the money back as well."
    ),
    AlertKind.DISPUTE_LOST: (
        "The dispute is lost, so do not refund it: PhonePe takes the money back with a settlement, and "
        "import_settlement brings that here."
    ),
    AlertKind.CONTRADICTION: (
        "PhonePe has said otherwise than our books: ask PhonePe which is true before anything is refunded, and note it "
        "when you resolve the alert. If the money never came: “Take back: it failed” on the order's page."
    ),
}


def story_of(row: Model) -> Story:
    """Tell the story of whatever was found.

    That of a refund, a webhook, a mandate or a tax paper is that of their order, if they have one.
    """
    if isinstance(row, Payable):
        return _story(row.transaction, key_of(row))
    if isinstance(row, Refund):
        return _story(row.transaction, key_of(row), refund=row.merchant_refund_id, refund_state=row.state)
    if isinstance(row, WebhookEvent):
        order = PaymentTransaction.objects.filter(merchant_order_id=row.merchant_order_id or None).first()
        if order is not None:
            return _story(order, key_of(row), event=row.event, outcome=row.outcome)
        return _story_of_webhook(row)
    if isinstance(row, Mandate):
        return _story(
            row.setup().transaction, key_of(row), mandate=row.merchant_subscription_id, mandate_state=row.state
        )
    if isinstance(row, Invoice):
        return _story(row.payment.transaction, key_of(row), paper=row.number)
    if isinstance(row, SettlementLine):
        return _story_of_settlement(row.settlement)
    if isinstance(row, Settlement):
        return _story_of_settlement(row)
    if isinstance(row, ReportedRefund):
        return _story_of_reported_refund(row)
    return story_beside_money(row)


def _story(order: PaymentTransaction, key: str, **more: Any) -> Story:
    payable = payable_of(order)
    subject = {
        "id": key,
        "payment": key_of(payable),
        "merchant_order_id": order.merchant_order_id,
        "phonepe_order_id": order.phonepe_order_id,
        "for": payable.payer_sentence(),
        "status": payable.status,
        "state": order.state,
        "reconciliation": order.reconciliation_status,
        "amount": rupees(order.amount_paise),
        "captured": rupees(order.captured_paise),
        "refunded_or_refunding": rupees(order.refunding_paise),
        "utr": order.utr,
        **more,
    }
    about = Subject(order)
    return Story(subject, tell_all(about), next_steps(about, now=timezone.now()))


def _story_of_webhook(row: WebhookEvent) -> Story:
    events = [*tell_deliveries(row), *tell_alerts([row.digest]), *tell_actions(Q(about=key_of(row)))]
    subject = {"id": key_of(row), "event": row.event, "outcome": row.outcome, "deliveries": row.deliveries}
    steps = [f"Read it again: manage.py process_webhook_events --replay {row.pk}"]
    return Story(subject, in_order(events), steps)


def _story_of_settlement(row: Settlement) -> Story:
    lines = list(row.lines.values_list("outcome", flat=True))
    counted = ", ".join(f"{lines.count(outcome)} {outcome}" for outcome in sorted(set(lines))) or "no lines yet"
    imported = Event(
        row.imported_at,
        EventKind.SETTLEMENT,
        f"Settlement {row.settlement_id} came to our books: {row.state}, {counted}.",
        cause=row.state,
        detail={"utr": row.utr, "lines": len(lines)},
    )
    entries = tell_entries(Q(kind=EntryKind.SETTLEMENT, subject=row.settlement_id))
    events = [imported, *entries, *tell_alerts([row.settlement_id]), *tell_actions(Q(about=key_of(row)))]
    subject = {
        "id": key_of(row),
        "settlement_id": row.settlement_id,
        "utr": row.utr,
        "state": row.state,
        "amount": None if row.amount_paise is None else rupees(row.amount_paise),
        "lines": len(lines),
    }
    return Story(subject, in_order(events), list(_to_place(EntryKind.SETTLEMENT, row.settlement_id)))


def _story_of_reported_refund(row: ReportedRefund) -> Story:
    begun = Event(
        row.created_at,
        EventKind.REFUND,
        f"{row.reported_by} told of refund {row.merchant_refund_id}, which was not requested here.",
        cause="reported",
        detail={"outcome": row.outcome},
    )
    subject = {"id": key_of(row), "merchant_refund_id": row.merchant_refund_id, "outcome": row.outcome}
    return Story(subject, in_order([begun, *tell_alerts([row.merchant_refund_id])]), [])


def next_steps(about: Subject, *, now: datetime) -> list[str]:
    """Say what can be done about a payment now, and what happens by itself."""
    order, payable = about.order, about.payable
    steps = [*_about_suspense(about), *_about_the_last_word(order, now=now), *_about_refunds(about)]
    if payable.status in (PaymentStatus.FAILED, PaymentStatus.CANCELLED) and order.is_closed and not steps:
        steps.append("Nothing was captured, and PhonePe is not asked about it any more. The payer may pay again.")
    return steps


def _about_suspense(about: Subject) -> Iterator[str]:
    order = about.order
    if order.reconciliation_status == Reconciliation.MISMATCH:
        yield (
            f"Decide about what came: manage.py resolve_mismatch {order.merchant_order_id} --accept, "
            "or --refund REASON; or on its page."
        )
    else:
        yield from _to_place(EntryKind.SUSPENSE, order.merchant_order_id, "of it ")
    for line in about.charged_back:
        where = ""
        source = _in_suspense(EntryKind.SETTLEMENT, line.settlement.settlement_id)
        if source is not None and source.is_open:
            where = (
                f" It is a part of what settlement {line.settlement} has in suspense: manage.py place_suspense, or "
                "Suspense in the admin."
            )
        yield f"{rupees_for_people(-line.amount_paise)} was charged back, so do not refund it.{where}"
    if not about.charged_back:
        yield from _about_alerts(order)


def _about_alerts(order: PaymentTransaction) -> Iterator[str]:
    open_ones = Alert.objects.filter(subject=order.merchant_order_id, resolved_at=None)
    for kind in open_ones.filter(kind__in=TO_ANSWER).values_list("kind", flat=True):
        yield TO_ANSWER[AlertKind(kind)]


def _to_place(kind: EntryKind, subject: str, of_it: str = "") -> Iterator[str]:
    """Yield what to do about money in suspense, if any of it is left to place."""
    source = _in_suspense(kind, subject)
    if source is not None and source.is_open:
        yield (
            f"{source.what_is_left_of(of_it)}, in suspense. To place it: manage.py place_suspense "
            f"{kind}:{subject} --to …, or in the admin under Suspense."
        )


def _about_the_last_word(order: PaymentTransaction, *, now: datetime) -> Iterator[str]:
    if order.next_check_at is None or order.is_closed:
        return
    when = "is due" if order.next_check_at <= now else f"comes at {in_india(order.next_check_at):%d %b %H:%M:%S} IST"
    yield (
        f"PhonePe has not given its final word; the next question {when}. "
        f"To ask now: manage.py reconcile_pending_payments {order.merchant_order_id}"
    )
    if order.reconciliation_status == Reconciliation.SILENT:
        yield (
            f"It takes too long: write to PhonePe with its order id {order.phonepe_order_id or 'unknown'}. If PhonePe "
            "knows no such order and says that it is nothing, “Give up” on its page closes it."
        )


def _about_refunds(about: Subject) -> Iterator[str]:
    under_way = False
    for refund in about.refunds:
        if refund.awaits_approval:
            under_way = True
            yield (
                f"Refund {refund.merchant_refund_id} waits for a second person: manage.py approve_refund "
                f"{refund.merchant_refund_id} --by YOUR.NAME --reason WHY (or --refuse), or on the refund's page."
            )
        elif refund.is_in_flight:
            under_way = True
            yield (
                f"Refund {refund.merchant_refund_id} is {refund.state}; it is asked about until it ends. "
                f"To ask now: manage.py reconcile_pending_refunds {refund.merchant_refund_id}"
            )
    if can_be_refunded(about.payable) and not under_way:
        most = rupees_for_people(refundable_paise(about.payable))
        yield f"Up to {most} can be refunded, on its page or through the API."


def _in_suspense(kind: EntryKind, subject: str) -> Source | None:
    try:
        return source_of(kind, subject)
    except NotFound:
        return None
