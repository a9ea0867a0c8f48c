"""Give every journal entry its kind and its subject as columns, beside the source that has both in one text."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect
from core.db.entry_kinds import derive, derive_no_more
from core.db.online_migrations import AddCheck, AddIndex, RemovePatternIndex

KINDS = {
    "charge": "Charge",
    "capture": "Capture",
    "suspense": "Suspense",
    "placing": "placing of suspense",
    "refund_started": "Refund Started",
    "refund_done": "Refund Done",
    "refund_failed": "Refund Failed",
    "unknown_refund": "Unknown Refund",
    "settlement": "Settlement",
}


def fill(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    derive(schema_editor.connection)


def stop_filling(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    derive_no_more(schema_editor.connection)


def keep_append_only(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes a table anew for a constraint, and loses its triggers."""
    protect(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0011_permissions_of_staff")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_append_only),
        migrations.AddField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(choices=list(KINDS.items()), db_default="", max_length=32),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="subject",
            field=models.CharField(
                db_default="",
                help_text="The order, refund, charge or settlement it is about, by its id.",
                max_length=100,
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="source",
            field=models.CharField(help_text="Kind and subject in one, unique.", max_length=100, unique=True),
        ),
        # A help text alone; nothing changes in the database.
        migrations.AlterField(
            model_name="settlementline",
            name="occurrence",
            field=models.PositiveIntegerField(default=1, help_text="Counts lines that are alike in one settlement."),
        ),
        migrations.RunPython(fill, stop_filling),
        AddCheck("journalentry", models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="entry_kind_known")),
        AddIndex("journalentry", models.Index(fields=["kind", "subject"], name="entry_by_kind")),
        RemovePatternIndex("journalentry", "source"),  # what begins with a kind is found by kind now
        migrations.RunPython(keep_append_only, migrations.RunPython.noop),
    ]
