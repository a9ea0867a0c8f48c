"""Keep the words of subscriptions known and their changes whole, and look at those that are there once."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q
from django.utils import timezone

from core.db.online_migrations import AddCheck, AddIndex

AT_ONCE = 500
CHECKS = [
    (
        "ownersubscription",
        models.CheckConstraint(
            condition=Q(("status__in", ["", "active", "past_due", "cancelled", "expired"])),
            name="subscription_status_known",
        ),
    ),
    (
        "ownersubscription",
        models.CheckConstraint(
            condition=Q(status="") | Q(plan__isnull=False, paid_until__isnull=False), name="subscription_has_a_plan"
        ),
    ),
    (
        "ownersubscription",
        models.CheckConstraint(
            condition=(Q(next_plan__isnull=True) & Q(next_period=""))
            | (Q(next_plan__isnull=False) & ~Q(next_period="")),
            name="waiting_change_is_whole",
        ),
    ),
    (
        "ownersubscriptionpayment",
        models.CheckConstraint(
            condition=Q(("purpose__in", ["first", "renewal", "upgrade"])), name="subscription_payment_purpose_known"
        ),
    ),
    (
        "ownersubscriptionpayment",
        models.CheckConstraint(condition=Q(credit_paise__gte=0), name="credit_not_negative"),
    ),
]


def look_at_all(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make every subscription that has a period due, so that the clock finds out how it stands."""
    subscriptions: Any = apps.get_model("core", "OwnerSubscription").objects
    waiting = subscriptions.filter(due_at__isnull=True, status="", periods__isnull=False).distinct()
    while keys := list(waiting.values_list("pk", flat=True)[:AT_ONCE]):
        subscriptions.filter(pk__in=keys).update(due_at=timezone.now())


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0038_subscription_life")]

    operations = [
        *(AddCheck(model_name=model, constraint=check) for model, check in CHECKS),
        AddIndex(
            model_name="ownersubscription",
            index=models.Index(condition=Q(due_at__isnull=False), fields=["due_at"], name="subscription_due"),
        ),
        migrations.RunPython(look_at_all, migrations.RunPython.noop),
    ]
