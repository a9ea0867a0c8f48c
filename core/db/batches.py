"""Delete many rows without holding a lock for long."""

from typing import Any

from django.db.models import QuerySet

DELETED_AT_ONCE = 1000


def delete_in_batches(rows: QuerySet[Any, Any]) -> int:
    """Delete rows that nothing depends on, a batch at a time; return how many were deleted."""
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        deleted += rows.filter(pk__in=keys).delete()[0]
    return deleted
