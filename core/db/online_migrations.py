"""Operations that change big tables while others read and write them. `lint_migrations` refuses the usual ones.

They belong into migrations with `atomic = False`: every statement commits by itself, so that no lock is kept while
a table is read through. A migration that was stopped half-way can be run again. What waits for a short lock gives up
after the connection's `lock_timeout`, because everybody else would queue up behind it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import operations
from django.db.migrations.state import ProjectState


class Online(NotInTransactionMixin, operations.base.Operation):
    """An operation that has its own way on PostgreSQL. SQLite has one writer, who keeps nobody waiting for long."""

    atomic = False
    model_name: str

    @property
    def made(self) -> str:
        """Return the name of the constraint or index that it makes, and that a stopped run may have left behind."""
        raise NotImplementedError

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor == "postgresql":
            self.add_online(model, schema_editor)
            return
        with transaction.atomic(schema_editor.connection.alias):
            schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(self.made)}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        with transaction.atomic(schema_editor.connection.alias):
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def add_online(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        raise NotImplementedError


class AddCheck(Online, operations.AddConstraint):
    """Let new rows obey at once, under a lock of a moment; then read the old ones, without a lock that matters."""

    @property
    def made(self) -> str:
        return self.constraint.name

    def add_online(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        table, name = (schema_editor.quote_name(word) for word in (model._meta.db_table, self.constraint.name))
        add = str(self.constraint.create_sql(model, schema_editor)).removeprefix(f"ALTER TABLE {table} ")
        # Dropped first, in the same statement, for the case that an earlier run was stopped here.
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, {add} NOT VALID", params=None)
        with no_time_limit(schema_editor):
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


class AddUnique(Online, operations.AddConstraint):
    """Build a unique constraint that has a condition, and so is an index alone, while others write."""

    constraint: models.UniqueConstraint

    def __init__(self, model_name: str, constraint: models.UniqueConstraint) -> None:
        if constraint.condition is None:
            raise TypeError("Only a unique constraint with a condition is an index alone, which can be built online.")
        super().__init__(model_name, constraint)

    @property
    def made(self) -> str:
        return self.constraint.name

    def add_online(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        create = str(self.constraint.create_sql(model, schema_editor))
        _build(
            schema_editor,
            self.constraint.name,
            create.replace("CREATE UNIQUE INDEX", "CREATE UNIQUE INDEX CONCURRENTLY", 1),
        )


class AddIndex(Online, operations.AddIndex):
    """Build an index while others write."""

    @property
    def made(self) -> str:
        return self.index.name

    def add_online(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        create = self.index.create_sql(model, schema_editor, concurrently=True)
        _build(schema_editor, self.index.name, str(create))


class RemovePatternIndex(Online):
    """Remove the second index that Django gives a text column on PostgreSQL: for `LIKE 'this%'`, which nobody asks.

    It costs each write as much as an index that is used. The column's own index stays, and Django's state of the
    model, which knows nothing of the second, is the same.
    """

    def __init__(self, model_name: str, field: str) -> None:
        self.model_name, self.field = model_name, field

    def describe(self) -> str:
        return f"Remove the index for patterns from {self.field} of {self.model_name}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The state knows nothing of it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        for name, _ in self._index(app_label, schema_editor, to_state):
            with no_time_limit(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: ProjectState, to_state: ProjectState
    ) -> None:
        for name, create in self._index(app_label, schema_editor, to_state):
            with no_time_limit(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                schema_editor.execute(create.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1), params=None)

    def _index(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> Iterator[tuple[str, str]]:
        """Yield its quoted name and the statement that makes it, where there is one at all."""
        model: Any = state.apps.get_model(app_label, self.model_name)
        editor: Any = schema_editor
        if editor.connection.vendor != "postgresql" or not self.allow_migrate_model(editor.connection.alias, model):
            return
        create = editor._create_like_index_sql(model, model._meta.get_field(self.field))  # noqa: SLF001
        if create is not None:
            yield str(create.parts["name"]), str(create)


class RemoveFieldIndex(Online):
    """Remove the index that a column has of its own (`db_index`), where another one begins with the column."""

    def __init__(self, model_name: str, field: str) -> None:
        self.model_name, self.field = model_name, field

    def describe(self) -> str:
        return f"Remove the index of {self.field} of {self.model_name}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        field = state.models[app_label, self.model_name].fields[self.field].clone()
        field.db_index = False
        state.alter_field(app_label, self.model_name, self.field, field, preserve_default=True)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        if not self.allow_migrate_model(connection.alias, model):
            return
        online = "CONCURRENTLY" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table)
        for name, index in found.items():
            if (
                index["index"]
                and not index["unique"]
                and index["columns"] == [model._meta.get_field(self.field).column]
            ):
                with no_time_limit(schema_editor):
                    schema_editor.execute(f"DROP INDEX {online} IF EXISTS {schema_editor.quote_name(name)}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: ProjectState, to_state: ProjectState
    ) -> None:
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        editor: Any = schema_editor
        create = editor._create_index_sql(model, fields=[model._meta.get_field(self.field)])  # noqa: SLF001
        editor.execute(create, params=None)


@contextmanager
def no_time_limit(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Let a long statement take its time: it keeps nobody waiting."""
    if schema_editor.connection.vendor != "postgresql":
        yield
        return
    for name in ("statement_timeout", "lock_timeout"):
        schema_editor.execute(f"SET {name} = 0")
    try:
        yield
    finally:
        for name in ("statement_timeout", "lock_timeout"):
            schema_editor.execute(f"RESET {name}")


def _build(schema_editor: BaseDatabaseSchemaEditor, name: str, create: str) -> None:
    with no_time_limit(schema_editor):
        # What a stopped run left behind is an invalid index of this name.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
        schema_editor.execute(create, params=None)
