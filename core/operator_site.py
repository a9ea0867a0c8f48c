"""The operators' site: Django's admin in the theme's clothes, with pages of its own.

It stands outside `core.admin`, whose modules register with it while they are imported.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as ThemedSite
    from django.contrib.admin import ModelAdmin
else:
    from unfold.sites import UnfoldAdminSite as ThemedSite


class OperatorSite(ThemedSite):
    """The admin for those who run Zelton."""

    site_title = site_header = "Zelton"
    index_title = "Dashboard"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []

    def add_page(self, route: str, view: Callable[..., HttpResponse], *, name: str) -> None:
        """Add a page that is no model's; all staff reach it, and what else it takes it asks for itself."""
        self._pages.append(path(route, self.admin_view(view), name=name))

    def lists(self) -> "list[ModelAdmin[Any]]":
        """Return every list there is, whoever may see it."""
        return list(self._registry.values())

    def extra_urls(self) -> list[URLPattern]:
        return self._pages

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Find pages for the command palette.

        :raises Http404: for a page of results that there is not
        """
        try:
            found: HttpResponse = super().search(request, extra_context)  # type: ignore[misc]
        except (InvalidPage, ValueError):
            raise Http404 from None
        return found


def operator_site() -> OperatorSite:
    """Return the one site there is."""
    return cast("OperatorSite", admin.site)
