"""What commands take for an argument: outside of it they say in a sentence what they want, and do nothing.

Whoever starts the processes reads its options with these too, where no settings are: models are imported when needed.
"""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

if TYPE_CHECKING:
    from core.models import User


def number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within these bounds, both inclusive."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and len(digits) < 20 and least <= int(text) <= most:
            return int(text)
        raise ArgumentTypeError(f"give a whole number from {least} to {most}, not {text!r}")

    return read


def reason(text: str) -> str:
    """Read why somebody does something."""
    if not text.strip():
        raise ArgumentTypeError("say why")
    return text.strip()


def named_user(username: str | None) -> "User | None":
    """Return the user that `--by` names, or None if it names nobody: then it is the user of this machine.

    :raises CommandError: if there is none who may log in
    """
    from core.models import User

    if username is None:
        return None
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no user {username} who may log in.")
    return user
