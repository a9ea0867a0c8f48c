"""manage.py lint_migrations: what would keep a running system waiting is refused."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import Q
from django.db.models.functions import Now

from core.db import online_migrations
from core.management.migration_rules import complaints

NEWEST = ("core", "0005_balanced_entries")
POSITIVE = models.CheckConstraint(condition=Q(amount_paise__gt=0), name="positive")
INDEX = models.Index(fields=["amount_paise"], name="by_amount")
ONE = models.UniqueConstraint(fields=["utr"], condition=~Q(utr=""), name="one_utr")


def added(field: Any) -> Any:
    return migrations.AddField("refund", "note", field)


def altered(field: Any) -> Any:
    return migrations.AlterField("refund", "reason", field)


def lint(*operations: Any, atomic: bool = True, **more: Any) -> list[str]:
    members = {"operations": list(operations), "atomic": atomic, **more}
    migration = type("Migration", (migrations.Migration,), members)("0099_new", "core")
    return list(complaints(migration, MigrationLoader(None).project_state(NEWEST)))


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        (migrations.AddIndex("refund", INDEX), "built under a lock"),
        (migrations.AddConstraint("refund", POSITIVE), "reads every row under a lock"),
        (online_migrations.AddIndex("refund", INDEX), "atomic = False"),
        (online_migrations.AddCheck("refund", POSITIVE), "atomic = False"),
        (AddIndexConcurrently("refund", INDEX), "atomic = False"),
        (added(models.TextField()), "give it db_default"),
        (added(models.TextField(default="")), "give it db_default"),
        (added(models.DateTimeField(db_default=Now())), "use a constant"),
        (added(models.TextField(null=True, db_index=True)), "its index is built under a lock"),
        (added(models.TextField(null=True, unique=True)), "its index is built under a lock"),
        (added(models.ForeignKey("core.tenancy", models.PROTECT, null=True)), "its index is built under a lock"),
        (altered(models.CharField(max_length=10)), "it changes the column (max_length)"),
        (altered(models.TextField()), "it changes the column (max_length, type)"),
        (altered(models.CharField(max_length=500, null=True)), "it changes the column (null)"),
        (altered(models.CharField(max_length=500, db_index=True)), "it changes the column (db_index)"),
        (migrations.RemoveField("refund", "reason"), "still uses it"),
        (migrations.RenameField("refund", "reason", "why"), "still uses it"),
        (migrations.RenameModel("Refund", "Return"), "still uses it"),
        (migrations.DeleteModel("Alert"), "still uses it"),
        (migrations.AlterModelTable("refund", "refunds"), "still uses it"),
        (migrations.RunPython(lambda *_: None), "give it reverse_code"),
        (migrations.RunSQL("SELECT 1", "SELECT 1"), "raw SQL"),
        (migrations.SeparateDatabaseAndState(), "look at it by hand"),
        (migrations.AlterOrderWithRespectTo("refund", "transaction"), "no rule for it"),
    ],
)
def test_what_is_unsafe_is_named(operation: Any, named: str) -> None:
    [complaint] = lint(operation)

    assert complaint.startswith(f"core.0099_new: {type(operation).__name__}")
    assert named in complaint


def test_what_keeps_nobody_waiting_passes() -> None:
    table = migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("utr", models.TextField())])

    assert not lint(
        table,
        migrations.AddIndex("note", models.Index(fields=["utr"], name="note_utr")),
        added(models.TextField(db_default="")),
        migrations.AddField("refund", "seen_at", models.DateTimeField(null=True)),
        altered(models.CharField(max_length=500, help_text="Why it goes back.")),
        migrations.RemoveConstraint("refund", "refund_has_an_id"),
        migrations.RunPython(lambda *_: None, migrations.RunPython.noop),
    )
    assert not lint(
        online_migrations.AddIndex("refund", INDEX),
        online_migrations.AddCheck("refund", POSITIVE),
        online_migrations.AddUnique("paymenttransaction", ONE),
        atomic=False,
    )


def test_a_reason_in_the_migration_lets_an_operation_pass() -> None:
    assert not lint(
        migrations.RemoveField("refund", "reason"), reviewed={"RemoveField": "unused since the last release"}
    )


def test_only_what_is_an_index_alone_is_built_online() -> None:
    with pytest.raises(TypeError, match="with a condition"):
        online_migrations.AddUnique("refund", models.UniqueConstraint(fields=["reason"], name="one_reason"))


def test_the_projects_own_migrations_pass() -> None:
    said = StringIO()

    call_command("lint_migrations", stdout=said)

    assert "keep nobody waiting" in said.getvalue()
