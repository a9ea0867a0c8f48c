"""Let a debit that comes late stand beside the one that has paid its period: all of it goes back."""

from django.db import migrations, models
from django.db.models import Q

from core.db.online_migrations import AddUnique

PAYMENT = "ownersubscriptionpayment"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0049_credit_notes")]

    operations = [
        migrations.AddField(
            model_name=PAYMENT,
            name="goes_back",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Of a debit: its period is paid otherwise, and all of it goes back.",
            ),
        ),
        AddUnique(
            model_name=PAYMENT,
            constraint=models.UniqueConstraint(
                condition=Q(
                    ("goes_back", False),
                    ("renews_from__isnull", False),
                    Q(("status__in", ("failed", "cancelled")), _negated=True),
                ),
                fields=("subscription", "renews_from"),
                name="one_debit_pays_a_period",
            ),
        ),
        # Last, so that the period is held all the time.
        migrations.RemoveConstraint(model_name=PAYMENT, name="one_debit_per_period"),
    ]
