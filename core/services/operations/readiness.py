"""Whether the database has come as far as this code."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_applied = False  # stays true once it is: a database only goes forwards under a process that runs


def are_applied() -> bool:
    """Tell whether every migration of this code is applied. Asks the database until it was so once.

    :raises Error: if the database cannot be asked
    """
    global _applied
    if not _applied:
        executor = MigrationExecutor(connection)
        _applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _applied
