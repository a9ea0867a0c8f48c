"""What waits for an operator is resolved by one."""

import pytest
from django.contrib.admin.models import LogEntry

from core.models import Alert, AlertKind
from core.services.alerts import alert
from tests.admin.desk import Desk, clerk, sentences, words
from tests.phonepe import Days


@pytest.fixture
def silent(days: Days, db: None) -> Alert:
    alert(AlertKind.SILENT, "ZLT-1", "This order has expired.", now=days.now())
    return Alert.objects.get()


def test_it_resolves_once_and_says_by_whom(desk: Desk, silent: Alert, days: Days) -> None:
    assert sentences(desk.does("resolve", silent)) == ["Resolved 1 alerts."]
    first = Alert.objects.get().resolved_at
    days.pass_by(60)

    assert sentences(desk.does("resolve", silent)) == ["Resolved 0 alerts."]

    assert Alert.objects.get().resolved_at == first
    assert LogEntry.objects.get().user.username == "operator"


def test_a_resolved_one_comes_again_as_a_new_one(desk: Desk, silent: Alert, days: Days) -> None:
    desk.does("resolve", silent)

    alert(AlertKind.SILENT, "ZLT-1", "This order has expired.", now=days.now())

    assert Alert.objects.filter(resolved_at=None).count() == 1
    assert Alert.objects.count() == 2


def test_who_may_only_look_resolves_nothing(silent: Alert) -> None:
    clerk("view_alert").does("resolve", silent)

    assert Alert.objects.get().resolved_at is None


def test_it_leads_to_what_it_is_about(desk: Desk, silent: Alert, days: Days) -> None:
    alert(AlertKind.UNREADABLE_WEBHOOK, "0a1b", "PhonePe sent a body that is not JSON.", now=days.now())

    page = desk.looks_at(Alert).content.decode()

    assert "/admin/core/paymenttransaction/?q=ZLT-1" in page
    assert "/admin/core/webhookevent/?q=0a1b" in page


def test_the_open_ones_are_told_from_the_resolved(desk: Desk, silent: Alert) -> None:
    assert "ZLT-1" in words(desk.looks_at(Alert, resolved_at__isempty="1"))
    assert "ZLT-1" not in words(desk.looks_at(Alert, resolved_at__isempty="0"))
