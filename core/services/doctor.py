"""Look at everything that Zelton needs in order to run, and say what is wrong and what to do about it.

No check waits longer than a few seconds, and none shows a secret. What cannot be looked at says so.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import celery
import redis
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.utils import timezone

from core.db import replica
from core.db.connection import has_room, is_full
from core.models import Alert, AlertKind, Notification, PaymentTransaction, Refund, WebhookEvent
from core.services import audit
from core.services.ledger import proofs
from core.services.operations import delivery, liveness, outbox, readiness
from core.services.phonepe.errors import PhonePeError, PhonePeUnauthorised
from core.services.phonepe_service import PhonePeService

TIMEOUT = 4.0  # seconds, for each thing that is asked over a network
CLOCKS_DIFFER = timedelta(seconds=2)
LATE, VERY_LATE = timedelta(seconds=10), timedelta(minutes=1)
NO_TICK_FOR = timedelta(seconds=10)
NO_WEBHOOK_FOR = timedelta(hours=24)
DISK_LOW, DISK_FULL = 0.10, 0.02  # of its size, free
Look = Callable[[], "Finding"]


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen, and what to do if it is not as it should be."""

    status: Health
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    status: Health
    detail: str
    remedy: str


def examine() -> Iterator[Check]:
    """Look at one thing after the other; a look that fails is a finding, too."""
    for name, look in CHECKS.items():
        try:
            found = look()
        except (DatabaseError, redis.RedisError, OSError) as problem:
            found = Finding(
                Health.FAIL, f"This could not be looked at: {type(problem).__name__}.", "See the checks above."
            )
        yield Check(name, found.status, found.detail, found.remedy)


def _ok(detail: str) -> Finding:
    return Finding(Health.OK, detail)


def _settings() -> Finding:
    mode = settings.PHONEPE_ENVIRONMENT
    seller = ("INVOICE_SELLER_NAME", "INVOICE_SELLER_ADDRESS", "INVOICE_SELLER_STATE", "INVOICE_SELLER_GSTIN")
    if unset := [name for name in seller if not getattr(settings, name)]:
        return Finding(
            Health.FAIL,
            f"PhonePe {mode}; invoices would be wrong without {', '.join(unset)}.",
            "Set what invoices say of their seller, before an owner pays.",
        )
    if settings.DEBUG:
        return Finding(Health.WARN, f"PhonePe {mode}, and debug pages are on.", "Unset DJANGO_DEBUG where people pay.")
    if settings.PHONEPE_BASE_URL:
        return Finding(
            Health.WARN,
            f"PhonePe {mode} at {settings.PHONEPE_BASE_URL}.",
            "Unset PHONEPE_BASE_URL to reach PhonePe itself.",
        )
    return _ok(f"PhonePe {mode}.")


def _database() -> Finding:
    started = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as refusal:
        remedy = (
            "Start it, or correct DATABASE_URL. A full disk stops PostgreSQL, and its own log says so: make room first."
        )
        return Finding(Health.FAIL, f"The database does not answer: {_first_line(refusal)}.", remedy)
    milliseconds = (time.monotonic() - started) * 1000
    if connection.vendor == "sqlite":
        remedy = "SQLite is for one machine; set DATABASE_URL to PostgreSQL where people pay."
        return Finding(
            Health.WARN if settings.PRODUCTION else Health.OK, f"SQLite answers in {milliseconds:.0f} ms.", remedy
        )
    answers = f"PostgreSQL answers in {milliseconds:.0f} ms"
    return _replica(answers) if replica.REPLICA in connections.settings else _ok(f"{answers}.")


def _replica(answers: str) -> Finding:
    remedy = "Lists, statements and stories are read from the primary meanwhile. Look at the replica's own log."
    try:
        behind = replica.seconds_behind()
    except DatabaseError as problem:
        return Finding(Health.WARN, f"{answers}; its replica cannot be read: {type(problem).__name__}.", remedy)
    if behind is not None and behind > replica.PATIENCE:
        return Finding(Health.WARN, f"{answers}; its replica is {behind:.1f} s behind.", remedy)
    return _ok(f"{answers}, and its replica is up to date.")


def _database_writable() -> Finding:
    try:
        with transaction.atomic():
            Alert.objects.create(kind=AlertKind.BOOKS, subject="doctor", sentence="A trial", raised_at=timezone.now())
            transaction.set_rollback(True)
        is_out_of_room = not has_room()
    except DatabaseError as refusal:
        is_out_of_room = is_full(refusal)
        if not is_out_of_room:
            remedy = "After a failover, point DATABASE_URL at the server that takes writes; otherwise see database."
            return Finding(Health.FAIL, f"The database takes no writes: {_first_line(refusal)}.", remedy)
    if is_out_of_room:
        remedy = "Make room on the database's machine, see “Disk full” in docs/runbook.md. Payments wait for it."
        return Finding(Health.FAIL, "The database's disk is full.", remedy)
    return _ok("A row was written and taken back.")


def _first_line(refusal: DatabaseError) -> str:
    return str(refusal).partition("\n")[0] or type(refusal).__name__


def _migrations() -> Finding:
    if readiness.are_applied():
        return _ok("Every migration is applied.")
    return Finding(Health.FAIL, "The database is behind this code.", "Run manage.py migrate.")


def _clock() -> Finding:
    if connection.vendor != "postgresql":
        return _ok("The database uses this machine's clock; nothing to compare it with.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    apart = abs(timezone.now() - theirs)
    detail = f"This machine's clock and the database's are {apart.total_seconds():.1f} s apart."
    return Finding(Health.WARN, detail, "Let both keep time by NTP.") if apart > CLOCKS_DIFFER else _ok(detail)


def _broker() -> Finding:
    if not settings.REDIS_URL:
        remedy = "Set REDIS_URL, or keep manage.py reconcile_pending_payments --loop running."
        return Finding(Health.WARN, "REDIS_URL is not set: nothing is queued.", remedy)
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as client:
            client.ping()
    except (redis.RedisError, OSError) as problem:
        remedy = "Start Redis; until then run manage.py reconcile_pending_payments --loop. No payment is lost."
        return Finding(Health.FAIL, f"Redis does not answer: {type(problem).__name__}.", remedy)
    return _ok("Redis answers.")


def _worker() -> Finding:
    if not settings.REDIS_URL:
        return Finding(Health.WARN, "There is no broker, so workers cannot be looked at.", "See broker.")
    try:
        answers: Any = celery.current_app.control.ping(timeout=1.0)
    except Exception as problem:  # noqa: BLE001 - the transport raises what it likes
        return Finding(Health.FAIL, f"Workers could not be asked: {type(problem).__name__}.", "See broker.")
    if not answers:
        return Finding(Health.FAIL, "No worker answers.", "Start one: celery -A zelton_backend worker.")
    return _ok(f"{len(answers)} of them answer.")


def _beat() -> Finding:
    if not settings.REDIS_URL:
        return Finding(Health.WARN, "There is no broker, so beat cannot be looked at.", "See broker.")
    ticked_at = liveness.last_tick()
    since = None if ticked_at is None else timezone.now() - ticked_at
    if since is None or since > NO_TICK_FOR:
        seen = "for a day or more" if since is None else f"for {since.total_seconds():.0f} s"
        return Finding(
            Health.FAIL, f"No tick was done {seen}.", "Start beat: celery -A zelton_backend beat. See worker, too."
        )
    return _ok(f"The last tick was {max(0.0, since.total_seconds()):.0f} s ago.")


def _phonepe_reachable() -> Finding:
    problem = _sign_in()
    if problem is None or isinstance(problem, PhonePeUnauthorised):
        return _ok("PhonePe answers.")
    remedy = "Look at the network and at PhonePe's status page; payments under way go on by themselves when it is back."
    return Finding(Health.FAIL, f"PhonePe does not answer: {problem}.", remedy)


def _phonepe_credentials() -> Finding:
    problem = _sign_in()
    if problem is None:
        return _ok("PhonePe gives a token for them.")
    if isinstance(problem, PhonePeUnauthorised):
        remedy = "Compare PHONEPE_CLIENT_ID, _SECRET, _VERSION and PHONEPE_ENVIRONMENT with PhonePe's dashboard."
        return Finding(Health.FAIL, "PhonePe does not accept them.", remedy)
    return Finding(Health.WARN, "They could not be tried, because PhonePe does not answer.", "See phonepe_reachable.")


def _sign_in() -> PhonePeError | None:
    try:
        PhonePeService(TIMEOUT).sign_in()
    except PhonePeError as problem:
        return problem
    return None


def _webhook_credentials() -> Finding:
    count = len(settings.PHONEPE_WEBHOOK_CREDENTIALS)
    if not count:
        remedy = "Set PHONEPE_WEBHOOK_USERNAME and PHONEPE_WEBHOOK_PASSWORD to what PhonePe's dashboard has."
        return Finding(Health.FAIL, "There are none, so every webhook is refused.", remedy)
    if count > 1:
        return Finding(
            Health.WARN, "The previous ones are accepted, too.", "Unset the previous ones once PhonePe uses the new."
        )
    return _ok("One pair is accepted.")


def _last_webhook() -> Finding:
    last = WebhookEvent.objects.order_by("-last_received_at").values_list("last_received_at", flat=True).first()
    if last is None:
        return Finding(Health.WARN, "None has ever come.", "Register the webhook on PhonePe's dashboard.")
    since = timezone.now() - last
    detail = f"The last one came {_span(since)} ago."
    paid_since = PaymentTransaction.objects.filter(paid_at__gt=last + timedelta(minutes=5)).exists()
    if paid_since or since > NO_WEBHOOK_FOR:
        remedy = "Compare the webhook's address and password on PhonePe's dashboard; orders are asked about meanwhile."
        return Finding(Health.WARN, detail + (" Payments have completed since." if paid_since else ""), remedy)
    return _ok(detail)


def _lateness() -> Finding:
    now = timezone.now()
    oldest = [
        due
        for model in (PaymentTransaction, Refund)
        if (due := model.objects.due(now).values_list("next_check_at", flat=True).first())
    ]
    late = now - min(oldest) if oldest else timedelta()
    detail = (
        f"The oldest due question to PhonePe waits for {_span(late)}." if oldest else "No question to PhonePe is due."
    )
    if late > VERY_LATE:
        return Finding(
            Health.FAIL, detail, "See worker, beat and phonepe_reachable; or run manage.py reconcile_pending_payments."
        )
    return Finding(Health.WARN, detail, "See worker and beat.") if late > LATE else _ok(detail)


def _alerts() -> Finding:
    kinds = sorted(Alert.objects.filter(resolved_at=None).order_by().values_list("kind", flat=True).distinct())
    count = Alert.objects.filter(resolved_at=None).count()
    if not count:
        return _ok("None is open.")
    return Finding(Health.WARN, f"{count} open: {', '.join(kinds)}.", "Look at them in the admin, under Alerts.")


def _books() -> Finding:
    try:
        with _time_limit(TIMEOUT):
            found = list(audit.differences(scope=proofs.what_is_new(now=timezone.now())))
    except OperationalError:
        known = Alert.objects.filter(kind=AlertKind.BOOKS, resolved_at=None).exists()
        seen = "differences" if known else "none"
        detail = f"There is too much to look at in {TIMEOUT:.0f} s; the last nightly check found {seen}."
        return Finding(Health.FAIL if known else Health.OK, detail, "Run manage.py check_books.")
    if found:
        detail = f"{len(found)} differences, first: {found[0]}"
        return Finding(Health.FAIL, detail, "Run manage.py check_books for all of them.")
    return _ok("They balance.")


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Let the database give up on what takes longer.

    :raises OperationalError: if it does
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            yield
        return
    ends = time.monotonic() + seconds
    connection.connection.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def _logs() -> Finding:
    if settings.LOG_DIR is None:
        return _ok("They go to standard error; whoever starts the processes keeps them.")
    try:
        settings.LOG_DIR.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.LOG_DIR) as trial:
            trial.write(b"x")
    except OSError as problem:
        detail = f"{settings.LOG_DIR} cannot be written ({problem.strerror}): logs go to standard error alone."
        return Finding(Health.WARN, detail, "Let the processes' user write there, make room, or set LOG_DIR.")
    return _ok(f"They go to standard error, and to django.log and phonepe.log in {settings.LOG_DIR}.")


def _notifications() -> Finding:
    if settings.ALERT_WEBHOOK_URL and (complaint := delivery.complaint_about(settings.ALERT_WEBHOOK_URL)):
        return Finding(Health.WARN, complaint, "Correct ALERT_WEBHOOK_URL; what waits is sent then.")
    if not outbox.channels():
        remedy = "Set ALERT_EMAIL_TO or ALERT_WEBHOOK_URL, unless something else watches."
        return Finding(Health.WARN, "Nobody is told of alerts by mail or webhook.", remedy)
    late = Notification.objects.filter(next_try_at__isnull=False, created_at__lt=timezone.now() - VERY_LATE)
    if oldest := late.order_by("created_at").first():
        why = oldest.problem or "No worker sends them."
        detail = f"{late.count()} wait, the oldest for {_span(timezone.now() - oldest.created_at)}. {why}"
        return Finding(Health.WARN, detail, "Correct what it names, or see worker; what waits is sent then.")
    return _ok("None waits.")


def _disk() -> Finding:
    folders = {Path.cwd()}
    if settings.WEBHOOK_ARCHIVE:
        folders.add(Path(settings.WEBHOOK_ARCHIVE))
    if settings.LOG_DIR:
        folders.add(settings.LOG_DIR)
    if connection.vendor == "sqlite":
        folders.add(Path(str(connection.settings_dict["NAME"])).resolve().parent)
    seen = {folder: shutil.disk_usage(folder) for folder in folders if folder.is_dir()}
    fullest, usage = min(seen.items(), key=lambda each: each[1].free / each[1].total)
    free = usage.free / usage.total
    detail = f"{free:.0%} ({usage.free / 1e9:.1f} GB) is free where {fullest.name or fullest} is."
    remedy = "Make room: manage.py apply_retention moves old webhooks out of the database."
    if free < DISK_FULL:
        return Finding(Health.FAIL, detail, remedy)
    return Finding(Health.WARN, detail, remedy) if free < DISK_LOW else _ok(detail)


def _span(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


CHECKS: dict[str, Look] = {
    "settings": _settings,
    "database": _database,
    "database_writable": _database_writable,
    "migrations": _migrations,
    "clock": _clock,
    "broker": _broker,
    "worker": _worker,
    "beat": _beat,
    "phonepe_reachable": _phonepe_reachable,
    "phonepe_credentials": _phonepe_credentials,
    "webhook_credentials": _webhook_credentials,
    "last_webhook": _last_webhook,
    "lateness": _lateness,
    "alerts": _alerts,
    "books": _books,
    "logs": _logs,
    "disk": _disk,
    "notifications": _notifications,
}
