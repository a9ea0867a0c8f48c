"""Let finance and administrators cancel an owner's AutoPay; the database's tables stay as they are."""

from importlib import import_module
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

groups = import_module("core.migrations.0031_operator_groups")
CODENAME = "cancel_mandate"
ALLOWED = ("finance", "administrator")


def allow(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    groups.make_permissions(apps, schema_editor)
    permission = _permissions(apps, schema_editor).get(codename=CODENAME)
    manager: Any = apps.get_model("auth", "Group")._default_manager.using(schema_editor.connection.alias)
    for group in manager.filter(name__in=ALLOWED):
        group.permissions.add(permission)


def forget(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _permissions(apps, schema_editor).filter(codename=CODENAME).delete()


def _permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> Any:
    manager: Any = apps.get_model("auth", "Permission")._default_manager.using(schema_editor.connection.alias)
    return manager.filter(content_type__app_label="core")


class Migration(migrations.Migration):
    dependencies = [("core", "0052_debit_withheld")]

    operations = [
        migrations.AlterModelOptions(
            name="mandate",
            options={
                "permissions": [("cancel_mandate", "Can cancel an owner's AutoPay at PhonePe")],
                "verbose_name": "AutoPay mandate",
            },
        ),
        migrations.RunPython(allow, forget),
    ]
