"""The find box: any id that a person may hold leads to what it names."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from core.models import LedgerLine
from core.operator_site import operator_site
from core.services.timeline import find as find_anything
from core.services.timeline.find import nothing_found

LONGEST = 100  # characters of what is looked for


class Hit(NamedTuple):
    """Something that was found.

    :ivar at: when it began, if it is money
    """

    kind: str
    title: str
    link: str
    at: Any = None


def find(request: HttpRequest) -> HttpResponse:
    """Redirect to the one thing that is called so; show several as a list; say where was looked if there is none."""
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    hits = list(found(request, text)) if text else []
    if len(hits) == 1:
        return redirect(hits[0].link)
    context = {
        **operator_site().each_context(request),
        "title": f"Find: {text}" if text else "Find",
        "find_text": text,
        "hits": hits,
        "nothing": nothing_found(text) if text else "",
    }
    return TemplateResponse(request, "admin/find.html", context)


def found(request: HttpRequest, text: str) -> Iterator[Hit]:
    """Yield what this person may see of what is called so, as `explain` finds it."""
    for match in find_anything(text):
        if _may_see(request.user, type(match.row)):
            yield Hit(
                match.kind.replace("_", " "), match.text, _page_of(match.row), match.at if match.is_money else None
            )


def _may_see(user: Any, model: type[Model]) -> bool:
    meta = model._meta
    return bool(user.has_perm(f"core.view_{meta.model_name}") or user.has_perm(f"core.change_{meta.model_name}"))


def _page_of(row: Model) -> str:
    if isinstance(row, LedgerLine):
        return f"{reverse('admin:trial_balance')}?{urlencode({'account': row.account})}"
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


operator_site().add_page("find/", find, name="find")
