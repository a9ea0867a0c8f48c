"""How every list of the admin is searched: exact ids first, each along its index, then names of people.

A condition with OR over the columns of several tables would read them whole; a union of keys reads an index for each.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from core.models import Owner, Tenant
from core.models.people import phone_digits
from core.services.operations.log_ins import ways_to_write
from core.services.timeline.lookups import keys_among

Person = type[Owner] | type[Tenant]
MOST_PEOPLE = 200  # of one name; whoever means somebody writes more of it
MOST_ROWS = 1_000  # that one search finds


class SearchedById:
    """Searches a list by what `ids` names; where nothing is called exactly so, by names and by beginnings of ids.

    :cvar ids: lookups of columns that have an index and are compared as they are
    :cvar beginnings: those of them of which a beginning is enough; text columns with an index for patterns
    :cvar people: relations that lead to a tenant or an owner, who is found by name, user name or phone
    :cvar texts: lookups of columns of short tables, of which any part is enough
    """

    ids: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    people: dict[str, Person] = {}
    texts: tuple[str, ...] = ()
    search_fields: Any = ("pk",)  # Django asks only whether there are any

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Return what is called so; a list without a search term is left as it is."""
        text = search_term.strip()
        if not text:
            return queryset, False
        return queryset.filter(pk__in=self.keys_of(queryset.model, text)), False

    def keys_of(self, model: type[Model], text: str) -> list[Any]:
        """Return the keys of the rows that are called so."""
        if "\0" in text:  # which PostgreSQL cannot be asked for
            return []
        return keys_among(model, self.exactly(text), MOST_ROWS) or keys_among(model, self.nearly(text), MOST_ROWS)

    def exactly(self, text: str) -> list[Q]:
        return [Q(**{name: text}) for name in self.ids]

    def nearly(self, text: str) -> list[Q]:
        ways = [Q(**{f"{name}__startswith": text}) for name in self.beginnings]
        keys = {kind: people_called(kind, text) for kind in set(self.people.values())}
        ways += [Q(**{f"{relation}__in": keys[kind]}) for relation, kind in self.people.items() if keys[kind]]
        if self.texts:
            ways.append(reduce(or_, (Q(**{f"{name}__icontains": text}) for name in self.texts)))
        return ways


def people_called(kind: Person, text: str) -> list[int]:
    """Return the keys of people by name, user name or phone number; not all of many."""
    people = kind._default_manager.alias(digits=phone_digits()).order_by()
    named = Q(user__username=text), Q(digits__in=ways_to_write(text)), Q(name__icontains=text)
    return [key for way in named for key in people.filter(way).values_list("pk", flat=True)[:MOST_PEOPLE]][:MOST_PEOPLE]
