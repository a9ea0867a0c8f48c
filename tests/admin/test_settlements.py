"""Settlements in the admin: looked at, searched, and never written."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Alert, AlertKind, Settlement, SettlementLine
from core.services.operations.alerts import alert
from tests.admin.conftest import settled
from tests.admin.desk import Desk, words

NOW = datetime(2026, 4, 11, tzinfo=UTC)


@pytest.fixture
def line(db: None) -> SettlementLine:
    return settled("1")


def test_an_operator_looks_at_them(desk: Desk, line: SettlementLine) -> None:
    for where in (Settlement, line.settlement):
        assert "S-1" in words(desk.looks_at(where))
    for where in (SettlementLine, line):
        page = words(desk.looks_at(where))
        assert "₹14,663.70" in page
        assert "not in our books" in page
    assert "1 settlement line" in words(desk.looks_at(SettlementLine, q="S-1"))
    assert "0 results" in words(desk.looks_at(SettlementLine, q="S-2"))


def test_nobody_writes_them(desk: Desk, line: SettlementLine) -> None:
    for row in (line, line.settlement):
        assert desk.saves(type(row), {}).status_code == 403
        assert desk.saves(row, {}).status_code == 403
        assert desk.deletes(row).status_code == 403
        row.refresh_from_db()


def test_a_longer_list_asks_no_more(desk: Desk, line: SettlementLine) -> None:
    few = [queries(desk, model) for model in (Settlement, SettlementLine)]
    for number in "2345":
        settled(number)

    assert [queries(desk, model) for model in (Settlement, SettlementLine)] == few


def test_an_alert_leads_to_the_lines(desk: Desk, line: SettlementLine) -> None:
    alert(AlertKind.SETTLEMENT, "S-1", "Look at this.", now=NOW)

    assert "/admin/core/settlementline/?q=S-1" in desk.looks_at(Alert).content.decode()


def queries(desk: Desk, model: type[Settlement | SettlementLine]) -> int:
    desk.looks_at(model)
    with CaptureQueriesContext(connection) as asked:
        desk.looks_at(model)
    return len(asked)
