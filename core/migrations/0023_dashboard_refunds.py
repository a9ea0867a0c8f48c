"""Let a refund be of a new kind: made at PhonePe, and not here."""

from django.db import migrations, models

from core.db.online_migrations import AddCheck


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0022_reported_refunds")]

    operations = [
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "dashboard"), _negated=True),
                    models.Q(("sent_at__isnull", False), models.Q(("refund_id", ""), _negated=True)),
                    _connector="OR",
                ),
                name="dashboard_refund_is_phonepes",
            ),
        ),
        AddCheck(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["requested", "surplus", "mismatch", "dashboard"])),
                name="refund_kind_known",
            ),
        ),
    ]
