"""What waits for an operator is resolved by one."""

import html
import re

import pytest

from core.models import Alert, AlertKind, OperatorAction
from core.services.operations.alerts import alert
from core.services.webhooks import inbox, processing
from tests.admin.desk import Desk, clerk, sentences, words
from tests.phonepe import Days


@pytest.fixture
def silent(days: Days, db: None) -> Alert:
    alert(AlertKind.SILENT, "ZLT-1", "This order has expired.", now=days.now())
    return Alert.objects.get()


def test_it_resolves_once_and_says_by_whom(desk: Desk, silent: Alert, days: Days) -> None:
    assert sentences(desk.decides("resolve", silent)) == [f"{silent}: resolved."]
    first = Alert.objects.get().resolved_at
    days.pass_by(60)

    assert sentences(desk.decides("resolve", silent)) == [f"{silent}: This alert has been resolved already."]

    assert Alert.objects.get().resolved_at == first
    trace = OperatorAction.objects.get()
    assert (trace.action, trace.about, trace.name, trace.reason) == (
        "resolve_alert",
        f"alert:{silent.pk}",
        "operator",
        "Looked into",
    )


def test_a_resolved_one_comes_again_as_a_new_one(desk: Desk, silent: Alert, days: Days) -> None:
    desk.decides("resolve", silent)

    alert(AlertKind.SILENT, "ZLT-1", "This order has expired.", now=days.now())

    assert Alert.objects.filter(resolved_at=None).count() == 1
    assert Alert.objects.count() == 2


def test_who_may_only_look_resolves_nothing(silent: Alert) -> None:
    clerk("view_alert").decides("resolve", silent)

    assert Alert.objects.get().resolved_at is None


def test_it_leads_to_what_it_is_about(desk: Desk, silent: Alert, days: Days) -> None:
    alert(AlertKind.UNREADABLE_WEBHOOK, "0a1b", "PhonePe sent a body that is not JSON.", now=days.now())

    page = desk.looks_at(Alert).content.decode()

    assert "/admin/core/paymenttransaction/?q=ZLT-1" in page
    assert "/admin/core/webhookevent/?q=0a1b" in page


def test_the_open_ones_are_told_from_the_resolved(desk: Desk, silent: Alert) -> None:
    assert "ZLT-1" in words(desk.looks_at(Alert, resolved_at__isempty="1"))
    assert "ZLT-1" not in words(desk.looks_at(Alert, resolved_at__isempty="0"))


def test_each_leads_to_something_and_to_the_runbook(desk: Desk, days: Days) -> None:
    body = b'{"event": "pg.refund.completed", "payload": {"refundId": "R 1", "merchantOrderId": "UNKNOWN-1"}}'
    inbox.receive(body, now=days.now())
    processing.process_waiting(now=days.now(), limit=9)
    alert(AlertKind.BOOKS, "check_books", "2 differences: one and another", now=days.now())
    page = desk.looks_at(Alert).content.decode()
    assert 'href="/admin/trial-balance/"' in page

    (delivery,) = re.findall(r'href="(/admin/core/webhookevent/[?][^"]+)"', page)
    assert "1 webhook event" in words(desk.browser.get(html.unescape(delivery)))
    assert page.count("/admin/runbook/#") == 2


def test_no_link_of_the_runbook_leads_nowhere(desk: Desk) -> None:
    """It is written for the repository, where pages lie side by side."""
    for address in ("/admin/runbook/", "/admin/runbook/?page=operations"):
        page = desk.browser.get(address).content.decode()
        links = set(re.findall(r'href="([^"]*)"', page.partition("prose-page")[2]))
        assert links
        for link in links:
            assert link.startswith(("#", "https://", "/admin/runbook/")), link
            if link.startswith("/admin/"):
                assert desk.browser.get(link.partition("#")[0]).status_code == 200
    for name in ("nothing", "../README", "/etc/passwd", "runbook.md", "%00"):
        assert desk.browser.get("/admin/runbook/", {"page": name}).status_code == 404


def test_several_of_a_kind_are_told_together(desk: Desk, days: Days) -> None:
    for number in range(3):
        alert(AlertKind.SILENT, f"ZLT-{number}", "This order has expired.", now=days.now())

    assert "3 times: an expired order without a final word" in words(desk.looks_at(Alert))


def test_a_long_sentence_ends_with_a_whole_word(days: Days, db: None) -> None:
    alert(AlertKind.BOOKS, "check_books", "difference " * 90, now=days.now())

    sentence = Alert.objects.get().sentence
    assert len(sentence) <= 500
    assert sentence.endswith("difference …")
