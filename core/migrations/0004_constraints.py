"""Invariants that the code has always kept, kept by the database too."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect
from core.db.online_migrations import AddCheck


def protect_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite made the books and the history anew, without their triggers."""
    protect(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0003_settlements")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, protect_again),
        AddCheck(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status_code__isnull", True),
                    ("status_code__range", (200, 299)),
                    ("status_code__in", (400, 422)),
                    _connector="OR",
                ),
                name="kept_answer_stays_true",
            ),
        ),
        AddCheck(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="entry_has_a_source"
            ),
        ),
        AddCheck(
            model_name="ownersubscriptionpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["pending", "completed", "failed", "cancelled", "partially_refunded", "refunded"])
                ),
                name="subscription_payment_status_known",
            ),
        ),
        AddCheck(
            model_name="ownersubscriptionpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__in", ["monthly", "yearly"])), name="subscription_payment_period_known"
            ),
        ),
        AddCheck(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["pending", "completed", "failed", "cancelled", "partially_refunded", "refunded"])
                ),
                name="payment_status_known",
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("captured_paise__gt", 0), ("paid_at__isnull", False), ("state", "COMPLETED")),
                    models.Q(models.Q(("state", "COMPLETED"), _negated=True), ("paid_at__isnull", True)),
                    _connector="OR",
                ),
                name="completed_is_paid",
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "COMPLETED"), _negated=True),
                    ("reconciliation_status__in", ("settled", "surplus")),
                    _connector="OR",
                ),
                name="completed_is_settled",
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("surplus_paise__gte", 0), ("surplus_paise__lte", models.F("captured_paise"))),
                name="surplus_within_captured",
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("expire_at__gt", models.F("initiated_at"))), name="order_lives_for_some_time"
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("merchant_order_id", ""), _negated=True), name="order_has_an_id"
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PENDING", "COMPLETED", "FAILED"])), name="order_state_known"
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["redirect", "mobile_sdk"])), name="order_channel_known"
            ),
        ),
        AddCheck(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("reconciliation_status__in", ["open", "settled", "surplus", "mismatch", "silent"])),
                name="order_reconciliation_known",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("finished_at__isnull", True),
                        ("reconciliation_status__in", ("open", "silent")),
                        ("state__in", ("PENDING", "CONFIRMED")),
                    ),
                    models.Q(
                        ("finished_at__isnull", False),
                        ("reconciliation_status", "settled"),
                        ("state__in", ("COMPLETED", "FAILED")),
                    ),
                    _connector="OR",
                ),
                name="refund_finished_if_final",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "PENDING"), ("sent_at__isnull", False), _connector="OR"),
                name="refund_answered_only_if_sent",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("retry_of__isnull", True), ("kind", "surplus"), _connector="OR"),
                name="only_surplus_is_retried",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("merchant_refund_id", ""), _negated=True), name="refund_has_an_id"
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PENDING", "CONFIRMED", "COMPLETED", "FAILED"])),
                name="refund_state_known",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["requested", "surplus", "mismatch"])), name="refund_kind_known"
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("reconciliation_status__in", ["open", "settled", "surplus", "mismatch", "silent"])),
                name="refund_reconciliation_known",
            ),
        ),
        AddCheck(
            model_name="rentcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("month"))), name="charge_due_in_its_month_or_later"
            ),
        ),
        AddCheck(
            model_name="settlement",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["INITIATED", "PROCESSED", "ATTEMPT_FAILED"])),
                name="settlement_state_known",
            ),
        ),
        AddCheck(
            model_name="settlementline",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["matched", "different", "unknown", "repeated", "chargeback"])),
                name="settlement_line_outcome_known",
            ),
        ),
        AddCheck(
            model_name="statechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("old", models.F("new")), _negated=True), name="change_changes_something"
            ),
        ),
        AddCheck(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("deliveries__gte", 1)), name="delivered_at_least_once"
            ),
        ),
        AddCheck(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("processed_at__isnull", True), models.Q(("outcome", "waiting"), _negated=True), _connector="OR"
                ),
                name="processed_has_an_outcome",
            ),
        ),
        migrations.RunPython(protect_again, migrations.RunPython.noop),
    ]
