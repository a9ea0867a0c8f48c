"""Find what was paid to an owner, whoever owns the property now."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0015_payment_owner_and_receipt")]

    operations = [
        AddIndex(model_name="payment", index=models.Index(fields=["owner", "-created_at"], name="payment_by_owner")),
    ]
