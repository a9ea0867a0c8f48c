"""Let PostgreSQL refuse to commit a journal entry that does not sum to zero."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.balanced import allow_imbalance, require_balance


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    require_balance(schema_editor.connection)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    allow_imbalance(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("core", "0004_constraints")]

    operations = [migrations.RunPython(forwards, backwards)]
