"""The first page: what waits for a person, and how the business goes; with nothing at all, and cheap with much."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AlertKind, Payment
from core.services.operations.alerts import alert
from core.services.overview import counted_now
from tests.admin.desk import Desk, clerk, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def look(desk: Desk) -> Any:
    cache.delete("overview")
    return desk.browser.get("/admin/")


def test_with_nothing_at_all_it_says_so(desk: Desk) -> None:
    page = words(look(desk))

    assert "Nothing waits for a person" in page
    assert "no payments" in page
    assert "Nothing yet." in page


def test_a_paid_and_a_failed_payment_make_the_rate(
    desk: Desk, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
) -> None:
    phonepe.pays(payment)
    phonepe.fails(stranger.starts_rent().json()["merchant_order_id"])
    days.tick_for(25)

    page = look(desk)

    assert "50.0 %" in words(page)
    assert "1 paid, 1 failed, 0 open" in words(page)
    hours = drawn(page, "Payments by hour")
    assert (sum(hours["paid"]), sum(hours["failed"])) == (1, 1)
    money = drawn(page, "Money in and out by day, ₹")
    assert money["captured"][-1] == "15000.00"


def test_refunds_and_open_orders_are_told(desk: Desk, full_books: None, tenant: Caller, days: Days) -> None:
    page = words(look(desk))

    assert "Refunds in flight 1" in page
    assert "₹15,000.00, the oldest" in page


def test_an_order_that_nobody_asks_about_is_late(desk: Desk, payment: Payment, days: Days) -> None:
    days.pass_by(80)

    figures = counted_now(days.now())

    assert figures.lateness.due == 1
    assert figures.lateness.seconds == pytest.approx(60, abs=5)
    assert dict(figures.open_by_age)["1 to 5 min"] == 1


class TestAlerts:
    def test_equal_ones_are_one_and_lead_to_what_to_do(self, desk: Desk, days: Days) -> None:
        for number in range(13):
            alert(AlertKind.SILENT, f"ZLT-{number}", "This order has expired without a final word.", now=days.now())

        page = look(desk)

        assert words(page).count("This order has expired") == 1
        assert "without a final word 13" in words(page)
        assert "/admin/runbook/#payment-stuck" in page.content.decode()

    def test_they_are_fresh_at_every_look(self, desk: Desk, days: Days) -> None:
        look(desk)
        alert(AlertKind.BOOKS, "check_books", "Entry 1 is off.", now=days.now())

        assert "Entry 1 is off." in words(desk.browser.get("/admin/"))


def test_who_may_not_see_money_sees_none(payment: Payment) -> None:
    page = clerk("view_alert").browser.get("/admin/")

    assert "Success rate" not in words(page)
    assert "Nothing waits for a person" in words(page)


def test_it_is_counted_once_in_some_seconds(desk: Desk, payment: Payment, days: Days) -> None:
    look(desk)
    with CaptureQueriesContext(connection) as again:
        desk.browser.get("/admin/")
    assert len(again) < 10

    days.pass_by(16)
    with CaptureQueriesContext(connection) as anew:
        desk.browser.get("/admin/")
    assert len(anew) > len(again) + 8


def test_figures_of_an_hour_ago_are_not_kept_by_a_clock_that_went_back(
    desk: Desk, payment: Payment, days: Days
) -> None:
    look(desk)
    ahead = counted_now(days.now() + timedelta(hours=1))
    cache.set("overview", ahead)

    assert "1 open" in words(desk.browser.get("/admin/"))


def drawn(page: Any, title: str) -> dict[str, list[Any]]:
    """Return the bars of a picture, by what they are called."""
    (chart,) = [chart for chart in page.context["charts"] if chart["title"] == title]
    return {dataset["label"]: dataset["data"] for dataset in json.loads(chart["data"])["datasets"]}
