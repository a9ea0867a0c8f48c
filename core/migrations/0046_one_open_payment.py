"""Let one payment for a period be open, on a pay page or with the setup of AutoPay; a check of the account is neither."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.db.online_migrations import AddCheck, AddUnique

PAYMENT = "ownersubscriptionpayment"
BEFORE = ["first", "renewal", "upgrade"]
PURPOSES = [
    ("first", "first period, or the first one after a gap"),
    ("renewal", "period that follows the paid time"),
    ("upgrade", "upgrade at once"),
    ("check", "check of the account for AutoPay, paid back"),
]


def name_checks(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say of setups that only check an account that they do."""
    checks = apps.get_model("core", PAYMENT).objects.filter(mandate__workflow="PENNY_DROP", renews_from=None)
    checks.update(purpose="check")


def name_no_checks(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("core", PAYMENT).objects.filter(purpose="check").update(purpose="renewal")


def keep_one(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of a checkout and a setup that are open beside each other keep the checkout; the setup goes back if approved."""
    payments = apps.get_model("core", PAYMENT).objects.filter(status="pending", renews_from=None).exclude(purpose="check")
    checkout = payments.filter(subscription=OuterRef("subscription"), mandate=None)
    for setup in payments.filter(Exists(checkout), mandate__isnull=False).order_by("pk"):
        apps.get_model("core", "StateChange").objects.create(
            transaction_id=setup.transaction_id,
            what="status",
            old="pending",
            new="cancelled",
            cause="replaced",
            answer={},
            at=timezone.now(),
        )
        setup.status = "cancelled"
        setup.save(update_fields=["status"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0045_mandate_at_phonepe")]

    operations = [
        migrations.AlterField(
            model_name=PAYMENT,
            name="purpose",
            field=models.CharField(choices=PURPOSES, db_default="first", default="first", max_length=10),
        ),
        migrations.RemoveConstraint(model_name=PAYMENT, name="subscription_payment_purpose_known"),
        AddCheck(
            model_name=PAYMENT,
            constraint=models.CheckConstraint(
                condition=Q(("purpose__in", [*BEFORE, "check"])), name="subscription_payment_purpose_known"
            ),
        ),
        migrations.RunPython(name_checks, name_no_checks),
        migrations.RunPython(keep_one, migrations.RunPython.noop),
        AddUnique(
            model_name=PAYMENT,
            constraint=models.UniqueConstraint(
                condition=Q(
                    ("renews_from__isnull", True), ("status", "pending"), Q(("purpose", "check"), _negated=True)
                ),
                fields=("subscription",),
                name="one_current_payment_per_subscription",
            ),
        ),
        # Last, so that the slot is held all the time.
        migrations.RemoveConstraint(model_name=PAYMENT, name="one_current_checkout_per_subscription"),
    ]
