"""Read settings from the environment, and stop the start with a sentence when one is missing or wrong."""

import os
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values

Value = TypeVar("Value")


class Environment:
    """Variables of the process, then of a `.env` file. An empty value counts as unset.

    Each may instead be given as a file that holds it, for secrets that Docker or systemd hand over: NAME_FILE.

    Every method raises ImproperlyConfigured with a sentence that names the variable.
    """

    def __init__(self, variables: Mapping[str, str], *, emptied: frozenset[str] = frozenset(), hint: str = "") -> None:
        self._variables, self._emptied, self._hint = variables, emptied, hint

    @classmethod
    def load(cls, env_file: Path) -> "Environment":
        in_file = dotenv_values(env_file)
        written = {name: value for name, value in in_file.items() if value}
        actual = {name: value for name, value in os.environ.items() if value.strip()}
        hint = "" if env_file.exists() else " To try it here: cp .env.example .env"
        emptied = frozenset((in_file.keys() | os.environ.keys()) - written.keys() - actual.keys())
        return cls({**written, **actual}, emptied=emptied, hint=hint)

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

    def rupees(self, name: str) -> Decimal | None:
        """Return an amount of rupees, or nothing while it is unset."""
        value = self.text(name, "")
        if value and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", value, re.ASCII):
            raise ImproperlyConfigured(
                f"{name} must be rupees, for example 50000 or 50000.00, not {self._shown(name, value)}."
            )
        return Decimal(value) if value else None

    def percentages(self, name: str, names: tuple[str, ...]) -> dict[str, Decimal]:
        """Return what a list such as `UPI=0,CARD=1.95` says of some of these names; empty while it is unset."""
        found = {}
        for part in self.names(name):
            word, _, value = (piece.strip() for piece in part.partition("="))
            if word not in names or word in found or not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", value, re.ASCII):
                raise ImproperlyConfigured(
                    f"{name} must give a percentage for each of some of {', '.join(names)}, for example "
                    f"{names[0]}=1.95, not {self._shown(name, part)}."
                )
            found[word] = Decimal(value)
        return found

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {self._shown(name, value)}.")
        return value

    def names(self, name: str, default: str = "") -> list[str]:
        """Return the parts of a comma list."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def origins(self, name: str, schemes: tuple[str, ...]) -> list[str]:
        """Return the origins of a comma list as browsers write them: scheme, host and, unless it is the usual, port."""
        origin = re.compile(rf"({'|'.join(schemes)})://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{{1,5}})?", re.ASCII)
        for part in (found := self.names(name)):
            if not origin.fullmatch(part):
                raise ImproperlyConfigured(
                    f"{name} must hold origins such as https://app.zelton.example, with commas between them: "
                    f"{' or '.join(schemes)}, a host in lower case, no path and no *, unlike {self._shown(name, part)}."
                )
        return found

    def networks(self, name: str, known: Mapping[str, tuple[str, ...]]) -> list[IPv4Network | IPv6Network]:
        """Return addresses and ranges of a comma list.

        :param known: what a word in it stands for
        """
        found = []
        for part in self.names(name):
            for written in known.get(part, (part,)):
                try:
                    found.append(ip_network(written))
                except ValueError:
                    words = " or ".join(known)
                    raise ImproperlyConfigured(
                        f"{name} must hold addresses and ranges such as 192.0.2.1 and 192.0.2.0/24, or {words}, with "
                        f"commas between them, not {self._shown(name, part)}."
                    ) from None
        return found

    def folder(self, name: str, default: Path) -> Path | None:
        """Return a folder, None where the variable is there and empty: the one case in which that is not unset.

        :param default: a relative path counts from where this one is
        """
        value = self.text(name, "" if name in self._emptied else str(default))
        return default.parent / value if value else None

    def url(self, name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Return an absolute URL without its trailing slash."""
        value = self.text(name, default).rstrip("/")
        if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).netloc):
            raise ImproperlyConfigured(
                f"{name} must be an absolute URL ({' or '.join(schemes)}), not {self._shown(name, value)}."
            )
        return value

    def checked(self, name: str, read: Callable[[str], Value], default: str) -> Value:
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
