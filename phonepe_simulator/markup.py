"""HTML from templates in a folder: everything that is not markup is escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template


class Markup(str):
    """Text that is HTML already and must not be escaped."""

    __slots__ = ()


NOTHING = Markup()


class Templates:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fill(self, name: str, **values: str) -> Markup:
        """Return the template with its $names replaced.

        :raises KeyError: if a value is missing
        """
        safe = {key: value if isinstance(value, Markup) else escape(value) for key, value in values.items()}
        return Markup(Template(self.text_of(f"{name}.html")).substitute(safe))

    def text_of(self, name: str) -> str:
        return _read(self._folder / name)


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def joined(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))
