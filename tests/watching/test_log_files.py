"""django.log and phonepe.log: written by several processes, turned over by size, and never in the way of a payment."""

import importlib
import json
import logging
import logging.config
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.models import PricingPlan, Refund
from core.tasks import tick
from tests.mandates.autopay import Autopay
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from zelton_backend.celery import app
from zelton_backend.environment import Environment
from zelton_backend.log_files import SharedFileHandler
from zelton_backend.logs import ABOUT_PHONEPE, LogFiles, logging_config

WRITES = """
    import logging, sys
    from zelton_backend.log_files import SharedFileHandler

    logger = logging.getLogger("somebody")
    logger.addHandler(SharedFileHandler(sys.argv[1], max_bytes=20_000, backups=500))
    for number in range(1000):
        logger.warning("%s-%s-%s", sys.argv[2], number, "x" * 100)
"""


def all_lines(folder: Path, name: str) -> list[str]:
    return [line for file in folder.glob(f"{name}*") for line in file.read_text().splitlines()]


class TestSeveralProcesses:
    def test_no_line_is_lost_or_torn_while_files_turn_over(self, tmp_path: Path) -> None:
        command = [sys.executable, "-c", dedent(WRITES), str(tmp_path / "some.log")]
        writers = [subprocess.Popen([*command, str(number)]) for number in range(4)]
        assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]

        expected = {f"{writer}-{number}-{'x' * 100}" for writer in range(4) for number in range(1000)}
        found = all_lines(tmp_path, "some.log")
        assert len(found) == len(expected)
        assert set(found) == expected
        assert len(list(tmp_path.glob("some.log.*"))) > 3

    def test_so_many_full_ones_are_kept(self, tmp_path: Path) -> None:
        handler = SharedFileHandler(tmp_path / "some.log", max_bytes=100, backups=2)
        for number in range(10):
            handler.handle(logging.makeLogRecord({"msg": f"{number} {'x' * 100}"}))
        handler.close()

        kept = {file.name: file.read_text()[0] for file in tmp_path.glob("some.log*")}
        assert kept == {"some.log.1": "9", "some.log.2": "8"}

    def test_a_process_that_stands_still_while_it_turns_a_file_over_holds_nobody_up(self, tmp_path: Path) -> None:
        holds = """
            import fcntl, sys, time
            lock = open(sys.argv[1], "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("held", flush=True)
            time.sleep(60)
        """
        lock = str(tmp_path / ".some.log.lock")
        holder = subprocess.Popen([sys.executable, "-c", dedent(holds), lock], stdout=subprocess.PIPE)
        try:
            assert holder.stdout
            holder.stdout.readline()
            handler = SharedFileHandler(tmp_path / "some.log", max_bytes=10, backups=2)
            for number in range(3):
                handler.handle(logging.makeLogRecord({"msg": f"a line, number {number}"}))
            handler.close()
        finally:
            holder.kill()
            holder.communicate()

        assert len((tmp_path / "some.log").read_text().splitlines()) == 3


class TestAFileThatIsTakenAway:
    """By another process that turns it over, or by somebody."""

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [100.0]
        monkeypatch.setattr("zelton_backend.log_files.time.monotonic", lambda: now[0])
        return now

    def test_a_second_later_lines_go_into_the_new_one(self, tmp_path: Path, clock: list[float]) -> None:
        path = tmp_path / "some.log"
        handler = SharedFileHandler(path, max_bytes=1000, backups=2)
        handler.handle(logging.makeLogRecord({"msg": "before"}))
        path.rename(tmp_path / "some.log.1")
        clock[0] += 1.1

        handler.handle(logging.makeLogRecord({"msg": "after"}))

        assert path.read_text() == "after\n"

    def test_what_others_wrote_counts_a_second_later(self, tmp_path: Path, clock: list[float]) -> None:
        path = tmp_path / "some.log"
        handler = SharedFileHandler(path, max_bytes=1000, backups=2)
        handler.handle(logging.makeLogRecord({"msg": "mine"}))
        path.write_text("x" * 2000)
        clock[0] += 1.1

        handler.handle(logging.makeLogRecord({"msg": "too much"}))

        assert not path.exists()
        assert (tmp_path / "some.log.1").read_text().endswith("too much\n")


class TestWhatIsWrongWithTheDisk:
    @pytest.fixture(params=["full", "no folder"])
    def path(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        if request.param == "full":
            (tmp_path / "some.log").symlink_to("/dev/full")
            return tmp_path / "some.log"
        (tmp_path / "a-file").touch()
        return tmp_path / "a-file" / "some.log"

    def test_it_is_said_once_in_a_sentence_and_stops_nothing(
        self, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handler = SharedFileHandler(path, max_bytes=1000, backups=1)
        for _ in range(5):
            handler.handle(logging.makeLogRecord({"msg": "told"}))

        (said,) = capsys.readouterr().err.splitlines()
        assert json.loads(said)["event"] == "log_file_not_written"
        assert str(path) in json.loads(said)["sentence"]
        assert "Traceback" not in said

    def test_it_goes_on_when_there_is_room_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 100.0
        monkeypatch.setattr("zelton_backend.log_files.time.monotonic", lambda: now)
        path = tmp_path / "some.log"
        path.symlink_to("/dev/full")
        handler = SharedFileHandler(path, max_bytes=1000, backups=1)
        handler.handle(logging.makeLogRecord({"msg": "lost"}))
        path.unlink()
        now += 11

        handler.handle(logging.makeLogRecord({"msg": "told"}))

        assert path.read_text() == "told\n"


@pytest.fixture
def log_dir(tmp_path: Path) -> Iterator[Path]:
    """The product's own logging, with files."""
    logging.config.dictConfig(logging_config("INFO", LogFiles(tmp_path / "logs", 1_000_000, 3)))
    yield tmp_path / "logs"
    logging.config.dictConfig(settings.LOGGING)
    for name in ABOUT_PHONEPE:
        logging.getLogger(name).handlers.clear()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_ordinary_payment_and_its_refund_leave_a_line_for_every_step(
    log_dir: Path, owner: Caller, tenant: Caller, phonepe: PhonePe, days: Days, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        started = tenant.starts_rent().json()
        phonepe.pays(started["merchant_order_id"])
        phonepe.delivers()
        days.tick_for(4)
        owner.post(f"/api/payments/{started['payment_id']}/refund/", {"amount": "100.00", "reason": "Moved out"})
        days.tick_for(60)

    told = lines(log_dir / "phonepe.log")
    order = started["merchant_order_id"]
    by_event = {line["event"]: line for line in told if line.get("order") == order}
    assert {"payment_initiated", "phonepe_called", "webhook_processed", "payment_moved", "refund_opened",
            "refund_ended"} <= set(by_event)  # fmt: skip
    assert [line["call"] for line in told if line.get("order") == order and line["event"] == "phonepe_called"] == [
        "create_order", "order_status", "refund",
    ]  # fmt: skip
    refund = Refund.objects.get().merchant_refund_id
    assert {line["call"] for line in told if line.get("refund") == refund and "call" in line} == {
        "refund", "refund_status",
    }  # fmt: skip
    assert [(line["old"], line["new"]) for line in told if line["event"] == "payment_moved"] == [
        ("pending", "completed"),
        ("completed", "partially_refunded"),
    ]
    everything = lines(log_dir / "django.log")
    assert [line for line in everything if line["event"] != "request"] == told
    requests = [line for line in everything if line["event"] == "request"]
    assert requests[0]["request_id"] == by_event["payment_initiated"]["request_id"]


def test_autopay_leaves_a_line_for_every_move(
    log_dir: Path, owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    autopay = Autopay(owner.user, plan, phonepe, traveller)
    with django_capture_on_commit_callbacks(execute=True):
        autopay.sets_up()
        autopay.approves()
        autopay.cancels()
        autopay.pass_by(minutes=1)
        autopay.works()

    told, mandate = lines(log_dir / "phonepe.log"), str(autopay.mandate)
    moves = [(line["old"], line["new"]) for line in told if line["event"] == "mandate_moved"]
    assert moves == [("ACTIVATION_IN_PROGRESS", "ACTIVE"), ("ACTIVE", "CANCELLED")]
    assert {line["mandate"] for line in told if line["event"] == "mandate_moved"} == {mandate}
    assert [line["new"] for line in told if line["event"] == "subscription_moved"] == ["active"]
    assert {"set_up_mandate", "cancel_mandate"} <= {line["call"] for line in told if "call" in line}


def test_a_task_names_itself_in_its_lines(log_dir: Path, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
    tenant.starts_rent()
    days.pass_by(30)

    done = app.tasks[tick.name].apply()

    (asked,) = [line for line in lines(log_dir / "phonepe.log") if line.get("call") == "order_status"]
    assert asked["task_id"] == done.id


def test_a_worker_logs_what_a_web_process_does() -> None:
    """Left to itself Celery lets a worker say nothing below WARNING."""
    before = logging.getLogger().level, list(logging.getLogger().handlers)

    app.log.setup(loglevel="WARNING")

    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before


def test_what_is_told_of_phonepe_is_told_by_modules_that_exist() -> None:
    assert all(importlib.import_module(name) for name in ABOUT_PHONEPE)


class TestLogDir:
    def folder(self, file: Path) -> Path | None:
        return Environment.load(file).folder("SOME_DIR", Path("/srv/zelton/logs"))

    @pytest.mark.parametrize(
        ("written", "folder"),
        [
            ("", Path("/srv/zelton/logs")),
            ("SOME_DIR=here", Path("/srv/zelton/here")),
            ("SOME_DIR=/var/log", Path("/var/log")),
            ("SOME_DIR=", None),
        ],
    )
    def test_unset_is_the_default_and_empty_is_none(self, tmp_path: Path, written: str, folder: Path | None) -> None:
        (tmp_path / "env").write_text(written)

        assert self.folder(tmp_path / "env") == folder

    def test_the_process_may_empty_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_DIR", "")

        assert self.folder(tmp_path / "there-is-none") is None

    def test_a_size_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(ImproperlyConfigured, match="LOG_MAX_BYTES"):
            Environment({"LOG_MAX_BYTES": "huge"}).number("LOG_MAX_BYTES", 1, least=1, most=10)
