"""The find box: any id that a person may hold leads to what it names."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin.searching import people_called
from core.models import JournalEntry, LedgerLine, Owner, SettlementLine, Tenant, User
from core.operator_site import operator_site
from core.services.timeline import find as find_money
from core.services.timeline.find import nothing_found

LONGEST = 100  # characters of what is looked for
MOST = 25  # people, or lines, of one kind


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
    """Yield what this person may see of what is called so: people, then money, the newest first."""
    seen = list(_people(request.user, text))
    yield from seen
    for match in find_money(text):
        if _may_see(request.user, type(match.row)):
            seen.append(Hit(match.kind.replace("_", " "), match.text, _page_of(match.row), match.at))
            yield seen[-1]
    if not seen:
        yield from _elsewhere(request.user, text)


def _people(user: AbstractBaseUser | AnonymousUser, text: str) -> Iterator[Hit]:
    for kind in (Tenant, Owner):
        if _may_see(user, kind):
            for person in kind._default_manager.filter(pk__in=people_called(kind, text)[:MOST]).order_by("name", "pk"):
                yield Hit(str(kind._meta.verbose_name), person.name, _page_of(person))
    if _may_see(user, User):
        neither = User.objects.filter(username=text, tenant=None, owner=None)
        yield from (Hit("user", one.get_username(), _page_of(one)) for one in neither)


def _elsewhere(user: AbstractBaseUser | AnonymousUser, text: str) -> Iterator[Hit]:
    """Yield what only the books or PhonePe's settlements know by this name."""
    if _may_see(user, SettlementLine):
        for name in ("phonepe_id", "merchant_order_id", "merchant_refund_id"):
            for line in SettlementLine.objects.filter(**{name: text})[:MOST]:
                yield Hit("settlement line", str(line), _page_of(line))
    if _may_see(user, JournalEntry):
        for entry in JournalEntry.objects.filter(source=text):
            yield Hit("journal entry", entry.description, _page_of(entry), entry.at)
    if _may_see(user, LedgerLine) and LedgerLine.objects.filter(account=text).exists():
        yield Hit("account", text, f"{reverse('admin:trial_balance')}?account={text}")


def _may_see(user: Any, model: type[Model]) -> bool:
    meta = model._meta
    return bool(user.has_perm(f"core.view_{meta.model_name}") or user.has_perm(f"core.change_{meta.model_name}"))


def _page_of(row: Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


operator_site().add_page("find/", find, name="find")
