"""Find deliveries that name an order or a refund of ours without passing any other."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0027_webhook_names_ours")]

    operations = [
        AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(processed_at__isnull=True, names_ours=True),
                fields=["next_try_at", "received_at"],
                name="webhook_unread_ours",
            ),
        ),
    ]
