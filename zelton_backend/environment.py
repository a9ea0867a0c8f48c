"""Read settings from the environment, and stop the start with a sentence when one is missing or wrong."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values


class Environment:
    """Variables of the process, then of a `.env` file. An empty value counts as unset.

    Each may instead be given as a file that holds it, for secrets that Docker or systemd hand over: NAME_FILE.

    Every method raises ImproperlyConfigured with a sentence that names the variable.
    """

    def __init__(self, variables: Mapping[str, str], *, hint: str = "") -> None:
        self._variables, self._hint = variables, hint

    @classmethod
    def load(cls, env_file: Path) -> "Environment":
        written = {name: value for name, value in dotenv_values(env_file).items() if value}
        actual = {name: value for name, value in os.environ.items() if value.strip()}
        hint = "" if env_file.exists() else " To try it here: cp .env.example .env"
        return cls({**written, **actual}, hint=hint)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._given(name) or default
        if value is None:
            raise ImproperlyConfigured(f"{name} is not set. .env.example says what it is for.{self._hint}")
        return value

    def _given(self, name: str) -> str:
        value, path = (self._variables.get(key, "").strip() for key in (name, f"{name}_FILE"))
        if value and path:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Unset one of them.")
        try:
            return Path(path).read_text().strip() if path else value
        except (OSError, ValueError) as problem:  # the file may hold anything, and none of it is shown
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that cannot be read: {type(problem).__name__}."
            ) from None

    def _shown(self, name: str, value: str) -> str:
        """Return a value as a sentence may show it: what was given in a file is secret."""
        return f"what {name}_FILE holds" if self._variables.get(f"{name}_FILE", "").strip() else repr(value)

    def missing(self, name: str, reason: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"{name} is not set, but {reason}.")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in {"true", "false", "1", "0", "yes", "no"}:
            raise ImproperlyConfigured(f"{name} must be true or false, not {self._shown(name, value)}.")
        return value in {"true", "1", "yes"}

    def number(self, name: str, default: int | None = None, *, least: int, most: int) -> int:
        value = self.text(name, None if default is None else str(default))
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {least} to {most}, not {self._shown(name, value)}."
            )
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {self._shown(name, value)}.")
        return value

    def names(self, name: str, default: str = "") -> list[str]:
        """Return the parts of a comma list."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def url(self, name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Return an absolute URL without its trailing slash."""
        value = self.text(name, default).rstrip("/")
        if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).netloc):
            raise ImproperlyConfigured(
                f"{name} must be an absolute URL ({' or '.join(schemes)}), not {self._shown(name, value)}."
            )
        return value

    def checked(self, name: str, read: Callable[[str], object], default: str) -> object:
        """Return what `read` makes of a value; whatever it raises becomes a sentence without the value."""
        try:
            return read(self.text(name, default))
        except ImproperlyConfigured:
            raise
        except Exception as problem:  # noqa: BLE001 - a parser may raise anything; the value may hold a password
            raise ImproperlyConfigured(f"{name} cannot be read: {type(problem).__name__}.") from None


def refuse_in_production(*, wrong: bool, sentence: str) -> None:
    """Stop the start: web servers run no system checks, so this happens while settings load."""
    if wrong:
        raise ImproperlyConfigured(sentence)
