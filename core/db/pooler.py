"""What cannot go through a pooler in transaction mode (DATABASE_POOLER)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.database)
def migrations_go_past_it(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Stop `manage.py migrate`, which runs this check, before it begins.

    It sets limits for its session: behind a pooler they would be another session's, and stay with it.
    """
    if not (databases and settings.DATABASE_POOLER):
        return []
    sentence = "A migration cannot go through a pooler."
    hint = "Run it past the pooler: with DATABASE_POOLER=false, and DATABASE_URL leading to PostgreSQL itself."
    return [Error(sentence, hint=hint, id="core.E001")]
