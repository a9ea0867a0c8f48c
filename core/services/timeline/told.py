"""The timeline of an order: a merge of facts, each kind of which knows how to tell itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.db.models import Q

from core.india import in_india
from core.models import (
    Alert,
    Attempt,
    EntryKind,
    JournalEntry,
    LineType,
    Notification,
    NotificationChannel,
    NotificationKind,
    OperatorAction,
    OrderState,
    Payable,
    PaymentTransaction,
    PhonePeCall,
    Refund,
    RefundKind,
    SettlementLine,
    StateChange,
    WebhookEvent,
)
from core.models.ledger import REFUND_KINDS
from core.models.payables import payable_of
from core.money import rupees_for_people
from core.services.timeline.events import Event, EventKind, in_order

CALLS = {
    "create_order": "Asked PhonePe to open the order",
    "order_status": "Asked PhonePe how the order stands",
    "refund": "Asked PhonePe for the refund",
    "refund_status": "Asked PhonePe how the refund stands",
    "set_up_mandate": "Asked PhonePe for a mandate",
    "mandate_status": "Asked PhonePe how the mandate stands",
    "announce_debit": "Asked PhonePe to announce the debit",
    "execute_debit": "Asked PhonePe to debit",
    "cancel_mandate": "Asked PhonePe to cancel the mandate",
}
ABOUT_ORDER = (EntryKind.CAPTURE, EntryKind.SUSPENSE, EntryKind.PLACING)


@dataclass(frozen=True)
class Subject:
    """An order, and what belongs to it, each read once."""

    order: PaymentTransaction

    @cached_property
    def payable(self) -> Payable:
        return payable_of(self.order)

    @cached_property
    def refunds(self) -> list[Refund]:
        return list(self.order.refunds.select_related("requested_by").order_by("pk"))

    @cached_property
    def refund_ids(self) -> list[str]:
        return [refund.merchant_refund_id for refund in self.refunds]

    @cached_property
    def settlement_lines(self) -> list[SettlementLine]:
        about = Q(merchant_order_id=self.order.merchant_order_id)
        if self.refund_ids:
            about |= Q(merchant_refund_id__in=self.refund_ids)
        return list(SettlementLine.objects.filter(about).select_related("settlement").order_by("pk"))

    @property
    def charged_back(self) -> list[SettlementLine]:
        return [line for line in self.settlement_lines if line.type == LineType.CHARGEBACK]


def timeline(order: PaymentTransaction) -> list[Event]:
    """Return all that is known to have happened about an order, in order of time."""
    return tell_all(Subject(order))


def tell_all(subject: Subject) -> list[Event]:
    return in_order(list(chain.from_iterable(source(subject) for source in SOURCES)))


def initiation(subject: Subject) -> Iterator[Event]:
    order, payable = subject.order, subject.payable
    yield Event(
        order.initiated_at,
        EventKind.INITIATED,
        f"Order {order.merchant_order_id} for {rupees_for_people(order.amount_paise)} was begun: "
        f"{payable.payer_sentence()}. It can be paid until {in_india(order.expire_at):%H:%M:%S} IST.",
        cause="payer",
        detail={"amount_paise": order.amount_paise, "channel": order.channel},
    )


def calls(subject: Subject) -> Iterator[Event]:
    about = Q(merchant_order_id=subject.order.merchant_order_id)
    if subject.refund_ids:
        about |= Q(merchant_refund_id__in=subject.refund_ids)
    for call in PhonePeCall.objects.filter(about).order_by("at", "pk"):
        answered = call.outcome == "answered"
        came = f"it answered {call.said or 'without a state'}" if answered else f"no use: {call.said or call.outcome}"
        yield Event(
            call.at,
            EventKind.CALL,
            f"{CALLS.get(call.call, call.call)}; after {call.milliseconds} ms {came}.",
            cause=call.call,
            detail={
                "call": call.call,
                "milliseconds": call.milliseconds,
                "outcome": call.outcome,
                "said": call.said,
                "refund": call.merchant_refund_id,
            },
        )


def attempts(subject: Subject) -> Iterator[Event]:
    for attempt in subject.order.attempts.all():
        words = {OrderState.COMPLETED: "succeeded", OrderState.FAILED: "failed"}
        how = ", ".join(filter(None, (attempt.payment_mode, attempt.instrument)))
        code = attempt.error_code + (f" ({attempt.detailed_error_code})" if attempt.detailed_error_code else "")
        end = words.get(OrderState(attempt.state), "has not ended") + (f": {code}" if code else "")
        utr = f", UTR {attempt.utr}" if attempt.utr else ""
        yield Event(
            attempt.at or attempt.seen_at,
            EventKind.ATTEMPT,
            f"The payer's attempt {attempt.transaction_id}{f' by {how}' if how else ''} {end}{utr}.",
            cause=attempt.reported_by,
            detail={name: value for name in Attempt._fields if name != "at" and (value := getattr(attempt, name))},
        )


def webhooks(subject: Subject) -> Iterator[Event]:
    for event in WebhookEvent.objects.filter(merchant_order_id=subject.order.merchant_order_id).order_by("pk"):
        yield from tell_deliveries(event)


def tell_deliveries(event: WebhookEvent) -> Iterator[Event]:
    """Tell of the first delivery of a webhook, and of the last if it came again: the row knows no others' times."""
    name, outcome = event.event or "a webhook", str(event.get_outcome_display())
    told = [(event.received_at, f"PhonePe delivered {name}; {outcome}.")]
    if event.deliveries > 1:
        times = f"{event.deliveries} times in all"
        told.append((event.last_received_at, f"PhonePe delivered {name} again, {times}; {outcome}."))
    detail = {"webhook": f"webhook:{event.pk}", "outcome": event.outcome, "deliveries": event.deliveries}
    for at, sentence in told:
        yield Event(at, EventKind.WEBHOOK, sentence, cause=event.event, detail=detail)


def changes(subject: Subject) -> Iterator[Event]:
    words = {
        "status": "The payment went from",
        "reconciliation_status": "The reconciliation went from",
        "reported_amount": "What PhonePe says came went from",
        "reported_order": "The order id that PhonePe says went from",
    }
    numbers = {refund.pk: refund for refund in subject.refunds}
    for change in StateChange.objects.filter(transaction=subject.order):
        if change.refund_id is None:
            kind, what = EventKind.STATUS, words.get(change.what, f"The {change.what} went from")
        else:
            kind, what = EventKind.REFUND, f"Refund {numbers[change.refund_id].merchant_refund_id} went from"
        cause = str(change.get_cause_display())
        old, new = change.old or "nothing", change.new
        if change.what in ("reported_amount", "refund_amount"):
            old, new = (rupees_for_people(int(paise)) for paise in (old, new))
        yield Event(
            change.at,
            kind,
            f"{what} {old} to {new}, by {cause}.",
            cause=change.cause,
            detail={"old": change.old, "new": change.new, "what": change.what},
        )


def refunds(subject: Subject) -> Iterator[Event]:
    for refund in subject.refunds:
        who = "Zelton itself" if refund.requested_by is None else refund.requested_by.get_username()
        if refund.kind == RefundKind.DASHBOARD:
            who = "somebody on PhonePe's dashboard"
        yield Event(
            refund.created_at,
            EventKind.REFUND,
            f"Refund {refund.merchant_refund_id} of {rupees_for_people(refund.amount_paise)} was asked for by {who}: "
            f"{refund.reason}",
            cause=refund.kind,
            detail={"refund": f"refund:{refund.pk}", "amount_paise": refund.amount_paise, "state": refund.state},
        )


def entries(subject: Subject) -> Iterator[Event]:
    about = Q(kind__in=ABOUT_ORDER, subject=subject.order.merchant_order_id)
    if subject.refund_ids:
        about |= Q(kind__in=REFUND_KINDS, subject__in=subject.refund_ids)
    yield from tell_entries(about)


def tell_entries(about: Q) -> Iterator[Event]:
    for entry in JournalEntry.objects.filter(about).prefetch_related("lines").order_by("pk"):
        lines = list(entry.lines.all())
        # The largest line is what moved: a capture posts its rupees on more than one pair of accounts.
        moved = max((abs(line.amount_paise) for line in lines), default=0)
        yield Event(
            entry.at,
            EventKind.LEDGER,
            f"Booked {rupees_for_people(moved)}: {entry.description}.",
            cause=entry.kind,
            detail={
                "entry": entry.source,
                "lines": [{"account": line.account, "amount_paise": line.amount_paise} for line in lines],
            },
        )


def settlements(subject: Subject) -> Iterator[Event]:
    for line in subject.settlement_lines:
        settlement = line.settlement
        utr = f" (UTR {settlement.utr})" if settlement.utr else ""
        yield Event(
            settlement.settled_at or settlement.imported_at,
            EventKind.SETTLEMENT,
            f"Settlement {settlement.settlement_id}{utr} has a {line.type.lower()} of "
            f"{rupees_for_people(line.amount_paise)}, after fees {rupees_for_people(line.net_paise)}: {line.outcome}"
            f"{f', {line.remark}' if line.remark else ''}.",
            cause=settlement.state,
            detail={"settlement": f"settlement:{settlement.pk}", "outcome": line.outcome, "net_paise": line.net_paise},
        )


def alerts(subject: Subject) -> Iterator[Event]:
    order = subject.order
    ids = [order.merchant_order_id, *subject.refund_ids, *filter(None, [order.phonepe_order_id])]
    ids += [refund.refund_id for refund in subject.refunds if refund.refund_id]
    ids += [str(mandate)] if (mandate := getattr(subject.payable, "mandate", None)) else []
    yield from tell_alerts(ids)


def tell_alerts(ids: Iterable[str]) -> Iterator[Event]:
    for alert in Alert.objects.filter(subject__in=list(ids)).order_by("pk"):
        detail = {"alert": f"alert:{alert.pk}", "kind": alert.kind}
        yield Event(alert.raised_at, EventKind.ALERT, f"Alert: {alert.sentence}", alert.kind, detail)
        if alert.resolved_at:
            sentence = f"The alert “{alert.get_kind_display()}” was resolved."
            yield Event(alert.resolved_at, EventKind.ALERT, sentence, alert.kind, detail)


def notifications(subject: Subject) -> Iterator[Event]:
    """Tell what operators were told of its alerts, and its payer of the money."""
    about = [event.detail["alert"] for event in alerts(subject)]
    about += [f"order:{subject.order.merchant_order_id}", *(f"refund:{name}" for name in subject.refund_ids)]
    # The kind is named so that an index leads there.
    for message in Notification.objects.filter(kind__in=NotificationKind.values, about__in=about).order_by("pk"):
        detail = {"about": message.about, "channel": message.channel, "tries": message.tries}
        yield Event(message.sent_at or message.created_at, EventKind.NOTIFICATION, _told(message), message.kind, detail)


def _told(message: Notification) -> str:
    where = str(message.get_channel_display())
    problem = f": {message.problem}" if message.problem else ""
    if message.channel == NotificationChannel.LOG:
        return f"“{message.subject}” stands in the log alone: nobody knows an address to send it to."
    if message.sent_at:
        return f"“{message.subject}” was sent by {where}."
    if message.next_try_at is None:
        return f"“{message.subject}” could not be sent by {where} and was given up{problem}."
    return f"“{message.subject}” waits to be sent by {where}{problem}."


def operators(subject: Subject) -> Iterator[Event]:
    yield from tell_actions(Q(order=subject.order))


def tell_actions(about: Q) -> Iterator[Event]:
    for action in OperatorAction.objects.filter(about):
        why = f": {action.reason}" if action.reason else ""
        yield Event(
            action.at,
            EventKind.OPERATOR,
            f"{action.name} did “{action.action.replace('_', ' ')}”{why}",
            cause=action.action,
            detail={"by": action.name, "about": action.about, "reason": action.reason, **action.detail},
        )


SOURCES: tuple[Callable[[Subject], Iterable[Event]], ...] = (
    initiation,
    calls,
    attempts,
    webhooks,
    changes,
    refunds,
    entries,
    settlements,
    alerts,
    notifications,
    operators,
)
