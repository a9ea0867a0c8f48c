"""When there is something for a worker to do, and of which kind, looked up in one statement."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from django.db import connection

from core.services import worker
from core.services.operations import delivery

DUE = {
    "webhooks": "SELECT MIN(COALESCE(next_try_at, received_at)) FROM core_webhookevent WHERE processed_at IS NULL",
    "orders": "SELECT MIN(next_check_at) FROM core_paymenttransaction",
    "refunds": "SELECT MIN(next_check_at) FROM core_refund",
    "reported refunds": "SELECT MIN(next_check_at) FROM core_reportedrefund",
    "notifications": "SELECT MIN(next_try_at) FROM core_notification",
    "mandates": "SELECT MIN(next_check_at) FROM core_mandate",
    "subscriptions": "SELECT MIN(due_at) FROM core_ownersubscription",
}
SQL = f"SELECT {', '.join(f'({each})' for each in DUE.values())}"
RENEWING = ("mandates", "subscriptions")


def due() -> dict[str, datetime]:
    """Return when the first of each kind is due, if one is."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        moments = cursor.fetchone()
    return {kind: _moment(at) for kind, at in zip(DUE, moments, strict=True) if at is not None}


def _moment(at: datetime | str) -> datetime:
    if isinstance(at, str):  # SQLite keeps moments as text
        at = datetime.fromisoformat(at)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def does(kinds: Mapping[str, datetime]) -> str:
    """Do of a tick what is due: the rest of it would find nothing, at a price."""
    steps: dict[str, Callable[[], object]] = {"webhooks": worker.read_webhooks}
    for name, work in worker.works().items():
        steps[name] = partial(worker.do_due, work, worker.Tally())
    steps["notifications"] = delivery.deliver_due
    chosen = [name for name in steps if name in kinds or (name == "orders" and "webhooks" in kinds)]
    for name in chosen:
        worker.survives(name, steps[name])
    return f"ticked: {', '.join(chosen)}"
