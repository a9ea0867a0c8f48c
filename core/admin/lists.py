"""Lists that stay fast however long they are: nothing in them counts all rows, or reads all days."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from core.india import day_in_india

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList

    Pages = Paginator[Any]
else:
    from unfold.views import ChangeList

    Pages = Paginator

MOST_COUNTED = 10_000  # beyond that a list says "more than"; a search, a filter or a day leads to the rest
MONTHS_OFFERED = 12


class CountsSome(Pages):
    """Counts up to a limit, and pages through as many."""

    template_name = "admin/pages.html"

    @cached_property
    def counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_COUNTED + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self.counted, MOST_COUNTED)

    @property
    def count_in_words(self) -> str:
        more = "more than " if self.counted > MOST_COUNTED else ""
        return f"{more}{self.count:,}"


class LongList(ChangeList):
    """A list with a way to each day that costs no query: the calendar knows which days there are."""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.get_filters_params())

    def get_ordering_field(self, field_name: Any) -> Any:
        """Sort by what the list offers to sort by, and by nothing else that an address may name."""
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def days(self) -> dict[str, Any]:
        """Return the links of the date hierarchy: months, then the days of one, then the way back."""
        name = self.date_hierarchy
        today = day_in_india(timezone.now())
        chosen = {part: self.params.get(f"{name}__{part}") for part in ("year", "month", "day")}
        try:
            year, month, day = (int(value) if value else 0 for value in chosen.values())
            first = date(year, month, 1) if month else None
        except (TypeError, ValueError):
            return {"choices": [], "back": None}
        if day and first:
            return {"choices": [], "back": self._choice(f"{first:%B %Y}", first.year, first.month)}
        if first:
            days = [self._choice(f"{on:%-d}", on.year, on.month, on.day) for on in _days_of(first, today)]
            return {"choices": days, "back": self._choice("All dates")}
        months = [self._choice(f"{on:%b %Y}", on.year, on.month) for on in _months_up_to(today)]
        to_today = [self._choice("Today", today.year, today.month, today.day)]
        return {"choices": to_today + months, "back": self._choice("All dates") if year else None}

    def _choice(self, title: str, *parts: int) -> dict[str, str]:
        names = [f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")]
        given = dict(zip(names, parts, strict=False))
        return {"title": title, "link": self.get_query_string(given, names)}


def _days_of(first: date, today: date) -> Iterator[date]:
    on = first
    while on.month == first.month and on <= today:
        yield on
        on += timedelta(days=1)


def _months_up_to(today: date) -> Iterator[date]:
    on = today.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        yield on
        on = (on - timedelta(days=1)).replace(day=1)


class Listed:
    """What every list of ours has in common."""

    paginator = CountsSome
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    links_here: tuple[str, ...] = ()  # lookups that other pages link here with

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return lookup in self.links_here or super().lookup_allowed(lookup, value, request)  # type: ignore[misc]

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """Do an action of the list; only a form that is not ours names rows by what is no primary key."""
        key = self.model._meta.pk  # type: ignore[attr-defined]
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.run_validators(key.to_python(chosen))
        except ValidationError:
            raise SuspiciousOperation("an action for what is no row") from None
        return super().response_action(request, queryset)  # type: ignore[misc]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002 - Django's
        return LongList
