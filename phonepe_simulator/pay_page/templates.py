"""Fills the templates next to this file; what is not markup is escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

HERE = Path(__file__).parent / "templates"


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING = Markup()


@cache
def text_of(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def fill(name: str, **values: str) -> Markup:
    """Return the template with its $names replaced.

    :raises KeyError: if a value is missing
    """
    safe = {key: value if isinstance(value, Markup) else escape(value) for key, value in values.items()}
    return Markup(Template(text_of(f"{name}.html")).substitute(safe))


def joined(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))
