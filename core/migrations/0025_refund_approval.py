"""Let a refund wait for a second person's approval."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = ("AWAITING_APPROVAL", "PENDING", "CONFIRMED", "COMPLETED", "FAILED")


class Migration(migrations.Migration):
    dependencies = [("core", "0024_attempts_calls_actions")]
    reviewed = {
        "AlterField": "a longer text changes the catalogue alone; what hangs on the column is one index of the refunds "
        "that have not ended, because the constraints are taken off before and put on online by the next migration"
    }

    operations = [
        migrations.AlterModelOptions(
            name="refund",
            options={
                "permissions": [
                    ("approve_refund", "Can approve or refuse a refund that another person asked for"),
                    ("close_refund", "Can close a refund on which PhonePe gives no final word"),
                ]
            },
        ),
        migrations.RemoveConstraint(model_name="refund", name="refund_finished_if_final"),
        migrations.RemoveConstraint(model_name="refund", name="refund_answered_only_if_sent"),
        migrations.RemoveConstraint(model_name="refund", name="refund_state_known"),
        migrations.AlterField(
            model_name="refund",
            name="state",
            field=models.CharField(
                choices=[(state, state.replace("_", " ").title()) for state in STATES], default="PENDING", max_length=32
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                help_text="The second person who let it go to PhonePe; empty: it needed none, or waits for one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
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
                    ("refund_approval", "a refund waits for a second person's approval"),
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
            model_name="statechange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("initiate", "Initiate"),
                    ("webhook", "Webhook"),
                    ("refund", "Refund"),
                    ("return", "Return"),
                    ("callback", "Callback"),
                    ("verify", "Verify"),
                    ("clock", "Clock"),
                    ("command", "Command"),
                    ("operator", "a person decided about it"),
                    ("replaced", "another order took its place"),
                    ("rejected_by_phonepe", "Rejected"),
                    ("never_reached_phonepe", "Never Reached"),
                ],
                max_length=32,
            ),
        ),
    ]
