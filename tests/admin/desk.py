"""An operator's desk: the admin in a browser, told by the names of what is on it."""

import html
import re
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client

from core.models import User


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

    def does(self, action: str, *rows: models.Model) -> Any:
        """Tick rows of a list and choose an action."""
        form = {"action": action, "_selected_action": [row.pk for row in rows]}
        return self.browser.post(_list(type(rows[0])), form, follow=True)


def words(page: Any) -> str:
    """Return what a person reads on a page."""
    assert page.status_code == 200, page.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())


def sentences(page: Any) -> list[str]:
    """Return what the admin told after an action."""
    return [str(message) for message in page.context["messages"]]


def errors(page: Any) -> list[str]:
    """Return what a form found wrong."""
    assert page.status_code == 200, page.status_code
    return [str(problem) for problems in page.context["adminform"].form.errors.values() for problem in problems]


def clerk(*permissions: str) -> Desk:
    """Return the desk of a staff member who is no superuser, with just these permissions."""
    user = User.objects.create(username="clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return Desk(user)


def _list(model: type[models.Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def _address(where: type[models.Model] | models.Model) -> str:
    return _list(where) if isinstance(where, type) else f"{_list(type(where))}{where.pk}/change/"
