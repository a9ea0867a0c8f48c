"""The runbook in the admin, so that an alert leads to what to do about it in one click."""

import itertools
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from core.operator_site import operator_site

FIRST = "runbook"
OTHER_PAGE = re.compile(r"([a-z_-]+)\.md(#[\w-]+)?")


def runbook(request: HttpRequest) -> HttpResponse:
    """Show the runbook, or another page of the documents, each paragraph under its own anchor.

    :raises Http404: if there is no such page
    """
    name = request.GET.get("page", FIRST)
    page = pages().get(name)
    if page is None:
        raise Http404
    written = rendered(page, page.stat().st_mtime_ns)
    title = "Runbook" if name == FIRST else name.replace("_", " ").capitalize()
    context = {**operator_site().each_context(request), "title": title, "written": written}
    return TemplateResponse(request, "admin/runbook.html", context)


def pages() -> dict[str, Path]:
    """Return the pages of the documents that are there, by name."""
    return {page.stem: page for page in (settings.BASE_DIR / "docs").glob("*.md")}


@lru_cache(maxsize=8)
def rendered(page: Path, _changed: int) -> SafeString:
    """Return a page of our own documents as HTML; what HTML stands in it is text.

    :param _changed: when it was changed, so that a newer one is read anew
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(page.read_text())
    for heading, title in itertools.pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor(title.content))
        for link in heading.children or ():
            if link.type == "link_open":
                link.attrSet("href", address_of(str(link.attrGet("href"))))
    html: str = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(html)  # noqa: S308 # nosec B308, B703 # the renderer escapes


def address_of(target: str) -> str:
    """Return where a link of the documents leads in the admin; what is only a file in the repository, nowhere."""
    if target.startswith(("#", "https://")):
        return target
    other = OTHER_PAGE.fullmatch(target)
    return f"{reverse('admin:runbook')}?page={other[1]}{other[2] or ''}" if other and other[1] in pages() else "#"


def anchor(title: str) -> str:
    """Return under which name a heading is linked to, as GitHub names it."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return every name that a page's headings have."""
    tokens: list[Any] = MarkdownIt("commonmark").parse(page.read_text())
    return {anchor(title.content) for heading, title in itertools.pairwise(tokens) if heading.type == "heading_open"}


operator_site().add_page("runbook/", runbook, name="runbook")
