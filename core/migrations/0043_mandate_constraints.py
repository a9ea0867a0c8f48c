"""Let a debit wait beside a payment by hand: one current checkout, one current setup, and one debit for a period."""

from django.db import migrations, models
from django.db.models import Q

from core.db.online_migrations import AddCheck, AddIndex, AddUnique

PAYMENT = "ownersubscriptionpayment"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0042_mandates")]

    operations = [
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=Q(("flow__in", ["checkout", "mandate_setup", "redemption"])), name="order_flow_known"
            ),
        ),
        AddCheck(
            model_name=PAYMENT,
            constraint=models.CheckConstraint(
                condition=Q(("renews_from__isnull", True), ("mandate__isnull", False), _connector="OR"),
                name="debit_has_a_mandate",
            ),
        ),
        AddIndex(
            model_name=PAYMENT,
            index=models.Index(condition=Q(("mandate__isnull", False)), fields=["mandate"], name="payment_by_mandate"),
        ),
        AddUnique(
            model_name=PAYMENT,
            constraint=models.UniqueConstraint(
                condition=Q(("mandate__isnull", True), ("status", "pending")),
                fields=("subscription",),
                name="one_current_checkout_per_subscription",
            ),
        ),
        AddUnique(
            model_name=PAYMENT,
            constraint=models.UniqueConstraint(
                condition=Q(("mandate__isnull", False), ("renews_from__isnull", True), ("status", "pending")),
                fields=("subscription",),
                name="one_current_setup_per_subscription",
            ),
        ),
        AddUnique(
            model_name=PAYMENT,
            constraint=models.UniqueConstraint(
                condition=Q(
                    ("renews_from__isnull", False), Q(("status__in", ("failed", "cancelled")), _negated=True)
                ),
                fields=("subscription", "renews_from"),
                name="one_debit_per_period",
            ),
        ),
        # Last, so that the slot is held all the time.
        migrations.RemoveConstraint(model_name=PAYMENT, name="one_current_payment_per_subscription"),
    ]
