"""What Prometheus is told: what processes have counted, and what the database and this machine know at the scrape.

All processes of a machine count together in one folder, see `metrics_folder`. Labels have few values: whatever names an
order, a person or an address belongs into the logs.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest, values
from prometheus_client.registry import Collector

from core.models import ChangeCause, Door, InvoiceKind, PaymentStatus, RefundKind, RefundState
from core.services.operations.metrics_folder import MetricsFolder

logger = structlog.get_logger(__name__)


def _shared_folder() -> MetricsFolder | None:
    """Let every metric that is made from now on be counted together with other processes, if that can be.

    A process that counts for itself leaves the environment as it is, so that those it starts do so too.
    """
    path, folder = settings.PROMETHEUS_MULTIPROC_DIR, None
    try:
        folder = None if path == "none" else MetricsFolder(Path(path))
    except OSError as problem:
        why = problem.strerror or str(problem)
        logger.error(  # noqa: TRY400 - no defect, and a sentence says it all
            "metrics_not_shared",
            sentence=f"{path} cannot be used ({why}): this process counts for itself, and no other's scrape tells of "
            "it. Everything else goes on. See PROMETHEUS_MULTIPROC_DIR.",
        )
    if folder is None:
        values.ValueClass = values.MutexValue
    else:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.path)
        values.ValueClass = values.MultiProcessValue(folder.name)  # type: ignore[no-untyped-call]
    return folder


FOLDER = _shared_folder()

CALLS = (
    "create_order",
    "order_status",
    "refund",
    "refund_status",
    "set_up_mandate",
    "mandate_status",
    "announce_debit",
    "execute_debit",
    "cancel_mandate",
)
# How a call may end, see `phonepe.errors`; the last three leave us without PhonePe's word.
OUTCOMES = (
    "answered",
    "PhonePeUnknownId",
    "PhonePeRejected",
    "PhonePeTooManyRequests",
    "PhonePeUnauthorised",
    "PhonePeUnavailable",
    "PhonePeOutcomeUnknown",
)
PHONEPE_CALLS = Histogram(
    "zelton_phonepe_call_seconds",
    "Calls to PhonePe, by what came of them.",
    ["call", "outcome"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15),
)
LAST_ANSWER = Gauge(
    "zelton_phonepe_last_answer_timestamp_seconds", "When PhonePe last answered.", multiprocess_mode="max"
)
LAST_SILENCE = Gauge(
    "zelton_phonepe_last_unanswered_timestamp_seconds",
    "When a call to PhonePe last stayed without an answer.",
    multiprocess_mode="max",
)
BREAKER = Gauge(
    "zelton_phonepe_breaker_open",
    "1 while PhonePe is thought to be down, by the process that called it last.",
    multiprocess_mode="mostrecent",
)
HTTP = Histogram(
    "zelton_http_request_seconds",
    "Requests, by the view that answered and the class of the status.",
    ["view", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10),
)
DATABASE_FULL = Gauge(
    "zelton_database_full_timestamp_seconds",
    "When the database last had no room for what was to be saved; 0: never.",
    multiprocess_mode="max",
)
TASKS = Histogram(
    "zelton_task_seconds", "Tasks of the worker.", ["task", "outcome"], buckets=(0.1, 0.5, 1, 2, 5, 15, 60)
)
TICKS_SENT = Counter("zelton_beat_ticks_total", "Ticks that beat has handed to the broker.")
WEBHOOKS = Counter("zelton_webhooks_total", "Webhook deliveries, by what became of them.", ["outcome"])
GUESSES_REFUSED = Counter(
    "zelton_guesses_refused_total", "Passwords not looked at, because of too many before.", ["door"]
)
REFUNDS = Counter("zelton_refunds_total", "Refunds that ended, by how and why they were made.", ["state", "kind"])
MOVES = Counter("zelton_payment_moves_total", "Payments that changed status.", ["status", "cause"])
DEBITS = Counter("zelton_debits_total", "Debits by UPI AutoPay that changed status.", ["status"])
PAPERS = Counter("zelton_papers_total", "Tax invoices and credit notes that were issued.", ["kind"])


def _begin_at_zero() -> None:
    """Make the series that rules read: the first of a series that was not there is no increase to Prometheus."""
    for call in CALLS:
        for outcome in OUTCOMES:
            PHONEPE_CALLS.labels(call, outcome)
    for outcome in (
        "stored",
        "repeated",
        "webhook_refused",
        "address_refused",
        "not_json",
        "too_large",
        "previous_credentials",
    ):
        WEBHOOKS.labels(outcome)
    for task in ("tick", "drain"):
        TASKS.labels(task, "success")
    for door in Door:
        GUESSES_REFUSED.labels(door)
    for kind in RefundKind:
        for state in (RefundState.COMPLETED, RefundState.FAILED):
            REFUNDS.labels(state, kind)
    for status in (PaymentStatus.COMPLETED, PaymentStatus.FAILED, PaymentStatus.CANCELLED):
        DEBITS.labels(status)
        for cause in ChangeCause:
            MOVES.labels(status, cause)
    for paper in InvoiceKind:
        PAPERS.labels(paper)


_begin_at_zero()


def is_a(kind: str) -> None:
    """Say what this process is: web, worker, beat; otherwise it is a command."""
    if FOLDER is not None:
        FOLDER.is_a(kind)


def living() -> dict[str, int]:
    """Return how many processes of each kind live on this machine, as far as this one knows."""
    return dict(FOLDER.living()) if FOLDER is not None else {"command": 1}


class _Counted(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from FOLDER.counted() if FOLDER is not None else REGISTRY.collect()


def exposition(*more: Collector) -> bytes:
    """Return Prometheus's text: what all processes of this machine have counted, and more."""
    registry = CollectorRegistry()
    for collector in (_Counted(), *more):
        registry.register(collector)
    return generate_latest(registry)
