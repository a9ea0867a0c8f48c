"""Words that a column may hold, kept by the database too."""

from django.db import models
from django.db.models import Q


def only_known(field: str, words: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """Return the constraint that a column holds one of these words; a new word takes a migration."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": words.values}), name=name)
