"""Name the rights of operators, and keep what they make of money in suspense."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0028_webhook_unread_ours"),
    ]

    operations = [
        migrations.CreateModel(
            name="SuspensePlacement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source_kind",
                    models.CharField(help_text="The kind of entry that put it into suspense.", max_length=32),
                ),
                (
                    "source_subject",
                    models.CharField(help_text="The refund or settlement that it came with.", max_length=100),
                ),
                (
                    "destination",
                    models.CharField(
                        choices=[
                            ("tenancy", "to a tenancy: it is rent"),
                            ("payer", "back to the payer, by a bank transfer"),
                            ("written_off", "written off"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "amount_paise",
                    models.BigIntegerField(help_text="Negative: money that was missing, charged to the destination."),
                ),
                (
                    "reference",
                    models.CharField(blank=True, help_text="The UTR of the transfer back to the payer.", max_length=64),
                ),
                ("reason", models.CharField(max_length=500)),
                ("placed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "placement of suspense",
                "verbose_name_plural": "suspense",
                "permissions": [("place_suspense", "Can place money that is in suspense")],
            },
        ),
        migrations.AlterModelOptions(
            name="paymenttransaction",
            options={
                "permissions": [
                    ("ask_phonepe", "Can ask PhonePe now how an order or a refund stands"),
                    ("resolve_mismatch", "Can keep or send back what came with a mismatched order"),
                    ("give_up_order", "Can give up an order that PhonePe has lost"),
                ],
                "verbose_name": "PhonePe order",
            },
        ),
        migrations.AlterModelOptions(
            name="settlement",
            options={"permissions": [("import_settlement", "Can take in a settlement file")]},
        ),
        migrations.AlterModelOptions(
            name="webhookevent",
            options={"permissions": [("replay_webhook", "Can have a stored webhook read again")]},
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("charge", "Charge"),
                    ("reversal", "reversal of a charge"),
                    ("capture", "Capture"),
                    ("suspense", "Suspense"),
                    ("placing", "placing of suspense"),
                    ("placement", "placement of suspense by an operator"),
                    ("refund_started", "Refund Started"),
                    ("refund_done", "Refund Done"),
                    ("refund_failed", "Refund Failed"),
                    ("unknown_refund", "Unknown Refund"),
                    ("settlement", "Settlement"),
                ],
                db_default="",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="suspenseplacement",
            name="placed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="suspenseplacement",
            name="tenancy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="placements",
                to="core.tenancy",
            ),
        ),
        migrations.AddIndex(
            model_name="suspenseplacement",
            index=models.Index(fields=["source_kind", "source_subject"], name="placement_by_source"),
        ),
        migrations.AddConstraint(
            model_name="suspenseplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_paise", 0), _negated=True), name="placement_places_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspenseplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destination", "tenancy"), ("tenancy__isnull", False)),
                    models.Q(models.Q(("destination", "tenancy"), _negated=True), ("tenancy__isnull", True)),
                    _connector="OR",
                ),
                name="placement_names_its_tenancy",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspenseplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destination", "payer"), _negated=True),
                    models.Q(("amount_paise__gt", 0), models.Q(("reference", ""), _negated=True)),
                    _connector="OR",
                ),
                name="placement_back_has_a_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspenseplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(("destination__in", ["tenancy", "payer", "written_off"])),
                name="placement_destination_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspenseplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source_kind__in", ("suspense", "unknown_refund", "settlement")),
                    models.Q(("source_subject", ""), _negated=True),
                ),
                name="placement_has_a_source",
            ),
        ),
    ]
