"""Statements that Django writes once: for the few places where a measurement says that it matters.

See `docs/decisions/0012-statements-written-once.md`.

A queryset is made into SQL anew each time it is used, which takes Python up to ten times as long as the database takes
to answer. A prepared one is written at its first use; after that only its values are put in::

    OPEN = Prepared(lambda: Payment.objects.filter(tenancy=Param("tenancy", BigIntegerField()), status=Status.PENDING))
    OPEN.rows(tenancy=7)

All that is not a `Param` is as it was at the first use: nothing that changes, such as the time, may be among it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cache
from itertools import pairwise
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models import Value
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import ROW_COUNT
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Param(Value):
    """The place of a value that is given at each use. In a condition never None, which equals nothing."""

    def __init__(self, name: str, output_field: "models.Field[Any, Any]") -> None:
        super().__init__(name, output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:  # noqa: ARG002 - Django's signature
        return "%s", [self]

    def bound(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


class Prepared(Generic[Row]):
    """A query. Its rows are what the queryset's would be: model instances, with what it selects, or values."""

    def __init__(self, make: Callable[[], models.QuerySet[Any, Row]]) -> None:
        self._make = make
        self._written: dict[str, tuple[Any, SQLCompiler, str, tuple[Any, ...]]] = {}

    def rows(self, **values: Any) -> list[Row]:
        """Run it with these values for its `Param`s.

        :raises TransactionManagementError: if it locks rows and there is no transaction that would hold the locks
        """
        if connection.vendor not in self._written:
            queryset = self._make()
            compiler = queryset.query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
            written = compiler.as_sql()
            _know_converters(compiler)
            self._written[connection.vendor] = (queryset, compiler, *written)
        queryset, compiler, sql, params = self._written[connection.vendor]
        if queryset.query.select_for_update and connection.get_autocommit():
            # Django looks at this while it writes the statement, which happens once. On SQLite it does not look at all,
            # although only a transaction keeps other writers out there.
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        query = copy(queryset.query)
        query.get_compiler = lambda *_, **__: _ready(compiler, sql, params, values)
        ready = type(queryset)(queryset.model, query)
        ready._fields = queryset._fields
        with _at_once():
            return list(queryset._iterable_class(ready))  # noqa: SLF001 - what a queryset itself does

    def one(self, **values: Any) -> Row:
        """Run it for the one row there must be.

        :raises ObjectDoesNotExist: the model's own, if there is none
        """
        found = self.rows(**values)
        if not found:
            raise self._make().model.DoesNotExist
        return found[0]


class PreparedLook:
    """Whether there are rows of each of several kinds, found out in one statement.

    :param kinds: by name, makes the queryset of a kind
    """

    def __init__(self, kinds: Callable[[], dict[str, models.QuerySet[Any, Any]]]) -> None:
        self._kinds = kinds
        self._written: dict[str, tuple[tuple[str, ...], str, tuple[Any, ...]]] = {}

    def found(self, **values: Any) -> set[str]:
        """Look with these values for its `Param`s; return the names of the kinds of which there are rows."""
        here = connections[DEFAULT_DB_ALIAS]
        if here.vendor not in self._written:
            kinds = self._kinds()
            looks = [each.query.exists().get_compiler(connection=here).as_sql() for each in kinds.values()]
            sql = f"SELECT {', '.join(f'EXISTS ({look})' for look, _ in looks)}"
            self._written[here.vendor] = (tuple(kinds), sql, tuple(param for _, params in looks for param in params))
        names, sql, params = self._written[here.vendor]
        with here.cursor() as cursor, _at_once():
            cursor.execute(sql, _bound(params, values, here))
            return {name for name, is_there in zip(names, cursor.fetchone(), strict=True) if is_there}


class PreparedUpdate:
    """An UPDATE of what a queryset finds.

    :param changes: the columns' new values, `Param`s and expressions
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, Any]], **changes: Any) -> None:
        self._make, self._changes = make, changes
        self._written: dict[str, tuple[SQLCompiler, str, tuple[Any, ...]]] = {}

    def run(self, *, storing: models.Model | None = None, **values: Any) -> int:
        """Run it with these values for its `Param`s; return how many rows there were.

        :param storing: a new row that is stored with it, both or neither; it gets no key
        """
        if storing is not None and connection.vendor != "postgresql":
            with transaction.atomic():
                insert(storing)
                return self.run(**values)
        if connection.vendor not in self._written:
            query: Any = self._make().query.chain(UpdateQuery)
            query.add_update_values(self._changes)
            compiler = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
            self._written[connection.vendor] = (compiler, *compiler.as_sql())
        compiler, sql, params = self._written[connection.vendor]
        if storing is not None:  # in one statement, which is one commit and one way there and back
            writing = _writing(type(storing))
            sql = f"WITH stored AS ({writing.insert}) {sql}"
            params = (*writing.values(storing, connections[DEFAULT_DB_ALIAS], add=True), *params)
        with _at_once():
            return int(_ready(compiler, sql, params, values).execute_sql(ROW_COUNT) or 0)


def insert(row: models.Model) -> None:
    """Store a new row as `save()` does, without signals, and give it its key. None of its values is an expression."""
    here, writing = connections[DEFAULT_DB_ALIAS], _writing(type(row))
    with here.cursor() as cursor, _at_once():
        cursor.execute(f"{writing.insert} RETURNING {writing.key}", writing.values(row, here, add=True))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, here.alias  # noqa: SLF001 - Django's public name for it


def insert_linked(first: models.Model, *others: models.Model) -> None:
    """Store new rows, each of which refers to the one before it, in one statement, and give them their keys."""
    here, rows = connections[DEFAULT_DB_ALIAS], (first, *others)
    links = ["", *(_link(row, to) for to, row in pairwise(rows))]
    if here.vendor == "postgresql":
        writings = [_writing(type(row), after=link) for row, link in zip(rows, links, strict=True)]
        stored = ", ".join(f"{each.stored} AS ({each.insert} RETURNING {each.key})" for each in writings)
        keys = ", ".join(f"{each.stored}.{each.key}" for each in writings)
        values = [value for each, row in zip(writings, rows, strict=True) for value in each.values(row, here, add=True)]
        with here.cursor() as cursor, _at_once():
            # The names are the models' own.
            cursor.execute(f"WITH {stored} SELECT {keys} FROM {', '.join(each.stored for each in writings)}", values)  # noqa: S608
            for row, key in zip(rows, cursor.fetchone(), strict=True):
                row.pk = key
                row._state.adding, row._state.db = False, here.alias  # noqa: SLF001 - Django's public name for it
    for row, link in zip(rows, links, strict=True):
        if link:
            setattr(row, link, getattr(row, link))  # the key of the other row is known now
        if row.pk is None:
            insert(row)


def _link(row: models.Model, to: models.Model) -> str:
    """Return the name of the field by which a row refers to another."""
    fields: list[Any] = [field for field in row._meta.concrete_fields if field.is_relation]
    names: list[str] = [field.name for field in fields if field.get_cached_value(row, default=None) is to]
    return names[0]


def insert_together(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model in one statement; they get no keys. There is at least one."""
    here, writing = connections[DEFAULT_DB_ALIAS], _writing(type(rows[0]))
    table, values = as_table(writing.types(here), [writing.values(row, here, add=True) for row in rows])
    with here.cursor() as cursor:
        cursor.execute(f"{writing.insert_from} SELECT * FROM {table} AS rows_given", values)  # noqa: S608 - names of ours


def as_table(types: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Return rows as a table for a statement, with columns column1, column2 …, and the statement's values.

    On PostgreSQL a column is one value, an array: the statement is the same however many rows there are, so it is read
    and planned once. One with a place for each value would be read anew by psycopg each time.

    :param types: of the columns, in the database's words
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind.partition('(')[0]}[]" for kind in types)
        names = ", ".join(f"column{number}" for number in range(1, len(types) + 1))
        columns = [list(column) for column in zip(*rows, strict=True)]
        return f"(SELECT * FROM unnest({arrays}) AS arrays({names}))", columns  # noqa: S608 - the names are ours
    row = f"({', '.join(['%s'] * len(types))})"
    return f"(VALUES {', '.join([row] * len(rows))})", [value for values in rows for value in values]


def insert_if_new(row: models.Model) -> None:
    """Store a row unless a constraint says that there is one already; it gets no key."""
    here, writing = connections[DEFAULT_DB_ALIAS], _writing(type(row))
    with here.cursor() as cursor, _at_once():
        cursor.execute(f"{writing.insert} ON CONFLICT DO NOTHING", writing.values(row, here, add=True))


def update(row: models.Model, *only: str) -> None:
    """Write a row as `save()` does, without signals. None of its values is an expression.

    :param only: names of the fields that are written; left out: all
    :raises ObjectDoesNotExist: if it is there no more
    """
    here, writing = connections[DEFAULT_DB_ALIAS], _writing(type(row), *only)
    with here.cursor() as cursor, _at_once():
        cursor.execute(writing.update, [*writing.values(row, here, add=False), row.pk])
        if not cursor.rowcount:
            raise ObjectDoesNotExist(f"{row._meta.label} {row.pk}")


class _Writing:
    """The statements that store and write a row of a model, and the values they take.

    :param only: names of the fields that are written; left out: all
    :param after: of the field whose value is the key of another row, which is stored in the same statement before it
    """

    def __init__(self, model: type[models.Model], *only: str, after: str = "") -> None:
        meta: Any = model._meta
        quoted = connection.ops.quote_name
        named = [meta.get_field(name) for name in only] or meta.local_concrete_fields
        fields = [field for field in named if field is not meta.pk]
        names = [quoted(field.column) for field in fields]
        table, self.key = quoted(meta.db_table), quoted(meta.pk.column)
        self.stored = quoted(f"stored_{meta.db_table}")
        before = _writing(meta.get_field(after).related_model) if after else None
        # The names are the models' own.
        key_of_other = f"(SELECT {before.key} FROM {before.stored})" if before else ""  # noqa: S608
        places = ", ".join(key_of_other if field.name == after else "%s" for field in fields)
        changes = ", ".join(f"{name} = %s" for name in names)
        self.insert_from = f"INSERT INTO {table} ({', '.join(names)})"
        self.insert = f"{self.insert_from} VALUES ({places})"
        self.update = f"UPDATE {table} SET {changes} WHERE {self.key} = %s"  # noqa: S608
        given = [field for field in fields if field.name != after]
        self._fields = [(field, isinstance(field, models.CharField | models.TextField)) for field in given]

    def types(self, here: Any) -> list[str]:
        return [str(field.db_type(here)) for field, _ in self._fields]

    def values(self, row: models.Model, here: Any, *, add: bool) -> list[Any]:
        values = []
        for field, is_text in self._fields:
            value = field.pre_save(row, add=add)
            # Nothing, and text as it is, are most of a row, and asking their fields what to make of them takes longest.
            is_ready = value is None or (is_text and type(value) is str)
            values.append(value if is_ready else field.get_db_prep_save(value, here))
        return values


_writing = cache(_Writing)


@contextmanager
def _at_once() -> Iterator[None]:
    """Have statements prepared at their first use, if at all: these come again, and each is planned less often so."""
    over: Any = connections[DEFAULT_DB_ALIAS].connection
    usual = getattr(over, "prepare_threshold", None)
    if not usual:  # SQLite, a pooler behind which nothing is prepared, or no connection yet
        yield
        return
    over.prepare_threshold = 0
    try:
        yield
    finally:
        over.prepare_threshold = usual


def _know_converters(compiler: Any) -> None:
    """Find once how the database's values become Python's: looking for it takes longer than the query."""
    known = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    compiler.get_converters = lambda _: known


def _ready(compiler: SQLCompiler, sql: str, params: tuple[Any, ...], values: dict[str, Any]) -> Any:
    """Return a compiler that has written already, for this thread's connection."""
    ready = copy(compiler)
    ready.connection = connections[DEFAULT_DB_ALIAS]
    bound = _bound(params, values, ready.connection)
    ready.as_sql = lambda *_, **__: (sql, bound)  # type: ignore[method-assign]
    return ready


def _bound(params: tuple[Any, ...], values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
    return tuple(param.bound(values, connection) if isinstance(param, Param) else param for param in params)
