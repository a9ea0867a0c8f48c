"""Let an entry of the books be the reversal of a charge."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect
from core.db.online_migrations import AddCheck

KINDS = {
    "charge": "Charge",
    "reversal": "reversal of a charge",
    "capture": "Capture",
    "suspense": "Suspense",
    "placing": "placing of suspense",
    "refund_started": "Refund Started",
    "refund_done": "Refund Done",
    "refund_failed": "Refund Failed",
    "unknown_refund": "Unknown Refund",
    "settlement": "Settlement",
}


def keep_append_only(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes a table anew for a constraint, and loses its triggers."""
    protect(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0019_one_standing_charge")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_append_only),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(choices=list(KINDS.items()), db_default="", max_length=32),
        ),
        migrations.RemoveConstraint(model_name="journalentry", name="entry_kind_known"),
        AddCheck("journalentry", models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="entry_kind_known")),
        migrations.RunPython(keep_append_only, migrations.RunPython.noop),
    ]
