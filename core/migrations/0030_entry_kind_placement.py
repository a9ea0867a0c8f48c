"""Let an entry of the books be the placement of money in suspense."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect
from core.db.online_migrations import AddCheck

KINDS = [
    "charge",
    "reversal",
    "capture",
    "suspense",
    "placing",
    "placement",
    "refund_started",
    "refund_done",
    "refund_failed",
    "unknown_refund",
    "settlement",
]


def keep_append_only(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes a table anew for a constraint, and loses its triggers."""
    protect(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0029_operator_actions")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_append_only),
        migrations.RemoveConstraint(model_name="journalentry", name="entry_kind_known"),
        AddCheck("journalentry", models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="entry_kind_known")),
        migrations.RunPython(keep_append_only, migrations.RunPython.noop),
    ]
