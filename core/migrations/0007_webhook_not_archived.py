"""Find what is to be archived without reading all that was."""

from django.db import migrations, models
from django.db.models import Q

from core.db.online_migrations import AddCheck, AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0006_webhook_archive")]

    operations = [
        AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=Q(archived_at__isnull=True, processed_at__isnull=False),
                fields=["processed_at"],
                name="webhook_not_archived",
            ),
        ),
        AddCheck(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=Q(archived_at__isnull=True) | Q(~Q(archive=""), processed_at__isnull=False),
                name="archived_is_in_a_file",
            ),
        ),
    ]
