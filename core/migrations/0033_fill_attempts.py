"""Fill in the attempts to pay that stored answers and webhooks tell of, so that old orders have a story too."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import QuerySet

from core.services.phonepe.responses import read_attempts
from core.services.webhooks.inbox import read_body

AT_ONCE = 500
Told = tuple[int, Any, datetime]  # key of the order, what PhonePe said, when


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PhonePe's answers first: what they say is not overwritten by a webhook. Run again after a stop, it goes on."""
    for changes in batches(apps.get_model("core", "StateChange").objects.filter(refund__isnull=True)):
        keep(apps, "status", ((change.transaction_id, change.answer, change.at) for change in changes))
    for webhooks in batches(apps.get_model("core", "WebhookEvent").objects.exclude(merchant_order_id="")):
        keep(apps, "webhook", payloads(apps, webhooks))


def batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield batch
        last = batch[-1].pk


def payloads(apps: Apps, webhooks: list[Any]) -> Iterator[Told]:
    orders: Any = apps.get_model("core", "PaymentTransaction").objects
    names = {webhook.merchant_order_id for webhook in webhooks}
    keys = dict(orders.filter(merchant_order_id__in=names).values_list("merchant_order_id", "pk"))
    for webhook in webhooks:
        try:
            content = read_body(bytes(webhook.body))
        except ValueError:  # it is in the archive, or was never JSON
            continue
        if isinstance(content, dict) and webhook.merchant_order_id in keys:
            yield keys[webhook.merchant_order_id], content.get("payload"), webhook.received_at


def keep(apps: Apps, reported_by: str, told: Iterable[Told]) -> None:
    model = apps.get_model("core", "PaymentAttempt")
    # Of several reports of one attempt the last is the one that counts.
    rows = {
        (order, attempt.transaction_id): model(
            order_id=order, reported_by=reported_by, seen_at=at, changed_at=at, **attempt._asdict()
        )
        for order, answer, at in told
        for attempt in read_attempts(answer)
        if attempt.transaction_id
    }
    model.objects.bulk_create(rows.values(), batch_size=AT_ONCE, ignore_conflicts=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0032_order_by_utr")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
