"""The admin's times are India's, and say so; nothing else of the product moves with them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from time_machine import Traveller

from core.models import Alert, AlertKind, Payment, PaymentTransaction, User, WebhookEvent
from core.services.operations.alerts import alert
from core.services.webhooks import inbox
from tests.admin.desk import Desk, words
from tests.people import Caller


@pytest.fixture
def raised(db: None, traveller: Traveller) -> Alert:
    """An alert of 27 November, 01:15:10 in India, which is still the 26th in UTC."""
    traveller.move_to(datetime(2026, 11, 26, 19, 45, 10, tzinfo=UTC))
    alert(AlertKind.SILENT, "ZLT-1", "This order has expired.", now=timezone.now())
    return Alert.objects.get()


def test_a_list_and_a_page_name_the_zone(desk: Desk, raised: Alert) -> None:
    for where in (Alert, raised):
        page = words(desk.looks_at(where))
        assert "27 Nov 2026, 01:15:10 IST" in page
        assert "UTC" not in page


def test_so_does_an_order(desk: Desk, payment: Payment) -> None:
    assert "10 Apr 2026, 12:00:00 IST" in words(desk.looks_at(payment.transaction))
    assert "10 Apr 2026, 12:00:00 IST" in words(desk.looks_at(PaymentTransaction))


def test_what_a_row_is_called_says_so_too(desk: Desk, raised: Alert) -> None:
    inbox.receive(b"{}", now=timezone.now())

    assert str(WebhookEvent.objects.get()) == "unread 2026-11-27 01:15:10 IST"


def test_today_is_indias(desk: Desk, raised: Alert, traveller: Traveller) -> None:
    """The links that the filter offers, followed."""
    traveller.move_to(datetime(2026, 11, 27, 6, 0, tzinfo=UTC))
    desk = Desk(User.objects.get(username="operator"))  # a session does not last for months
    (link,) = [choice["query_string"] for choice in _choices(desk) if choice["display"] == "Today"]
    today = desk.browser.get(f"/admin/core/alert/{link}")
    assert "ZLT-1" in words(today)

    traveller.move_to(datetime(2026, 11, 27, 19, 0, tzinfo=UTC))  # the 28th
    (link,) = [choice["query_string"] for choice in _choices(desk) if choice["display"] == "Today"]
    assert "ZLT-1" not in words(desk.browser.get(f"/admin/core/alert/{link}"))


def _choices(desk: Desk) -> list[Any]:
    listed = desk.looks_at(Alert).context["cl"]
    (by_day,) = [spec for spec in listed.filter_specs if getattr(spec, "field_path", "") == "raised_at"]
    return list(by_day.choices(listed))


def test_the_api_stays_in_utc(desk: Desk, tenant: Caller, payment: Payment) -> None:
    desk.looks_at(payment)

    assert tenant.get(f"/api/payments/{payment.pk}/").json()["created_at"] == "2026-04-10T06:30:00Z"
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_failing_page_leaves_no_zone_behind(desk: Desk, raised: Alert) -> None:
    assert desk.browser.get("/admin/core/nothing/").status_code == 404

    assert timezone.get_current_timezone_name() == "UTC"


def test_logs_stay_in_utc(desk: Desk, raised: Alert, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    desk.looks_at(Alert)

    (line,) = [record.msg for record in caplog.records if record.name == "core.middleware"]
    assert json.loads(line)["timestamp"] == "2026-11-26T19:45:10Z"
