"""What is read at the scrape: how the books stand in the database, and how this machine is.

Every statement takes milliseconds with a million payments: it reads an index of what is open, or the newest orders.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.db.connection import can_write
from core.models import (
    IN_FLIGHT,
    Alert,
    AlertKind,
    Flow,
    Mandate,
    MandateState,
    Notification,
    OrderState,
    OwnerSubscription,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    Refund,
    ReportedRefund,
    WebhookEvent,
)
from core.models.mandates import ENDED
from core.services.operations import liveness, metrics

NEWEST = 1000  # orders, over which delivery and accuracy are counted
OF_THE_LAST = timedelta(days=1)
WEBHOOK_COMES_WITHIN = timedelta(minutes=2)
OVERDUE_AFTER = timedelta(minutes=10)  # beyond an order's end
KINDS = ("web", "worker", "beat", "command")


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"zelton_{name}", what, value=value)


def _by(name: str, what: str, label: str, found: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"zelton_{name}", what, labels=[label])
    for value, count in found.items():
        family.add_metric([value], count)
    return family


class Books(Collector):
    """What the database knows. While it is gone, that is what is told."""

    def collect(self) -> Iterator[Metric]:
        try:
            writable = can_write()
            found = list(_books(timezone.now()))
        except Error:
            connection.close_if_unusable_or_obsolete()
            yield _gauge("database_up", "Whether the database answers.", 0)
            yield _gauge("database_writable", "Whether the database takes writes.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield _gauge("database_writable", "Whether the database takes writes.", writable)
        yield from found


def _books(now: datetime) -> Iterator[Metric]:
    yield from _orders(now)
    yield from _newest_orders(now)
    yield from _refunds(now)
    yield from _subscriptions(now)
    yield from _webhooks(now)
    yield from _messages(now)
    kinds = dict.fromkeys(AlertKind.values, 0.0)
    rows = Alert.objects.filter(resolved_at=None).values_list("kind").annotate(Count("pk")).order_by()
    yield _by("alerts_open", "Alerts that wait for an operator.", "kind", kinds | dict(rows))


def _orders(now: datetime) -> Iterator[Metric]:
    statuses = dict.fromkeys([status for status in Reconciliation.values if status != Reconciliation.SETTLED], 0.0)
    not_settled = PaymentTransaction.objects.exclude(reconciliation_status=Reconciliation.SETTLED)
    rows = not_settled.values_list("reconciliation_status").annotate(Count("pk")).order_by()
    yield _by("orders", "Orders that are not settled, by reconciliation status.", "status", statuses | dict(rows))
    told = PaymentTransaction.objects.not_closed().aggregate(
        overdue=Count("pk", filter=Q(expire_at__lt=now - OVERDUE_AFTER)),
        unknown=Count("pk", filter=Q(phonepe_order_id="", expire_at__gt=now, calling_until=None)),
    )
    yield _gauge("orders_overdue", "Orders past their end without PhonePe's final word.", told["overdue"])
    yield _gauge("orders_unknown", "Orders of which nobody knows yet whether PhonePe has them.", told["unknown"])
    due = [
        model.objects.filter(next_check_at__lte=now).aggregate(count=Count("pk"), oldest=Min("next_check_at"))
        for model in (PaymentTransaction, Refund, ReportedRefund)
    ]
    yield _gauge("checks_due", "Questions to PhonePe that are due.", sum(each["count"] for each in due))
    yield _gauge(
        "check_lateness_seconds",
        "Age of the oldest due check.",
        max(_age(each["oldest"], now) for each in due),
    )


def newest_orders(now: datetime) -> QuerySet[PaymentTransaction]:
    """Return the newest orders of the last day, which cost the same whatever there is besides."""
    begins = PaymentTransaction.objects.order_by("-pk").values_list("pk", flat=True)[NEWEST - 1 : NEWEST].first()
    return PaymentTransaction.objects.filter(pk__gte=begins or 0, initiated_at__gt=now - OF_THE_LAST)


def ended(now: datetime) -> Q:
    """Return the condition that PhonePe has ended an order, and had time to send a webhook about it."""
    final = Q(state__in=(OrderState.COMPLETED, OrderState.FAILED)) & ~Q(phonepe_order_id="")
    return final & Q(last_checked_at__lt=now - WEBHOOK_COMES_WITHIN)


def _newest_orders(now: datetime) -> Iterator[Metric]:
    came = WebhookEvent.objects.filter(merchant_order_id=OuterRef("merchant_order_id"))
    about_it = came.exclude(event__icontains="refund")
    past = ~Q(state=OrderState.PENDING) | (Q(expire_at__lt=now - OVERDUE_AFTER) & ~Q(phonepe_order_id=""))
    past |= Q(reconciliation_status=Reconciliation.MISMATCH)
    wrong = Q(reconciliation_status__in=(Reconciliation.MISMATCH, Reconciliation.SILENT, Reconciliation.OPEN))
    told = (
        newest_orders(now)
        .annotate(has_webhook=Exists(about_it))
        .aggregate(
            expected=Count("pk", filter=ended(now)),
            delivered=Count("pk", filter=ended(now) & Q(has_webhook=True)),
            past=Count("pk", filter=past),
            reconciled=Count("pk", filter=past & ~wrong),
        )
    )
    of = f"of the newest {NEWEST} of the last day"
    yield _gauge("webhooks_expected", f"Orders {of} that ended, two minutes ago or more.", told["expected"])
    yield _gauge("webhooks_delivered", "How many of them PhonePe has sent a webhook about.", told["delivered"])
    yield _gauge("orders_past", f"Orders {of} about which our books and PhonePe's should agree.", told["past"])
    yield _gauge("orders_reconciled", "How many of them do.", told["reconciled"])


def _refunds(now: datetime) -> Iterator[Metric]:
    told = Refund.objects.filter(state__in=IN_FLIGHT).aggregate(count=Count("pk"), oldest=Min("initiated_at"))
    yield _gauge("refunds_in_flight", "Refunds that PhonePe has not finished.", told["count"])
    yield _gauge("refund_oldest_seconds", "Age of the oldest of them.", _age(told["oldest"], now))


def _subscriptions(now: datetime) -> Iterator[Metric]:
    living = dict.fromkeys([state for state in MandateState.values if state not in ENDED], 0.0)
    rows = Mandate.objects.exclude(state__in=ENDED).values_list("state").annotate(Count("pk")).order_by()
    yield _by("mandates", "AutoPay mandates that have not ended, by PhonePe's state.", "state", living | dict(rows))
    due = [
        OwnerSubscription.objects.filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"],
        Mandate.objects.filter(next_check_at__lte=now).aggregate(oldest=Min("next_check_at"))["oldest"],
    ]
    yield _gauge(
        "renewal_lateness_seconds",
        "Age of the oldest renewal that renew_subscriptions has not looked at.",
        max(_age(at, now) for at in due),
    )
    open_debits = PaymentTransaction.objects.not_closed().filter(flow=Flow.REDEMPTION)
    # One that is announced after another has failed may be executed a day after its payer was told of it, not before.
    may_be_told = Coalesce("subscription_payment__debit__valid_after", "initiated_at")
    debited_from = Greatest("subscription_payment__renews_from", may_be_told)
    oldest = (
        open_debits.filter(subscription_payment__status=PaymentStatus.PENDING)
        .annotate(debited_from=debited_from)
        .aggregate(oldest=Min("debited_from", filter=Q(debited_from__lte=now)))["oldest"]
    )
    yield _gauge(
        "debit_overdue_seconds",
        "How long ago a debit that is still open could be executed first, at most.",
        _age(oldest, now),
    )


def _webhooks(now: datetime) -> Iterator[Metric]:
    waiting = WebhookEvent.objects.unread().aggregate(count=Count("pk"), oldest=Min("received_at"))
    yield _gauge("webhooks_waiting", "Stored deliveries not read yet.", waiting["count"])
    yield _gauge("webhook_oldest_waiting_seconds", "Age of the oldest of them.", _age(waiting["oldest"], now))
    newest = WebhookEvent.objects.order_by("-pk").values_list("received_at", flat=True).first()
    yield _gauge(
        "webhook_last_timestamp_seconds",
        "When the newest delivery came; 0: none ever did.",
        newest.timestamp() if newest else 0,
    )


def _messages(now: datetime) -> Iterator[Metric]:
    waiting = Notification.objects.exclude(next_try_at=None).aggregate(count=Count("pk"), oldest=Min("created_at"))
    yield _gauge("notifications_waiting", "Messages in the outbox that were not sent yet.", waiting["count"])
    yield _gauge("notification_oldest_seconds", "Age of the oldest of them.", _age(waiting["oldest"], now))


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0


class Machine(Collector):
    """What this machine knows: its processes, its disks, and whether the broker answers."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("phonepe_production", "1 where real money moves.", settings.PRODUCTION)
        living = dict.fromkeys(KINDS, 0.0) | {kind: float(number) for kind, number in metrics.living().items()}
        yield _by("processes", "Processes that live on this machine.", "kind", living)
        yield from self._broker()
        yield _by("disk_free_ratio", "What is free where something is kept.", "place", dict(_disks()))

    def _broker(self) -> Iterator[Metric]:
        if not settings.REDIS_URL:
            return
        up, ticked_at = 1, None
        try:
            ticked_at = liveness.last_tick()
        except (redis.RedisError, OSError):
            up = 0
        yield _gauge("redis_up", "Whether the broker answers.", up)
        yield _gauge(
            "tick_last_timestamp_seconds",
            "When a worker last did beat's tick; 0: not for a day, or nobody knows.",
            ticked_at.timestamp() if ticked_at else 0,
        )


def _disks() -> Iterator[tuple[str, float]]:
    places: dict[str, Any] = {"code": settings.BASE_DIR, "logs": settings.LOG_DIR, "webhooks": settings.WEBHOOK_ARCHIVE}
    if connection.vendor == "sqlite":
        places["database"] = Path(str(connection.settings_dict["NAME"])).resolve().parent
    for place, folder in places.items():
        with suppress(OSError):
            if folder and Path(folder).is_dir():
                usage = shutil.disk_usage(folder)
                yield place, usage.free / usage.total
