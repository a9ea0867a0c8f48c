"""How the admin looks: its name, the environment's mark, and the sections of the sidebar."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from core.operator_site import operator_site

# Each section with its models and an icon of Material Symbols each; a model that no section names goes to the last.
SECTIONS: dict[str, dict[str, str]] = {
    "Money in and out": {
        "payment": "payments",
        "ownersubscriptionpayment": "card_membership",
        "paymenttransaction": "receipt_long",
        "refund": "undo",
        "reportedrefund": "assignment_return",
        "webhookevent": "webhook",
        "paymentattempt": "touch_app",
        "phonepecall": "call_made",
    },
    "Books": {
        "journalentry": "menu_book",
        "ledgerline": "format_list_numbered",
        "settlement": "account_balance",
        "settlementline": "list_alt",
        "suspenseplacement": "help_center",
    },
    "Rent": {
        "tenancy": "key",
        "rentcharge": "request_quote",
        "property": "home_work",
        "unit": "door_front",
    },
    "Subscriptions": {
        "ownersubscription": "autorenew",
        "mandate": "handshake",
        "invoice": "receipt",
        "pricingplan": "sell",
    },
    "People": {
        "tenant": "person",
        "owner": "real_estate_agent",
        "user": "account_circle",
        "group": "groups",
        "operatoraction": "approval_delegation",
    },
}
THE_REST = "More"


class Page(NamedTuple):
    """A page of the admin that is no model's.

    :ivar view: the name of its address
    :ivar permission: what opens it; empty: all staff
    """

    title: str
    view: str
    icon: str
    permission: str = ""


DASHBOARD = Page("Dashboard", "index", "monitoring")
RUNBOOK = Page("Runbook", "runbook", "auto_stories")
TRIAL_BALANCE = Page("Trial balance", "trial_balance", "balance", "core.view_ledgerline")
IMPORT = Page("Import a settlement", "import_settlement", "upload_file", "core.import_settlement")
PAGES = {"Books": (TRIAL_BALANCE, IMPORT)}


def environment(_request: HttpRequest) -> tuple[str, str]:
    """Return the mark that every page bears, and its colour: danger is where money is real."""
    return settings.PHONEPE_ENVIRONMENT, "danger" if settings.PRODUCTION else "warning"


def title_prefix(_request: HttpRequest) -> str:
    return "" if settings.PRODUCTION else f"[{settings.PHONEPE_ENVIRONMENT}]"


def stylesheet(_request: HttpRequest) -> str:
    return static("core/admin.css")


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar for this person: what they may see, by subject."""
    models = {shown.model._meta.model_name: shown for shown in operator_site().lists()}
    named = {"alert", *(name for section in SECTIONS.values() for name in section)}
    rest = {str(name): "table_rows" for name in models if name not in named}
    return [
        {
            "title": "",
            "items": [_page(DASHBOARD), *_lists(request, models, {"alert": "notifications"}), _page(RUNBOOK)],
        },
        *(
            {"title": title, "separator": True, "items": items}
            for title, names in {**SECTIONS, THE_REST: rest}.items()
            if (items := [*_lists(request, models, names), *_pages(request, title)])
        ),
    ]


def _lists(request: HttpRequest, models: dict[Any, Any], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    for name, icon in names.items():
        shown = models.get(name)
        if shown is not None and shown.has_view_permission(request):
            meta = shown.model._meta
            address = reverse(f"admin:{meta.app_label}_{name}_changelist")
            title = meta.verbose_name_plural
            yield {"title": f"{title[:1].upper()}{title[1:]}", "icon": icon, "link": address}


def _pages(request: HttpRequest, section: str) -> Iterator[dict[str, Any]]:
    for page in PAGES.get(section, ()):
        if request.user.has_perm(page.permission):
            yield _page(page)


def _page(page: Page) -> dict[str, Any]:
    return {"title": page.title, "icon": page.icon, "link": reverse(f"admin:{page.view}")}
