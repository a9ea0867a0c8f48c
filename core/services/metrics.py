"""What Prometheus is told. Counters live in the process; what the database knows is read at the scrape."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Count
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.models import Alert, PaymentTransaction, Reconciliation, WebhookEvent

PHONEPE_CALLS = Histogram(
    "zelton_phonepe_call_seconds",
    "Calls to PhonePe, by what came of them.",
    ["call", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15),
)
WEBHOOKS = Counter("zelton_webhooks_total", "Webhook deliveries, by what became of them.", ["outcome"])
REFUNDS = Counter("zelton_refunds_total", "Refunds that ended, by how and why they were made.", ["state", "kind"])
MOVES = Counter("zelton_payment_moves_total", "Payments that changed status.", ["status", "cause"])


@contextmanager
def phonepe_call(name: str) -> Iterator[None]:
    """Time a call to PhonePe; its outcome is `answered` or the name of our exception."""
    start, outcome = time.monotonic(), "answered"
    try:
        yield
    except Exception as error:
        outcome = type(error).__name__
        raise
    finally:
        PHONEPE_CALLS.labels(name, outcome).observe(time.monotonic() - start)


class BooksCollector(Collector):
    """What the database knows, read at the scrape: how many orders are open and how late their checks are."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        orders = GaugeMetricFamily("zelton_orders", "Orders by reconciliation status.", labels=["status"])
        unsettled = PaymentTransaction.objects.exclude(reconciliation_status=Reconciliation.SETTLED)
        for status, count in unsettled.values_list("reconciliation_status").annotate(Count("pk")).order_by():
            orders.add_metric([status], count)
        yield orders
        oldest = PaymentTransaction.objects.due(now).values_list("next_check_at", flat=True).first()
        lateness = (now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("zelton_check_lateness_seconds", "Age of the oldest due check.", value=lateness)
        waiting = WebhookEvent.objects.filter(processed_at__isnull=True).count()
        yield GaugeMetricFamily("zelton_webhooks_waiting", "Stored deliveries not read yet.", value=waiting)
        alerts = GaugeMetricFamily("zelton_alerts_open", "Alerts that wait for an operator.", labels=["kind"])
        for kind, count in Alert.objects.filter(resolved_at=None).values_list("kind").annotate(Count("pk")).order_by():
            alerts.add_metric([kind], count)
        yield alerts


def exposition() -> bytes:
    """Return Prometheus's text: the counters of all web processes, and what the database knows."""
    registry = CollectorRegistry()
    registry.register(BooksCollector())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)
