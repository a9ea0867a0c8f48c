"""Remember refunds that were not requested here, of which a webhook or a settlement has told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0021_log_in_names")]

    operations = [
        migrations.CreateModel(
            name="ReportedRefund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "initiated_at",
                    models.DateTimeField(help_text="When PhonePe was asked to do it; the schedule counts from here."),
                ),
                (
                    "reconciliation_status",
                    models.CharField(
                        choices=[
                            ("open", "open: PhonePe has not given its final word"),
                            ("settled", "settled: both books say the same"),
                            ("surplus", "surplus: more came than was due"),
                            ("mismatch", "mismatch: another amount came, an operator decides"),
                            ("silent", "silent: overdue, still no final word"),
                        ],
                        default="open",
                        max_length=16,
                    ),
                ),
                (
                    "next_check_at",
                    models.DateTimeField(blank=True, help_text="When PhonePe is asked next; empty: never.", null=True),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_checked_at",
                    models.DateTimeField(blank=True, help_text="When PhonePe last answered.", null=True),
                ),
                ("check_count", models.PositiveIntegerField(default=0)),
                (
                    "unanswered_count",
                    models.PositiveIntegerField(default=0, help_text="Checks without an answer since the last one."),
                ),
                ("merchant_refund_id", models.CharField(editable=False, max_length=63, unique=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for PhonePe's answer, or for its final word"),
                            ("booked", "booked on its payment, as a refund of its own"),
                            ("in_suspense", "in suspense: it fits no payment of ours"),
                            ("failed", "failed: no money moved"),
                            ("unknown", "unknown to PhonePe: nothing was posted"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("reported_by", models.CharField(help_text="What told of it first.", max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="reportedrefund",
            index=models.Index(
                condition=models.Q(("next_check_at__isnull", False)),
                fields=["next_check_at"],
                name="reported_refund_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportedrefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("merchant_refund_id", ""), _negated=True), name="reported_refund_has_an_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportedrefund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "waiting"), ("reconciliation_status__in", ("open", "silent"))),
                    models.Q(models.Q(("outcome", "waiting"), _negated=True), ("reconciliation_status", "settled")),
                    _connector="OR",
                ),
                name="reported_refund_closed_if_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportedrefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["waiting", "booked", "in_suspense", "failed", "unknown"])),
                name="reported_refund_outcome_known",
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
                    ("dashboard_refund", "a refund was made at PhonePe, not here"),
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
            model_name="refund",
            name="kind",
            field=models.CharField(
                choices=[
                    ("requested", "requested by an owner or an operator"),
                    ("surplus", "more came than was due"),
                    ("mismatch", "another amount came than was asked for"),
                    ("dashboard", "made at PhonePe, on its dashboard, and not here"),
                ],
                max_length=16,
            ),
        ),
        migrations.RemoveConstraint(model_name="refund", name="refund_kind_known"),
    ]
