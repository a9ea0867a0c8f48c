"""What a migration must not do to a table that is big and in use: keep others waiting, or break the code still running.

Tables that the same migration makes are empty and nobody's yet, so anything may be done to them. Where a rule has
been thought through and does not apply, the migration says so: `reviewed = {"RemoveField": "why it is safe"}`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Value
from django.db.models.expressions import Combinable

from core.db.online_migrations import Online

# What a column is made of, apart from what Python alone knows.
PYTHON_ONLY = {"blank", "choices", "default", "editable", "error_messages", "help_text", "related_name",
               "related_query_name", "validators", "verbose_name", "limit_choices_to", "on_delete"}  # fmt: skip
HARMLESS = (
    ops.CreateModel,
    ops.AlterModelOptions,
    ops.AlterModelManagers,
    ops.RemoveIndex,  # a lock of a moment, within lock_timeout
    ops.RemoveConstraint,
    ops.RenameIndex,
)
STILL_READ = "the code that runs during the deployment still uses it: stop using it first, and release that"


def complaints(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Yield a sentence for everything in a migration that is unsafe.

    :param state: the models before it; changed to what they are after it
    """
    reviewed = getattr(migration, "reviewed", {})
    made: set[str] = set()
    for operation in migration.operations:
        kind = type(operation).__name__
        if isinstance(operation, ops.CreateModel):
            made.add(operation.name_lower)
        for problem in _problems(operation, migration, state, made):
            if kind not in reviewed:
                yield f"{migration.app_label}.{migration.name}: {kind}{_subject(operation)}: {problem}."
        operation.state_forwards(migration.app_label, state)


def _problems(operation: Operation, migration: Migration, state: ProjectState, made: set[str]) -> Iterator[str]:
    if isinstance(operation, ops.SeparateDatabaseAndState):
        yield "look at it by hand, and say why in `reviewed`"
    elif isinstance(operation, Online | AddIndexConcurrently | RemoveIndexConcurrently):
        if migration.atomic:
            yield "it keeps its lock to the end of the transaction: set `atomic = False` on the migration"
    elif getattr(operation, "model_name_lower", None) in made or isinstance(operation, HARMLESS):
        return
    elif rule := RULES.get(type(operation)):
        yield from rule(operation, migration.app_label, state)
    else:
        yield "there is no rule for it: write one, or say why it is safe in `reviewed`"


def _add_field(operation: ops.AddField, _app: str, _state: ProjectState) -> Iterator[str]:
    field: Any = operation.field
    if field.many_to_many:
        return
    if not field.null and not field.has_db_default():
        yield "rows written by the code that still runs lack it: give it db_default, or null=True"
    if isinstance(field.db_default, Combinable) and not isinstance(field.db_default, Value):
        yield "a default that is computed writes every row anew: use a constant"
    if field.unique or field.db_index:
        yield "its index is built under a lock: add it without, then use online_migrations.AddIndex or AddUnique"


def _alter_field(operation: ops.AlterField, app: str, state: ProjectState) -> Iterator[str]:
    before = state.models[app, operation.model_name_lower].fields[operation.name]
    changed = _column(before).items() ^ _column(operation.field).items()
    if changed:
        names = ", ".join(sorted({name for name, _ in changed}))
        yield f"it changes the column ({names}): that may write or read every row under a lock"


def _column(field: Any) -> dict[str, str]:
    _, path, arguments, options = field.deconstruct()
    kept = {name: repr(value) for name, value in options.items() if name not in PYTHON_ONLY}
    return {**kept, "type": path, "arguments": repr(arguments)}


def _run_python(operation: ops.RunPython, _app: str, _state: ProjectState) -> Iterator[str]:
    if operation.reverse_code is None:
        yield "it cannot be taken back: give it reverse_code, RunPython.noop if nothing is to be done"


def _always(problem: str) -> Callable[..., Iterator[str]]:
    return lambda *_: iter([problem])


RULES: dict[type[Operation], Callable[..., Iterator[str]]] = {
    ops.AddField: _add_field,
    ops.AlterField: _alter_field,
    ops.RunPython: _run_python,
    ops.RunSQL: _always("raw SQL cannot be looked through: use an operation, or RunPython with a reverse"),
    ops.AddIndex: _always("it is built under a lock: use online_migrations.AddIndex"),
    ops.AddConstraint: _always("it reads every row under a lock: use online_migrations.AddCheck or AddUnique"),
    ops.AlterUniqueTogether: _always("it is built under a lock: use online_migrations.AddUnique"),
    ops.RemoveField: _always(STILL_READ),
    ops.RenameField: _always(STILL_READ),
    ops.RenameModel: _always(STILL_READ),
    ops.DeleteModel: _always(STILL_READ),
    ops.AlterModelTable: _always(STILL_READ),
}


def _subject(operation: Operation) -> str:
    words = (getattr(operation, name, "") for name in ("model_name", "name"))
    return "".join(f" {word}" for word in words if isinstance(word, str) and word)
