"""Find the entries of a day without reading all of them."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0033_fill_attempts")]

    operations = [
        AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["at"], name="entry_by_time"),
        ),
    ]
