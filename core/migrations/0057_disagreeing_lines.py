"""Find the few lines of settlements that did not agree, without reading all."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0056_side_of_a_placement")]

    operations = [
        AddIndex(
            model_name="settlementline",
            index=models.Index(
                condition=models.Q(("outcome__in", ("different", "unknown"))),
                fields=["settlement"],
                name="settlement_line_disagreeing",
            ),
        ),
    ]
