"""The trial balance by date, and the balance of any one account."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from core.admin.links import list_link
from core.india import day_in_india
from core.models import LedgerLine
from core.money import rupees_for_people
from core.operator_site import operator_site
from core.services.ledger.balances import ALL_OWNERS, ALL_TENANCIES, Balance, balance_of, trial_balance

PERMISSION = "core.view_ledgerline"
LONGEST = 64  # characters of an account
YEARS = (2000, 2999)


def show(request: HttpRequest) -> HttpResponse:
    """Show all accounts as they stood at the end of a day in India, and the one that was asked for."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    through, problem = _day(request.GET.get("on", ""))
    asked = request.GET.get("account", "").replace("\0", "").strip()[:LONGEST]
    balances = [] if asked else trial_balance(through=through)
    debit, credit = (sum(getattr(each, side) for each in balances) for side in ("debits", "credits"))
    context = {
        **operator_site().each_context(request),
        "title": "Trial balance",
        "rows": [_row(balance) for balance in balances],
        "total": (rupees_for_people(debit), rupees_for_people(credit)),
        "difference": rupees_for_people(debit - credit) if debit != credit else "",
        "on": through.isoformat() if through else "",
        "today": day_in_india(timezone.now()).isoformat(),
        "problem": problem,
        "asked": asked,
        "account": _row(balance_of(asked)) if asked else None,
    }
    return TemplateResponse(request, "admin/trial_balance.html", context)


def _day(text: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    try:
        day: date | None = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        return None, f"“{text[:20]}” is no day; give it as 2026-11-27. These are the balances of now."
    return day, ""


def _row(balance: Balance) -> dict[str, Any]:
    many = balance.account in (ALL_TENANCIES, ALL_OWNERS)
    return {
        "account": balance.account if many else list_link(LedgerLine, balance.account, q=balance.account),
        "debits": rupees_for_people(balance.debits),
        "credits": rupees_for_people(balance.credits),
        "debit": rupees_for_people(balance.paise) if balance.paise > 0 else "",
        "credit": rupees_for_people(-balance.paise) if balance.paise < 0 else "",
    }


operator_site().add_page("trial-balance/", show, name="trial_balance")
