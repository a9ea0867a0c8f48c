"""Keep of which parts of a settlement something was placed; of earlier ones nobody knows."""

from django.db import migrations, models

from core.db.online_migrations import AddCheck

MODEL = "suspenseplacement"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0055_books_proof")]

    operations = [
        migrations.AddField(
            model_name=MODEL,
            name="side",
            field=models.CharField(
                blank=True,
                choices=[("held", "Held"), ("missing", "Missing")],
                db_default="",
                default="",
                help_text="Of which parts of a settlement; empty: of what is left when they are one.",
                max_length=8,
            ),
        ),
        AddCheck(
            model_name=MODEL,
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["", "held", "missing"])), name="placement_side_known"
            ),
        ),
    ]
