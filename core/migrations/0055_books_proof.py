"""Keep what of the books is proved, so that a night proves what is new; and find reversed charges without reading all."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0054_names_of_ids")]

    operations = [
        migrations.CreateModel(
            name="BooksProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("is_of_everything", models.BooleanField(help_text="Nothing was taken from an earlier proof.")),
                ("through_line", models.BigIntegerField()),
                ("through_change", models.BigIntegerField(help_text="Of the history of orders and refunds.")),
                ("through_refund", models.BigIntegerField()),
                ("through_charge", models.BigIntegerField()),
                ("balances", models.JSONField()),
            ],
            options={"get_latest_by": "pk"},
        ),
        AddIndex(
            model_name="rentcharge",
            index=models.Index(
                fields=["reversed_at"], condition=models.Q(reversed_at__isnull=False), name="charge_by_reversal"
            ),
        ),
    ]
