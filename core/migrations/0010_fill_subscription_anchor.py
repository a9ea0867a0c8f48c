"""Fill in the anchors of subscriptions, and the full ends of periods, that are there already.

Periods were counted from the end of the one before, so that an owner of the 31st lost the day in February. No period
that was paid for changes; the next one ends on the 31st again.
"""

from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.india import in_india

MONTHS = {"monthly": 1, "yearly": 12}
AT_ONCE = 500


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run again after a stop, it goes on where it was."""
    subscriptions: Any = apps.get_model("core", "OwnerSubscription")
    periods: Any = apps.get_model("core", "SubscriptionPeriod").objects.select_related("payment")
    without = periods.filter(full_ends_at__isnull=True).order_by("pk")
    while batch := list(without[:AT_ONCE]):
        for period in batch:
            period.full_ends_at = in_india(period.starts_at) + relativedelta(months=MONTHS[period.payment.period])
        periods.bulk_update(batch, ["full_ends_at"])
    for subscription in subscriptions.objects.filter(anchor__isnull=True).iterator(AT_ONCE):
        subscription.anchor = first_of_the_unbroken(list(periods.filter(subscription=subscription).order_by("pk")))
        subscription.save(update_fields=["anchor"])


def first_of_the_unbroken(periods: list[Any]) -> datetime | None:
    """Return when the first of the periods began that follow each other without a gap or a refund up to the last."""
    anchor = end = None
    for period in periods:
        if period.ends_at == period.starts_at:
            continue  # refunded before it began
        anchor = anchor if period.starts_at == end else period.starts_at
        end = period.ends_at if period.ends_at == period.full_ends_at else None
    return anchor


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0009_subscription_anchor")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
