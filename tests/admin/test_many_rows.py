"""Lists, searches and the first page over thousands of payments: as many statements as over a few."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.admin.runbook import anchors
from core.models import AlertKind
from core.models.alerts import RUNBOOK
from tests.admin.desk import Desk, words
from tests.admin.many import fill

PAYMENTS = 3_000  # `python -m tests.admin.many 1000000` fills a database to measure with
LIST = "/admin/core/"
PAGES = {
    "/admin/": 24,
    f"{LIST}payment/": 7,
    f"{LIST}payment/?q=UTR1234": 8,
    f"{LIST}payment/?q=Tenant 7": 12,
    f"{LIST}payment/?status__exact=failed": 7,
    f"{LIST}payment/?p=40": 7,
    f"{LIST}paymenttransaction/": 8,
    f"{LIST}refund/": 7,
    f"{LIST}webhookevent/": 7,
    f"{LIST}journalentry/": 7,
    f"{LIST}journalentry/?q=ZLT-many-1234": 8,
    f"{LIST}ledgerline/?q=phonepe_clearing": 8,
    f"{LIST}settlementline/": 8,
    f"{LIST}tenancy/": 8,
    f"{LIST}rentcharge/": 7,
    f"{LIST}tenant/?q=Tenant 77": 12,
    "/admin/trial-balance/": 6,
    "/admin/find/?q=Tenant": 30,
}


@pytest.fixture
def many(db: None) -> None:
    fill(PAYMENTS)


def test_no_page_asks_more_because_there_is_more(desk: Desk, many: None) -> None:
    for page, most in PAGES.items():
        desk.browser.get(page)  # content types are looked up once
        cache.delete("overview")
        with CaptureQueriesContext(connection) as asked:
            answer = desk.browser.get(page)
        assert answer.status_code == 200, page
        assert len(asked) <= most, (page, [query["sql"][:200] for query in asked])


def test_every_id_is_found_among_many(desk: Desk, many: None) -> None:
    for text in ("ZLT-many-1234", "OMO1234", "OMT1234", "UTR1234"):
        answer = desk.browser.get("/admin/find/", {"q": text})
        assert answer.headers["Location"] == "/admin/core/payment/1234/change/"
    assert "1 payment" in words(desk.browser.get(f"{LIST}payment/", {"q": "UTR1234"}))
    assert f"{PAYMENTS:,} payments" in words(desk.browser.get(f"{LIST}payment/"))


@pytest.mark.usefixtures("many")
class TestDays:
    def test_a_day_shows_its_own_payments(self, desk: Desk) -> None:
        listed = desk.browser.get(f"{LIST}payment/").context["cl"]
        today = listed.days()["choices"][0]["link"]

        page = desk.browser.get(f"{LIST}payment/{today}")

        assert 1 <= page.context["cl"].result_count <= PAYMENTS / 100
        assert page.context["cl"].days()["back"]["title"]

    @pytest.mark.parametrize(
        "query", ["created_at__month=13", "created_at__year=x&created_at__month=2", "o=9", "o=3", "p=9999"]
    )
    def test_an_address_that_makes_no_sense_makes_no_error(self, desk: Desk, query: str) -> None:
        assert desk.browser.get(f"{LIST}payment/?{query}").status_code in (200, 302)


def test_each_kind_of_alert_has_its_paragraph() -> None:
    assert set(RUNBOOK) == set(AlertKind)
    assert set(RUNBOOK.values()) <= anchors(Path(settings.BASE_DIR) / "docs" / "runbook.md")
