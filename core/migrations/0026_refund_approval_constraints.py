"""Keep one refund of an order that has not ended, and PhonePe out of one that waits for approval."""

from django.db import migrations, models
from django.db.models import F, Q

from core.db.online_migrations import AddCheck, AddUnique


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0025_refund_approval")]

    operations = [
        AddUnique(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=["transaction"],
                condition=Q(state__in=("AWAITING_APPROVAL", "PENDING", "CONFIRMED")),
                name="one_unended_refund_per_order",
            ),
        ),
        migrations.RemoveConstraint(model_name="refund", name="one_refund_in_flight_per_order"),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=Q(
                    state__in=("PENDING", "CONFIRMED"),
                    finished_at__isnull=True,
                    reconciliation_status__in=("open", "silent"),
                )
                | Q(state__in=("COMPLETED", "FAILED"), finished_at__isnull=False, reconciliation_status="settled")
                | Q(
                    state="AWAITING_APPROVAL",
                    finished_at__isnull=True,
                    sent_at__isnull=True,
                    next_check_at__isnull=True,
                    reconciliation_status="settled",
                ),
                name="refund_finished_if_final",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=Q(state__in=("AWAITING_APPROVAL", "PENDING"))
                | Q(sent_at__isnull=False)
                | Q(state="FAILED", error_code="NOT_APPROVED"),
                name="refund_answered_only_if_sent",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
                name="refund_approved_by_another",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["AWAITING_APPROVAL", "PENDING", "CONFIRMED", "COMPLETED", "FAILED"]),
                name="refund_state_known",
            ),
        ),
    ]
