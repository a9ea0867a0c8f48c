"""Lists in pages: no answer of the control API grows with everything that has happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from phonepe_simulator.control.requests import PREFIX, only, whole_number

Numbered = Callable[[int], Iterator[tuple[int, Any]]]
DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """Something that grows. `numbered` yields its items from a number on; `filters` are attributes of an item."""

    name: str
    numbered: Numbered
    document: Callable[[Any], Any]
    filters: tuple[str, ...] = ()
    as_answer: Callable[[list[Any]], Any] = list


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, and the path of the next page if there is more."""

    answer: Any
    next: str | None


def read_page(listing: Listing, query: dict[str, str]) -> Page:
    """Return the page that is asked for by `limit`, `cursor` and the listing's filters.

    :raises ControlError: if the query cannot be read
    """
    only(query, "limit", "cursor", *listing.filters)
    limit = whole_number(query.get("limit", str(DEFAULT_LIMIT)), "limit", least=1, most=LARGEST_LIMIT)
    cursor = whole_number(query.get("cursor", "0"), "cursor", least=0)
    wanted = {name: query[name] for name in listing.filters if name in query}
    documents: list[Any] = []
    for number, item in listing.numbered(cursor):
        if any(getattr(item, name) != value for name, value in wanted.items()):
            continue
        if len(documents) == limit:
            query = wanted | {"limit": str(limit), "cursor": str(number)}
            return Page(listing.as_answer(documents), f"{PREFIX}/{listing.name}?{urlencode(query)}")
        documents.append(listing.document(item))
    return Page(listing.as_answer(documents), None)
