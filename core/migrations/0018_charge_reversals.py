"""Let a charge be reversed, be for some days of a month, and wait until an old start is confirmed.

Tenancies that are there keep whole months: the database's default of `prorate` is false, the code's is true.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0017_fill_receipts")]

    operations = [
        migrations.AlterModelOptions(
            name="rentcharge",
            options={"permissions": [("reverse_rentcharge", "Can reverse rent charges")]},
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="days",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="How many days of the month it is for; empty: all of them.", null=True
            ),
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="monthly_rent_paise",
            field=models.BigIntegerField(
                blank=True, help_text="The whole month's rent at that time; empty: the amount.", null=True
            ),
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="reversal_cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("person", "a person let the tenant off it"),
                    ("days", "the tenancy's first or last day changed"),
                ],
                db_default="",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="reversal_reason",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="reversed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rentcharge",
            name="reversed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tenancy",
            name="prorate",
            field=models.BooleanField(
                db_default=False, default=True, help_text="Charge the first and the last month by day, not whole."
            ),
        ),
        migrations.AddField(
            model_name="tenancy",
            name="start_is_confirmed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Tick if it did start more than 24 months back, so that every month since then is charged.",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mismatch", "another amount or order came than was asked for"),
                    ("surplus", "more money came than was due"),
                    ("silent", "an expired order without a final word"),
                    ("lost_by_phonepe", "PhonePe does not know an order it once took"),
                    ("refund_failed", "a refund failed and waits for a person"),
                    ("books", "the books do not agree with themselves"),
                    ("contradiction", "PhonePe says otherwise than before"),
                    ("unknown_webhook", "a webhook about nothing we know"),
                    ("settlement", "PhonePe's settlement says otherwise than our books"),
                    ("settlement_failed", "PhonePe could not pay a settlement out"),
                    ("chargeback", "a payment was charged back"),
                    ("dispute", "a payer disputes a payment"),
                    ("dispute_lost", "a dispute was lost"),
                    ("rent", "rent that is not charged before somebody confirms it"),
                    ("unreadable_webhook", "a webhook that is not JSON"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="subject",
            field=models.CharField(help_text="The order, refund, delivery or tenancy it is about.", max_length=64),
        ),
        migrations.AlterField(
            model_name="tenancy",
            name="ends_on",
            field=models.DateField(blank=True, help_text="The last day, inclusive.", null=True),
        ),
        migrations.AlterField(
            model_name="tenancy",
            name="starts_on",
            field=models.DateField(help_text="The first day."),
        ),
    ]
