"""A range that is empty, reversed, negative or absurd is refused with a sentence, before anything is done."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from time_machine import Traveller

from core.models import RentCharge, Tenancy
from zelton_backend.local_stack.__main__ import read_options
from zelton_backend.simulation import database

HUGE = str(10**30)


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a story would begin."""

    def begun() -> None:
        raise AssertionError("a story has begun")

    monkeypatch.setattr(database.Databases, "copy", lambda *_: begun())


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--seeds", "5-2"], "--seeds: the first seed of 5-2 comes after the last"),
        (["--seeds", "0"], "--seeds: 0 seeds are none"),
        (["--seeds", "-3"], "--seeds: give how many, or a range such as 1-50, not '-3'"),
        (["--seeds", "1-2-3"], "--seeds: give how many, or a range such as 1-50, not '1-2-3'"),
        (["--seeds", "1-"], "--seeds: give how many, or a range such as 1-50, not '1-'"),
        (["--seeds", ""], "--seeds: give how many, or a range such as 1-50, not ''"),
        (["--seeds", "many"], "--seeds: give how many, or a range such as 1-50, not 'many'"),
        (["--seeds", HUGE], "--seeds: give how many, or a range such as 1-50, not"),
        (["--seed", "-1"], "--seed: give a whole number from 0 to"),
        (["--seed", HUGE], "--seed: give a whole number from 0 to"),
        (["--orders", "0"], "--orders: give a whole number from 1 to 100000, not '0'"),
        (["--orders", "-5"], "--orders: give a whole number from 1 to 100000, not '-5'"),
        (["--orders", HUGE], "--orders: give a whole number from 1 to 100000"),
        (["--orders", "ten"], "--orders: give a whole number from 1 to 100000, not 'ten'"),
        (["--jobs", "0"], "--jobs: give a whole number from 1 to 256, not '0'"),
        (["--jobs", "10000"], "--jobs: give a whole number from 1 to 256, not '10000'"),
        (["--minutes", "0"], "--minutes: give a number of minutes above 0 and at most 43200, not '0'"),
        (["--minutes", "-1"], "--minutes: give a number of minutes above 0"),
        (["--minutes", "nan"], "--minutes: give a number of minutes above 0"),
        (["--minutes", "inf"], "--minutes: give a number of minutes above 0"),
    ],
)
def test_simulate(arguments: list[str], says: str) -> None:
    # As one word each, so that a leading minus is not taken for another option.
    name, value = arguments
    with pytest.raises(CommandError) as refusal:
        call_command("simulate", f"{name}={value}", stdout=StringIO())

    assert says in str(refusal.value)


@pytest.mark.parametrize("days", ["0", "-1", "36501", HUGE, "many", ""])
def test_apply_retention(db: None, tmp_path: Path, days: str) -> None:
    with pytest.raises(CommandError, match="--days: give a whole number from 1 to 36500"):
        call_command("apply_retention", f"--days={days}", f"--to={tmp_path}", stdout=StringIO())


@pytest.mark.parametrize("days", ["-1", "36501", HUGE, "many", ""])
def test_import_settlement(db: None, tmp_path: Path, days: str) -> None:
    with pytest.raises(CommandError, match="--days: give a whole number from 0 to 36500"):
        call_command("import_settlement", str(tmp_path / "report.csv"), f"--days={days}", stdout=StringIO())


class TestRaiseRent:
    @pytest.mark.parametrize(
        ("through", "says"),
        [
            ("", "a day such as 2026-04-01"),
            ("soon", "a day such as 2026-04-01"),
            ("2026-02-30", "a day such as 2026-04-01"),
            ("2026-W14", "a day such as 2026-04-01"),
            ("20260401", "a day such as 2026-04-01"),
            ("2026-03-31", "No tenancy has begun by 2026-03-31"),
            ("0001-01-01", "No tenancy has begun by 0001-01-01"),
            ("2031-05-01", "more than five years ahead"),
            ("9999-12-31", "more than five years ahead"),
        ],
    )
    def test_it_charges_nothing(self, tenancy: Tenancy, through: str, says: str) -> None:
        before = RentCharge.objects.count()
        with pytest.raises(CommandError, match=says):
            call_command("raise_rent", f"--through={through}", stdout=StringIO())

        assert RentCharge.objects.count() == before

    def test_without_a_tenancy_the_nightly_run_is_none_the_less_fine(self, db: None, traveller: Traveller) -> None:
        out = StringIO()
        call_command("raise_rent", stdout=out)

        assert out.getvalue() == "Charged 0 months of rent.\n"


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_mismatch_is_not_refunded_for_no_reason(db: None, reason: str) -> None:
    with pytest.raises(CommandError, match="--refund: say why"):
        call_command("resolve_mismatch", "ZLT-1", f"--refund={reason}", stdout=StringIO())


@pytest.mark.parametrize("name", ["--web-port", "--simulator-port"])
@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_the_local_stack(capsys: pytest.CaptureFixture[str], name: str, port: str) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(["run", f"{name}={port}"])

    assert ended.value.code == 2
    assert f"{name}: give a whole number from 0 to 65535, not '{port}'" in capsys.readouterr().err
