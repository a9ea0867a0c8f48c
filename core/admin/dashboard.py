"""The first page of the admin: what waits for a person, and how the business goes, in pictures."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from core.admin.alert_links import runbook_of, subject_of
from core.money import rupees, rupees_for_people
from core.services.overview import AlertGroup, Attempts, Day, Overview, open_alerts, overview

# Of the theme's palette, so that they fit light and dark.
PAID, FAILED, OPEN, RATE, OUT, BANK = "#16a34a", "#dc2626", "#f59e0b", "#7c3aed", "#ea580c", "#2563eb"
MONEY_PERMISSIONS = ("core.view_payment", "core.view_paymenttransaction")


def context(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """Add the figures that this person may see to the first page's context."""
    user = request.user
    if user.has_perm("core.view_alert"):
        given["alerts"] = [_alerts(group) for group in open_alerts()]
    if user.has_perms(MONEY_PERMISSIONS):
        figures = overview(now=timezone.now())
        given |= {"overview": figures, "cards": cards(figures), "charts": charts(figures)}
    return given


def _alerts(group: AlertGroup) -> dict[str, Any]:
    return {
        "group": group,
        "label": group.newest.get_kind_display(),
        "about": subject_of(group.newest),
        "runbook": runbook_of(group.kind),
    }


def cards(figures: Overview) -> list[dict[str, str]]:
    """Return the figures that are one number each, with what it means beneath."""
    day, late, hooks, refunds = figures.whole_day, figures.lateness, figures.webhooks, figures.refunds
    rate = day.success_rate
    answered = _ago(figures, late.last_answer)
    return [
        {
            "title": "Success rate, 24 hours",
            "value": "no payments" if rate is None else f"{rate} %",
            "note": f"{day.paid:,} paid, {day.failed:,} failed, {day.open:,} open",
            "state": "ok" if rate is None or rate >= 95 else "warn",
        },
        {
            "title": "Lateness of checks",
            "value": f"{late.seconds:,.1f} s" if late.due else "none",
            "note": f"{late.due:,} due now; PhonePe last answered {answered}",
            "state": "ok" if late.seconds < 60 else "bad",
        },
        {
            "title": "Webhook delay",
            "value": "no webhooks" if hooks.typical is None else f"{hooks.typical} s",
            "note": f"slowest {hooks.slowest or 0:,.0f} s, {hooks.unread:,} unread; "
            f"last came {_ago(figures, hooks.last)}",
            "state": "ok" if not hooks.unread else "warn",
        },
        {
            "title": "Refunds in flight",
            "value": f"{refunds.count:,}",
            "note": (
                f"{rupees_for_people(refunds.paise)}, the oldest {_ago(figures, refunds.oldest)}; "
                if refunds.count
                else ""
            )
            + f"{refunds.awaiting_approval:,} wait for approval",
            "state": "ok" if not refunds.awaiting_approval else "warn",
        },
        {
            "title": "Books",
            "value": "differ" if figures.books_differ else "agree",
            "note": f"{rupees_for_people(figures.suspense_paise)} in suspense"
            + (", for a person to place" if figures.suspense_paise else ""),
            "state": "bad" if figures.books_differ else "warn" if figures.suspense_paise else "ok",
        },
    ]


def charts(figures: Overview) -> list[dict[str, Any]]:
    """Return the pictures, ready for the theme's chart component."""
    hours, methods, days = figures.by_hour, figures.by_method, figures.by_day
    return [
        _chart("Payments by hour", [hour.name for hour in hours], [*_ends(hours), _rate(hours)], rate=True),
        _chart(
            "Attempts by method, 24 hours",
            [each.name for each in methods],
            [*_ends(methods), _rate(methods)],
            rate=True,
            names_all=True,
        ),
        _chart("Money in and out by day, ₹", [f"{day.on:%-d %b}" for day in days], _money(days)),
        _chart(
            "Open orders by age",
            [name for name, _ in figures.open_by_age],
            [_bars("open orders", [count for _, count in figures.open_by_age], OPEN)],
            names_all=True,
        ),
    ]


def _ends(rows: list[Attempts]) -> list[dict[str, Any]]:
    return [
        _bars("paid", [row.paid for row in rows], PAID),
        _bars("failed", [row.failed for row in rows], FAILED),
        _bars("open", [row.open for row in rows], OPEN),
    ]


def _rate(rows: list[Attempts]) -> dict[str, Any]:
    line = {"type": "line", "yAxisID": "rate", "spanGaps": True, "borderColor": RATE, "pointRadius": 2}
    return {**_bars("success rate, %", [row.success_rate for row in rows], RATE), **line, "order": 0}


def _money(days: list[Day]) -> list[dict[str, Any]]:
    return [
        {**_bars("captured", [_rupees(day.captured) for day in days], PAID), "stack": "in"},
        {**_bars("refunded", [_rupees(day.refunded) for day in days], OUT), "stack": "out"},
        {**_bars("paid out to the bank", [_rupees(day.paid_out) for day in days], BANK), "stack": "bank"},
    ]


def _rupees(paise: int) -> str:
    return rupees(paise)


def _bars(label: str, values: list[Any], colour: str) -> dict[str, Any]:
    return {"label": label, "data": values, "backgroundColor": colour, "order": 1}


def _chart(
    title: str, labels: list[str], datasets: list[dict[str, Any]], *, rate: bool = False, names_all: bool = False
) -> dict[str, Any]:
    """Return a picture.

    :param names_all: its labels are names, of which none can be left out as of hours and days
    """
    named = {"autoSkip": False, "maxRotation": 45} if names_all else {"maxRotation": 0, "autoSkipPadding": 12}
    scales: dict[str, Any] = {
        "x": {"stacked": True, "grid": {"display": False}, "ticks": named},
        "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0, "maxTicksLimit": 6}},
    }
    if rate:
        ends = {"position": "right", "min": 0, "max": 100, "grid": {"display": False}}
        scales["rate"] = ends
    options = {
        "animation": False,
        "locale": "en-IN",  # groups digits as 2,50,000
        "responsive": True,
        "maintainAspectRatio": False,
        "maxBarThickness": 22,
        "plugins": {"legend": {"position": "bottom", "labels": {"boxWidth": 8, "boxHeight": 8}}},
        "scales": scales,
    }
    empty = not any(value for dataset in datasets for value in dataset["data"] if value not in (None, "0.00"))
    return {
        "title": title,
        "data": json.dumps({"labels": labels, "datasets": datasets}),
        "options": json.dumps(options),
        "empty": empty,
    }


def _ago(figures: Overview, moment: Any) -> str:
    if moment is None:
        return "never"
    seconds = max(0, round((figures.at - moment).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
