"""PhonePe's settlement file, given to the admin in place of the command."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import JournalEntry, OperatorAction, Payment, Settlement
from tests.admin.desk import Desk, clerk, words
from tests.phonepe import Days, PhonePe, settles

ADDRESS = "/admin/import-settlement/"


@pytest.fixture
def report(payment: Payment, phonepe: PhonePe, days: Days) -> bytes:
    phonepe.pays(payment)
    days.tick_for(25)
    settles(phonepe, days)
    return str(phonepe.simulator.settlement_report(None, "csv")).encode()


def gives(desk: Desk, body: bytes, **form: str) -> str:
    return words(desk.browser.post(ADDRESS, {"file": SimpleUploadedFile("report.csv", body), **form}))


def test_it_is_looked_at_before_anything_is_written(desk: Desk, report: bytes) -> None:
    page = gives(desk, report, dry_run="on")

    assert "nothing was written" in page
    assert "1 line matched." in page
    assert not Settlement.objects.exists()


def test_it_is_posted_once_with_a_trace(desk: Desk, report: bytes) -> None:
    assert "The settlements and our books agree" in gives(desk, report)
    gives(desk, report)

    assert JournalEntry.objects.filter(kind="settlement").count() == 1
    action = OperatorAction.objects.first()
    assert action is not None
    assert (action.name, action.action) == ("operator", "import_settlement")
    assert action.about == f"settlement:{Settlement.objects.get().pk}"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"", "This file is empty."), (b"no settlement", "report.csv:"), (b"\xff\x00\xfe", "report.csv:")],
)
def test_what_is_no_settlement_file_is_refused_with_a_sentence(
    desk: Desk, db: None, body: bytes, sentence: str
) -> None:
    assert sentence in gives(desk, body)


def test_no_file_is_said(desk: Desk) -> None:
    assert "Choose a file." in words(desk.browser.post(ADDRESS, {}))


def test_who_may_only_look_at_settlements_imports_none(report: bytes) -> None:
    answer = clerk("view_settlement").browser.post(ADDRESS, {"file": SimpleUploadedFile("report.csv", report)})

    assert answer.status_code == 403
    assert not Settlement.objects.exists()
