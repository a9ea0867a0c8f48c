"""An operator's desk: the admin in a browser, told by the names of what is on it."""

import html
import re
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client
from django.utils import timezone

from core.models import EntryKind, User
from core.models.ledger_accounts import BANK, SUSPENSE
from core.services.ledger import posting


class Desk:
    """The admin as one logged-in person sees it."""

    def __init__(self, user: User) -> None:
        self.browser = Client()
        self.browser.force_login(user)

    def looks_at(self, where: type[models.Model] | models.Model, **query: Any) -> Any:
        """Open a list, or the page of one row."""
        return self.browser.get(_address(where), query)

    def saves(self, where: type[models.Model] | models.Model, form: dict[str, Any]) -> Any:
        """Send the form that adds a row, or changes one."""
        address = f"{_address(where)}add/" if isinstance(where, type) else _address(where)
        return self.browser.post(address, form)

    def deletes(self, row: models.Model) -> Any:
        return self.browser.post(f"{_list(type(row))}{row.pk}/delete/", {"post": "yes"})

    def does(self, action: str, *rows: models.Model, **answers: str) -> Any:
        """Tick rows of a list and choose an action; answer what it asks."""
        form = {"action": action, "_selected_action": [row.pk for row in rows], **answers}
        return self.browser.post(_list(type(rows[0])), form, follow=True)

    def decides(self, action: str, *rows: models.Model, reason: str = "Looked into", **answers: str) -> Any:
        """Choose an action for rows of a list, and confirm it with a reason."""
        return self.does(action, *rows, confirmed="yes", reason=reason, **answers)

    def opens(self, row: models.Model, act: str) -> Any:
        """Follow the button of an act on the page of a row, to the page that asks."""
        return self.browser.get(_act(row, act))

    def acts(self, row: models.Model, act: str, reason: str = "Looked into", **answers: str) -> Any:
        """Confirm an act on the page of a row."""
        form = {"confirmed": "yes", "reason": reason, **answers}
        return self.browser.post(_act(row, act), form, follow=True)

    def confirms(self, page: Any, **answers: str) -> Any:
        """Send the form of a page that asks, as a browser does."""
        form = {**{name: str(value) for name, value in page.context["hidden"]}, "reason": "Looked into", **answers}
        return self.browser.post(page.request["PATH_INFO"], form, follow=True)


def words(page: Any) -> str:
    """Return what a person reads on a page."""
    assert page.status_code == 200, page.status_code
    seen = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", page.content.decode())
    return " ".join(html.unescape(re.sub(r"(?s)<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", " ", seen)).split())


def sentences(page: Any) -> list[str]:
    """Return what the admin told after an action."""
    return [str(message) for message in page.context["messages"]]


def errors(page: Any) -> list[str]:
    """Return what a form found wrong."""
    assert page.status_code == 200, page.status_code
    return [str(problem) for problems in page.context["adminform"].form.errors.values() for problem in problems]


def clerk(*permissions: str) -> Desk:
    """Return the desk of a staff member who is no superuser, with just these permissions."""
    user = User.objects.create(username=f"clerk{User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return Desk(user)


def settled_in_suspense(name: str = "S-1", paise: int = 5_000_00) -> None:
    """PhonePe's settlement pays out so much that is about nothing we know; negative: it kept so much."""
    lines = {BANK: paise, SUSPENSE: -paise}
    posting.post(EntryKind.SETTLEMENT, name, "PhonePe's payout", lines, at=timezone.now())


def _list(model: type[models.Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def _act(row: models.Model, act: str) -> str:
    return f"{_list(type(row))}{row.pk}/do/{act}/"


def _address(where: type[models.Model] | models.Model) -> str:
    return _list(where) if isinstance(where, type) else f"{_list(type(where))}{where.pk}/change/"
