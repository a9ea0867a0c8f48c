"""The command: what it prints, writes and refuses, and that the whole checklist is proved."""

import json
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.sign_off.conftest import Check
from zelton_backend.sign_off.management.commands import phonepe_uat
from zelton_backend.sign_off.masks import Masks
from zelton_backend.sign_off.proofs import NotMet, Proof, Verdict
from zelton_backend.sign_off.requirements import BY_HAND, Requirement, all_requirements
from zelton_backend.sign_off.uat import Uat

SIZES = {"A": 5, "P": 11, "S": 9, "W": 12, "R": 5, "T": 7, "G": 4}
KINDS = {"phonepe_call", "webhook", "api", "browser", "observation", "polls", "timetable", "left_out"}
Run = Callable[..., dict[str, Any]]


def test_every_id_of_the_checklist_is_there_once_and_in_order() -> None:
    expected = [f"{letter}{number}" for letter, size in SIZES.items() for number in range(1, size + 1)]

    assert [requirement.id for requirement in all_requirements()] == expected
    assert all(requirement.title for requirement in all_requirements())


def chosen(*ids: str) -> tuple[Requirement, ...]:
    return tuple(each for each in all_requirements() if each.id in ids)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the command check these alone."""

    def choose(*requirements: Requirement) -> None:
        monkeypatch.setattr(phonepe_uat, "all_requirements", lambda: requirements)

    return choose


@pytest.fixture
def sign_off(prepared: None, tmp_path: Path) -> Run:
    """Run the command as a program does, and return what it wrote."""

    def run(exit_code: int = 0) -> dict[str, Any]:
        out = StringIO()
        if exit_code:
            with pytest.raises(SystemExit) as stopped:
                call_command("phonepe_uat", "--report", str(tmp_path / "report"), "--json", stdout=out)
            assert stopped.value.code == exit_code
        else:
            call_command("phonepe_uat", "--report", str(tmp_path / "report"), "--json", stdout=out)
        told: dict[str, Any] = json.loads(out.getvalue())
        assert told == json.loads((tmp_path / "report" / "evidence.json").read_text())
        return told

    return run


def test_it_writes_evidence_html_and_pdf(only: Any, sign_off: Run, tmp_path: Path) -> None:
    only(*chosen("A5", "P3", "W5", "G1"))

    told = sign_off()

    assert set(told) == {"environment", "started_at", "requirements"}
    assert told["environment"] == "SIMULATOR"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["started_at"])
    verdicts = {each["id"]: each["verdict"] for each in told["requirements"]}
    assert verdicts == {"A5": "proved", "P3": "proved", "W5": "proved", "G1": "by_hand"}
    for each in told["requirements"]:
        assert set(each) == {"id", "title", "verdict", "proof", "evidence"}
        assert {entry["kind"] for entry in each["evidence"]} <= KINDS
    html = (tmp_path / "report" / "report.html").read_text()
    for text in ("UAT sign-off", "₹1,234.56", "IST (India)", "3 of 4 requirements proved", "Proved", "By hand"):
        assert text in html
    pdf = tmp_path / "report" / "report.pdf"
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for words in ("UAT sign-off", "₹1,234.56", "IST (India)", "Annex: evidence", "1. Authorization"):
        assert words in text


def test_no_secret_is_in_what_it_writes(
    only: Any, sign_off: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets: list[str] = []
    without = Masks.without_secrets

    def note(masks: Masks, evidence: Any) -> Any:
        secrets.extend(masks._secrets)
        secrets.extend(masks._numbers)
        return without(masks, evidence)

    monkeypatch.setattr(Masks, "without_secrets", note)
    only(*chosen("A2", "P11", "W5", "T6"))

    sign_off()

    assert len(set(secrets)) > 8
    for name in ("evidence.json", "report.html"):
        written = (tmp_path / "report" / name).read_text()
        assert not [secret for secret in secrets if secret and secret in written]
        assert "O-Bearer" in written


def test_evidence_are_requests_and_answers_as_phonepe_saw_them(only: Any, sign_off: Run) -> None:
    only(*chosen("P6", "S6"))

    flow, polled = sign_off()["requirements"]

    [pay] = [entry for entry in flow["evidence"] if entry.get("call") == "pay"]
    assert pay["request"]["path"].endswith("/checkout/v2/pay")
    assert pay["request"]["body"]["paymentFlow"]["type"] == "PG_CHECKOUT"
    assert pay["request"]["headers"]["Authorization"] == "O-Bearer *** (token 1)"
    assert pay["answer"]["status"] == 200
    assert pay["answer"]["body"]["state"] == "PENDING"
    statuses = [entry["answer"]["body"]["state"] for entry in polled["evidence"] if entry.get("call") == "order_status"]
    assert statuses == ["COMPLETED"]


def test_a_check_that_crashes_fails_alone_and_with_its_sentence(only: Any, sign_off: Run) -> None:
    def crash(uat: Uat) -> Proof:
        uat.start_payment()
        raise LookupError("nothing there")

    def not_met(uat: Uat) -> Proof:
        raise NotMet("Four polls, and should be five.")

    only(
        Requirement("S4", "Crashes", crash), Requirement("S5", "Is not met", not_met), *chosen("P6")
    )  # the third goes on

    crashed, failed, proved = sign_off(exit_code=1)["requirements"]

    assert (crashed["verdict"], failed["verdict"], proved["verdict"]) == ("failed", "failed", "proved")
    assert "LookupError: nothing there" in crashed["proof"]
    assert crashed["evidence"]
    assert failed["proof"] == "Four polls, and should be five."


def test_a_proof_without_evidence_is_none(only: Any, sign_off: Run) -> None:
    only(Requirement("S4", "Says so", lambda _: Proof("It is so.", [])))

    [judged] = sign_off(exit_code=1)["requirements"]

    assert (judged["verdict"], judged["proof"]) == ("failed", "The check has left no evidence.")


def test_only_what_the_checklist_leaves_to_people_is_by_hand(only: Any, sign_off: Run) -> None:
    def leaves_something(uat: Uat) -> Proof:
        uat.start_payment()
        return uat.proof("Half of it.", left="The other half.")

    only(Requirement("S4", "Half", leaves_something), Requirement("W7", "Half", leaves_something))

    first, second = sign_off()["requirements"]

    assert (first["verdict"], second["verdict"]) == ("proved", "by_hand")
    assert second["proof"] == "Half of it. Left to a person: The other half."


def test_people_get_a_table_and_the_way_to_the_files(only: Any, prepared: None, tmp_path: Path) -> None:
    only(*chosen("A1", "G1"))
    out = StringIO()

    call_command("phonepe_uat", "--report", str(tmp_path), stdout=out)

    lines = out.getvalue().splitlines()
    assert "Authorization" in lines
    assert "  A1   Proved   The token's life is managed with expires_at" in lines
    assert any(line.startswith("1 of 2 requirements proved, 1 by hand. It took ") for line in lines)
    assert f"  {tmp_path / 'report.pdf'}" in lines


class TestRefusals:
    def test_production(self, settings: Any, tmp_path: Path) -> None:
        settings.PRODUCTION = True

        with pytest.raises(CommandError, match=r"does not run in PRODUCTION\."):
            call_command("phonepe_uat", "--report", str(tmp_path / "never"))

        assert not (tmp_path / "never").exists()

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(CommandError, match=r"^The report cannot be written to .+\.$"):
            call_command("phonepe_uat", "--report", str(tmp_path / "file" / "report"))


class Links(HTMLParser):
    """What a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attributes if name in ("src", "href")]


def test_the_whole_checklist_is_proved_and_the_report_stands_alone(only: Any, sign_off: Run, tmp_path: Path) -> None:
    told = {each["id"]: each for each in sign_off()["requirements"]}

    assert {name for name, each in told.items() if each["verdict"] == Verdict.BY_HAND} == BY_HAND
    assert {name for name, each in told.items() if each["verdict"] == Verdict.PROVED} == set(told) - BY_HAND
    for name in set(told) - BY_HAND:
        wires = [entry for entry in told[name]["evidence"] if entry["kind"] in ("phonepe_call", "webhook")]
        assert wires, f"{name} is proved by nothing that crossed a wire"
    polls = [entry for entry in told["S4"]["evidence"] if entry["kind"] == "polls"]
    assert [(entry["expire_after"], len(entry["rows"])) for entry in polls] == [(1200, 45), (300, 30)]
    links = Links()
    links.feed((tmp_path / "report" / "report.html").read_text())
    assert all(link.startswith("#") for link in links.found)
    assert str(settings.PHONEPE_CLIENT_SECRET) not in (tmp_path / "report" / "evidence.json").read_text()


def test_what_runs_beside_it_leaves_no_trace_in_this_process(check: Check) -> None:
    before = (settings.PHONEPE_BASE_URL, settings.PHONEPE_CLIENT_SECRET, settings.PHONEPE_WEBHOOK_CREDENTIALS)

    check("A5")

    after = (settings.PHONEPE_BASE_URL, settings.PHONEPE_CLIENT_SECRET, settings.PHONEPE_WEBHOOK_CREDENTIALS)
    assert after == before
