"""How the business goes right now, in figures: what the first page of the admin shows.

A handful of statements, each along an index or over few rows; their answers are kept for some seconds, so that many who
look at once ask once.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import TruncDate, TruncHour

from core.india import INDIA, day_in_india, in_india
from core.models import (
    Alert,
    AlertKind,
    EntryKind,
    LedgerLine,
    PaymentStatus,
    PaymentTransaction,
    PhonePeCall,
    Refund,
    RefundState,
    ReportedRefund,
    WebhookEvent,
)
from core.models.ledger_accounts import BANK, PHONEPE_CLEARING, SUSPENSE
from core.models.payables import PAID, kinds_of_payable
from core.models.reconciled import NOT_CLOSED
from core.models.refunds import IN_FLIGHT

HOURS, DAYS = 24, 14
KEPT_SECONDS = 15
LAST_WEBHOOKS = 500  # of which the delay is told
AGES = (
    ("under 1 min", timedelta(minutes=1)),
    ("1 to 5 min", timedelta(minutes=5)),
    ("5 to 20 min", timedelta(minutes=20)),
    ("20 to 60 min", timedelta(hours=1)),
    ("1 to 24 h", timedelta(days=1)),
    ("over a day", timedelta(days=36_500)),
)


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many payments of one hour, or by one method, came to which end.

    :ivar name: the hour in India, or the method
    """

    name: str
    paid: int
    failed: int
    open: int = 0

    @property
    def success_rate(self) -> float | None:
        """Return the share of what has ended that was paid, in percent; nothing if nothing has ended."""
        ended = self.paid + self.failed
        return round(100 * self.paid / ended, 1) if ended else None


@dataclass(frozen=True, slots=True)
class Day:
    """Money of one day in India, in paise."""

    on: date
    captured: int
    refunded: int
    paid_out: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """What PhonePe should have been asked about by now, and when it last answered.

    :ivar seconds: how late the latest check is
    """

    due: int
    seconds: float
    last_answer: datetime | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How fast deliveries are read.

    :ivar typical: seconds from receipt to reading, the median of the last ones
    """

    last: datetime | None
    unread: int
    typical: float | None
    slowest: float | None


@dataclass(frozen=True, slots=True)
class RefundsInFlight:
    count: int
    paise: int
    oldest: datetime | None
    awaiting_approval: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything but the alerts, as it was at a moment."""

    at: datetime
    by_hour: list[Attempts]
    by_method: list[Attempts]
    by_day: list[Day]
    open_by_age: list[tuple[str, int]]
    lateness: Lateness
    webhooks: Webhooks
    refunds: RefundsInFlight
    suspense_paise: int
    books_differ: bool

    @property
    def whole_day(self) -> Attempts:
        """Return the last 24 hours in one."""
        hours = self.by_hour
        paid, failed, still_open = (sum(getattr(hour, name) for hour in hours) for name in ("paid", "failed", "open"))
        return Attempts("24 hours", paid, failed, still_open)


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Open alerts of one kind.

    :ivar newest: the one that was raised last
    """

    kind: str
    count: int
    oldest: datetime
    newest: Alert


def overview(*, now: datetime) -> Overview:
    """Return the figures, as they were a few seconds ago at most."""
    kept: Overview | None = cache.get("overview")
    if kept is None or not timedelta(0) <= now - kept.at < timedelta(seconds=KEPT_SECONDS):
        kept = counted_now(now)
        cache.set("overview", kept, KEPT_SECONDS)
    return kept


def counted_now(now: datetime) -> Overview:
    """Return the figures of this moment."""
    suspense = LedgerLine.objects.filter(account=SUSPENSE).aggregate(paise=Sum("amount_paise", default=0))["paise"]
    return Overview(
        at=now,
        by_hour=_by_hour(now),
        by_method=_by_method(now),
        by_day=_by_day(now),
        open_by_age=_open_by_age(now),
        lateness=_lateness(now),
        webhooks=_webhooks(),
        refunds=_refunds(),
        suspense_paise=-suspense,
        books_differ=Alert.objects.filter(kind=AlertKind.BOOKS, resolved_at=None).exists(),
    )


def open_alerts() -> list[AlertGroup]:
    """Return open alerts by kind, the kind with the newest first."""
    open_ones = Alert.objects.filter(resolved_at=None)
    groups = open_ones.values("kind").annotate(count=Count("pk"), oldest=Min("raised_at"), newest=Max("pk")).order_by()
    found = {alert.pk: alert for alert in Alert.objects.filter(pk__in=[group["newest"] for group in groups])}
    told = [AlertGroup(each["kind"], each["count"], each["oldest"], found[each["newest"]]) for each in groups]
    return sorted(told, key=lambda group: group.newest.raised_at, reverse=True)


def _ends(counts: Counter[str], name: str) -> Attempts:
    paid = sum(counts[status] for status in PAID)
    return Attempts(name, paid, counts[PaymentStatus.FAILED], counts[PaymentStatus.PENDING])


def _by_hour(now: datetime) -> list[Attempts]:
    last = in_india(now).replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=ago) for ago in reversed(range(HOURS))]
    counts: dict[datetime, Counter[str]] = {hour: Counter() for hour in hours}
    for kind in kinds_of_payable():
        rows = kind._default_manager.filter(created_at__gte=hours[0], created_at__lte=now).order_by()
        grouped = rows.annotate(hour=TruncHour("created_at", tzinfo=INDIA)).values("hour", "status")
        for each in grouped.annotate(count=Count("pk")):
            counts[each["hour"]][each["status"]] += each["count"]
    return [_ends(count, f"{hour:%H}:00") for hour, count in counts.items()]


def _by_method(now: datetime) -> list[Attempts]:
    """Count what payers tried, not what they ended with: a declined card and then UPI are two."""
    since = now - timedelta(hours=HOURS)
    counts: dict[str, Counter[str]] = {}
    for kind in kinds_of_payable():
        attempts: Any = kind._default_manager
        rows = attempts.filter(created_at__gte=since, transaction__attempts__isnull=False).order_by()
        grouped = rows.values("transaction__attempts__payment_mode", "transaction__attempts__state")
        for each in grouped.annotate(count=Count("pk")):
            mode = each["transaction__attempts__payment_mode"] or "not told"
            counts.setdefault(mode, Counter())[each["transaction__attempts__state"]] += each["count"]
    methods = [Attempts(mode, got["COMPLETED"], got["FAILED"], got["PENDING"]) for mode, got in counts.items()]
    return sorted(methods, key=lambda method: method.paid + method.failed, reverse=True)


def _by_day(now: datetime) -> list[Day]:
    today = day_in_india(now)
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    begins = in_india(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    moved: dict[date, Counter[str]] = {day: Counter() for day in days}
    lines = LedgerLine.objects.filter(entry__at__gte=begins, account__in=(PHONEPE_CLEARING, BANK)).order_by()
    grouped = lines.annotate(on=TruncDate("entry__at", tzinfo=INDIA)).values("on", "entry__kind", "account")
    for each in grouped.annotate(paise=Sum("amount_paise")):
        if each["on"] in moved:
            moved[each["on"]][f"{each['entry__kind']} {each['account']}"] += each["paise"]
    captures = [f"{kind} {PHONEPE_CLEARING}" for kind in (EntryKind.CAPTURE, EntryKind.SUSPENSE)]
    done = [f"{kind} {PHONEPE_CLEARING}" for kind in (EntryKind.REFUND_DONE, EntryKind.UNKNOWN_REFUND)]
    return [
        Day(
            on,
            captured=sum(paise[name] for name in captures),
            refunded=-sum(paise[name] for name in done),
            paid_out=paise[f"{EntryKind.SETTLEMENT} {BANK}"],
        )
        for on, paise in moved.items()
    ]


def _open_by_age(now: datetime) -> list[tuple[str, int]]:
    between: dict[str, Count] = {}
    younger = now + timedelta(days=36_500)
    for number, (_, age) in enumerate(AGES):
        older = now - age
        between[f"age{number}"] = Count("pk", filter=Q(initiated_at__gt=older, initiated_at__lte=younger))
        younger = older
    counts = PaymentTransaction.objects.filter(reconciliation_status__in=NOT_CLOSED).aggregate(**between)
    return [(name, counts[f"age{number}"]) for number, (name, _) in enumerate(AGES)]


def _lateness(now: datetime) -> Lateness:
    due, oldest = 0, now
    for kind in (PaymentTransaction, Refund, ReportedRefund):
        got = kind._default_manager.filter(next_check_at__lte=now).aggregate(
            due=Count("pk"), since=Min("next_check_at")
        )
        due, oldest = due + got["due"], min(oldest, got["since"] or now)
    answered = PhonePeCall.objects.filter(outcome="answered").order_by("-at").values_list("at", flat=True).first()
    return Lateness(due, round((now - oldest).total_seconds(), 1), answered)


def _webhooks() -> Webhooks:
    newest = WebhookEvent.objects.order_by("-pk").values_list("last_received_at", "processed_at")[:LAST_WEBHOOKS]
    rows = list(newest)
    delays = [(read - received).total_seconds() for received, read in rows if read is not None and read >= received]
    return Webhooks(
        last=max((received for received, _ in rows), default=None),
        unread=WebhookEvent.objects.unread().count(),
        typical=round(median(delays), 1) if delays else None,
        slowest=round(max(delays), 1) if delays else None,
    )


def _refunds() -> RefundsInFlight:
    in_flight = Refund.objects.filter(state__in=IN_FLIGHT)
    got = in_flight.aggregate(count=Count("pk"), paise=Sum("amount_paise"), oldest=Min("initiated_at"))
    waiting = Refund.objects.filter(state=RefundState.AWAITING_APPROVAL).count()
    return RefundsInFlight(got["count"], got["paise"] or 0, got["oldest"], waiting)
