"""Keep one charge that stands for each month, in place of one charge at all."""

from django.db import migrations, models

from core.db.online_migrations import AddCheck, AddUnique


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0018_charge_reversals")]

    operations = [
        AddUnique(
            model_name="rentcharge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reversed_at__isnull", True)),
                fields=("tenancy", "month"),
                name="one_standing_charge_per_tenancy_and_month",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="rentcharge",
            name="one_charge_per_tenancy_and_month",
        ),
        AddCheck(
            model_name="rentcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days__isnull", True),
                    models.Q(("days__gte", 1), ("days__lte", 30), ("monthly_rent_paise__isnull", False)),
                    _connector="OR",
                ),
                name="charge_by_day_knows_the_whole_rent",
            ),
        ),
        AddCheck(
            model_name="rentcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reversal_cause", ""),
                        ("reversal_reason", ""),
                        ("reversed_at__isnull", True),
                        ("reversed_by__isnull", True),
                    ),
                    models.Q(
                        models.Q(("reversal_reason", ""), _negated=True),
                        ("reversal_cause__in", ["person", "days"]),
                        ("reversed_at__isnull", False),
                        ("reversed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="reversal_says_who_and_why",
            ),
        ),
    ]
