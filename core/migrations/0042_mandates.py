"""Keep UPI AutoPay mandates and the debits under them, and tell how an order is paid."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

RECONCILIATIONS = [
    ("open", "open: PhonePe has not given its final word"),
    ("settled", "settled: both books say the same"),
    ("surplus", "surplus: more came than was due"),
    ("mismatch", "mismatch: another amount came, an operator decides"),
    ("silent", "silent: overdue, still no final word"),
]
FLOWS = [
    ("checkout", "on a pay page"),
    ("mandate_setup", "by approving a mandate"),
    ("redemption", "by a debit under a mandate"),
]
STATES = [
    ("ACTIVATION_IN_PROGRESS", "Activation In Progress"),
    ("ACTIVE", "Active"),
    ("PAUSE_IN_PROGRESS", "Pause In Progress"),
    ("PAUSED", "Paused"),
    ("UNPAUSE_IN_PROGRESS", "Unpause In Progress"),
    ("REVOKE_IN_PROGRESS", "Revoke In Progress"),
    ("REVOKED", "Revoked"),
    ("CANCEL_IN_PROGRESS", "Cancel In Progress"),
    ("CANCELLED", "Cancelled"),
    ("EXPIRED", "Expired"),
    ("FAILED", "Failed"),
]
WORKFLOWS = [("TRANSACTION", "the first period"), ("PENNY_DROP", "two rupees, which go back")]
STRATEGIES = [("STANDARD", "PhonePe"), ("CUSTOM", "Zelton")]
PROTECT = django.db.models.deletion.PROTECT


def key() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def moment(**options: str) -> models.DateTimeField:
    return models.DateTimeField(blank=True, null=True, **options)


def known(field: str, words: list[tuple[str, str]], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q((f"{field}__in", [word for word, _ in words])), name=name)


class Migration(migrations.Migration):
    dependencies = [("core", "0041_line_by_account")]

    operations = [
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", key()),
                (
                    "initiated_at",
                    models.DateTimeField(help_text="When PhonePe was asked to do it; the schedule counts from here."),
                ),
                (
                    "reconciliation_status",
                    models.CharField(choices=RECONCILIATIONS, default="open", max_length=16),
                ),
                ("next_check_at", moment(help_text="When PhonePe is asked next; empty: never.")),
                ("asked_at", moment()),
                ("last_checked_at", moment(help_text="When PhonePe last answered.")),
                ("check_count", models.PositiveIntegerField(default=0)),
                (
                    "unanswered_count",
                    models.PositiveIntegerField(default=0, help_text="Checks without an answer since the last one."),
                ),
                ("merchant_subscription_id", models.CharField(editable=False, max_length=63, unique=True)),
                (
                    "phonepe_subscription_id",
                    models.CharField(blank=True, help_text="PhonePe's name for it.", max_length=64),
                ),
                ("state", models.CharField(choices=STATES, default="ACTIVATION_IN_PROGRESS", max_length=32)),
                ("period", models.CharField(choices=[("monthly", "Monthly"), ("yearly", "Yearly")], max_length=10)),
                ("workflow", models.CharField(choices=WORKFLOWS, max_length=16)),
                ("max_amount_paise", models.BigIntegerField(help_text="The most that one debit may be.")),
                ("device_os", models.CharField(max_length=16)),
                (
                    "target_app",
                    models.CharField(blank=True, help_text="The UPI app that is opened.", max_length=64),
                ),
                (
                    "upi_id",
                    models.CharField(
                        blank=True, help_text="The UPI id that is asked, in place of an app.", max_length=255
                    ),
                ),
                (
                    "umn_masked",
                    models.CharField(
                        blank=True, help_text="Its name at the banks, most of it hidden.", max_length=64
                    ),
                ),
                ("is_in_use", models.BooleanField(default=False)),
                ("cancel_at", moment()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "plan",
                    models.ForeignKey(db_index=False, on_delete=PROTECT, related_name="+", to="core.pricingplan"),
                ),
                (
                    "subscription",
                    models.ForeignKey(on_delete=PROTECT, related_name="mandates", to="core.ownersubscription"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(("next_check_at__isnull", False)), fields=["next_check_at"], name="mandate_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("is_in_use", True)),
                        fields=("subscription",),
                        name="one_mandate_in_use_per_subscription",
                    ),
                    models.CheckConstraint(
                        condition=Q(("max_amount_paise__gte", 100)), name="mandate_at_least_one_rupee"
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("is_in_use", True),
                            (
                                "state__in",
                                ("ACTIVATION_IN_PROGRESS", "REVOKED", "CANCELLED", "EXPIRED", "FAILED"),
                            ),
                            _negated=True,
                        ),
                        name="mandate_in_use_lives",
                    ),
                    models.CheckConstraint(
                        condition=Q(("is_in_use", False), ("cancel_at__isnull", True), _connector="OR"),
                        name="mandate_in_use_is_kept",
                    ),
                    known("state", STATES, "mandate_state_known"),
                    known("workflow", WORKFLOWS, "mandate_workflow_known"),
                    known("period", [("monthly", ""), ("yearly", "")], "mandate_period_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MandateDebit",
            fields=[
                ("id", key()),
                ("strategy", models.CharField(choices=STRATEGIES, max_length=16)),
                ("valid_after", moment(help_text="Empty until PhonePe has told the payer.")),
                ("executed_at", moment(help_text="When PhonePe was first asked to execute it.")),
                (
                    "tries",
                    models.PositiveIntegerField(default=0, help_text="How often PhonePe was asked to execute it."),
                ),
                ("last_tried_at", moment()),
                (
                    "mandate",
                    models.ForeignKey(on_delete=PROTECT, related_name="debits", to="core.mandate"),
                ),
                (
                    "payment",
                    models.OneToOneField(on_delete=PROTECT, related_name="debit", to="core.ownersubscriptionpayment"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("executed_at__isnull", True),
                            Q(("executed_at__gte", F("valid_after")), ("valid_after__isnull", False)),
                            _connector="OR",
                        ),
                        name="debit_a_day_after_its_notice",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("executed_at__isnull", True), ("tries", 0)),
                            Q(("executed_at__isnull", False), ("tries__gte", 1)),
                            _connector="OR",
                        ),
                        name="debit_tried_if_executed",
                    ),
                    known("strategy", STRATEGIES, "debit_strategy_known"),
                ],
            },
        ),
        migrations.AddField(
            model_name="ownersubscriptionpayment",
            name="mandate",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The mandate that it sets up, or under which it is debited.",
                null=True,
                on_delete=PROTECT,
                related_name="payments",
                to="core.mandate",
            ),
        ),
        migrations.AddField(
            model_name="ownersubscriptionpayment",
            name="renews_from",
            field=moment(help_text="Of a debit: the end of the paid time that it continues."),
        ),
        migrations.AddField(
            model_name="paymenttransaction",
            name="flow",
            field=models.CharField(choices=FLOWS, db_default="checkout", default="checkout", max_length=16),
        ),
    ]
