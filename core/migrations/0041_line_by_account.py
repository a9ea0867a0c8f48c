"""Find the newest lines of an account, in the place of the index that finds all of them in no order."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex, RemoveFieldIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0040_ledger_totals")]

    operations = [
        AddIndex(
            model_name="ledgerline",
            index=models.Index(fields=["account", "-id"], name="line_by_account"),
        ),
        RemoveFieldIndex("ledgerline", "account"),
    ]
