"""Make the groups of operators: support looks and asks, finance moves money too, administrators do all the rest.

A fresh database has no permissions yet: Django makes them after the last migration. So they are made here, as far as
the models are known; Django finds them later and adds what is new.
"""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NOT_FOR_PEOPLE = ("view_idempotencykey",)
SUPPORT = ("ask_phonepe", "replay_webhook", "view_statement")
FINANCE = (
    *SUPPORT,
    "approve_refund",
    "close_refund",
    "give_up_order",
    "import_settlement",
    "place_suspense",
    "refund_ownersubscriptionpayment",
    "refund_payment",
    "resolve_alert",
    "resolve_mismatch",
)
NAMES = ("support", "finance", "administrator")


def make_permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    database = schema_editor.connection.alias
    for label in ("core", "auth"):
        models: Any = apps.get_app_config(label)
        models.models_module = True  # that of a migration has none, and would be left out
        create_permissions(models, verbosity=0, using=database, apps=apps)
        models.models_module = None


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    make_permissions(apps, schema_editor)
    database = schema_editor.connection.alias
    groups: Any = apps.get_model("auth", "Group")._default_manager.using(database)
    permissions: Any = apps.get_model("auth", "Permission")._default_manager.using(database)
    ours = permissions.filter(content_type__app_label="core")
    seen = ours.filter(codename__startswith="view_").exclude(codename__in=NOT_FOR_PEOPLE)
    given = {
        "support": [*seen, *ours.filter(codename__in=SUPPORT)],
        "finance": [*seen, *ours.filter(codename__in=FINANCE)],
        "administrator": [*ours, *permissions.filter(codename="view_group")],
    }
    for name, theirs in given.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*theirs)


def remove_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    groups: Any = apps.get_model("auth", "Group")._default_manager.using(schema_editor.connection.alias)
    groups.filter(name__in=NAMES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0030_entry_kind_placement"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
