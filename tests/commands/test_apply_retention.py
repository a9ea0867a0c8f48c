"""manage.py apply_retention: old webhook bodies go to files, none is lost on the way."""

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from core import tasks
from core.db import batches
from core.models import (
    Alert,
    IdempotencyKey,
    Notification,
    NotificationKind,
    Payment,
    PhonePeCall,
    WebhookEvent,
)
from core.services.notices.writing import tell
from core.services.webhooks import archive, inbox, processing
from core.services.webhooks.replaying import replay_webhook
from tests.people import Caller
from tests.phonepe import Days

DAY = 24 * 3600


def keep(days: Days, *bodies: bytes) -> None:
    for body in bodies:
        inbox.receive(body, now=days.now())
    processing.process_waiting(now=days.now(), limit=10_000)


def apply(folder: Path, *options: str) -> Any:
    out = StringIO()
    call_command("apply_retention", "--json", "--to", str(folder), *options, stdout=out)
    return json.loads(out.getvalue())


def archived(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in sorted(folder.glob("webhooks-*"))
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]


class TestApplyRetention:
    def test_old_bodies_go_to_a_file_of_their_day(self, db: None, days: Days, tmp_path: Path) -> None:
        keep(days, b'{"event": "one"}', b"\xff is not JSON")
        Alert.objects.update(resolved_at=days.now())
        days.pass_by(DAY)
        keep(days, b'{"event": "two"}')
        days.pass_by(90 * DAY)
        keep(days, b'{"event": "young"}')
        assert apply(tmp_path, "--dry-run")["bodies"] == 3

        said = apply(tmp_path)

        assert (said["bodies"], len(said["files"])) == (3, 2)
        assert [name[:19] for name in sorted(said["files"])] == ["webhooks-2026-04-10", "webhooks-2026-04-11"]
        lines = {line["digest"]: line for line in archived(tmp_path)}
        assert lines[sha256(b'{"event": "one"}').hexdigest()]["body"] == '{"event": "one"}'
        assert lines[sha256(b"\xff is not JSON").hexdigest()]["body_base64"] == "/yBpcyBub3QgSlNPTg=="
        assert {bytes(event.body) for event in WebhookEvent.objects.all()} == {b"", b'{"event": "young"}'}
        assert WebhookEvent.objects.latest("pk").archive == ""
        assert not apply(tmp_path)["bodies"]

    def test_others_may_not_read_it(self, db: None, days: Days, tmp_path: Path) -> None:
        keep(days, b"{}")
        days.pass_by(91 * DAY)

        [name] = apply(tmp_path)["files"]

        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_what_was_not_read_or_waits_for_a_person_stays(self, db: None, days: Days, tmp_path: Path) -> None:
        keep(days, b"not JSON")
        inbox.receive(b'{"event": "waiting"}', now=days.now())
        days.pass_by(91 * DAY)

        assert not apply(tmp_path)["bodies"]
        Alert.objects.update(resolved_at=days.now())
        assert apply(tmp_path)["bodies"] == 1

    def test_a_repeated_delivery_is_still_recognised(self, payment: Payment, days: Days, tmp_path: Path) -> None:
        body = json.dumps({"event": "checkout.order.completed", "payload": {"merchantOrderId": str(payment)}}).encode()
        keep(days, body)
        days.pass_by(91 * DAY)
        apply(tmp_path)
        assert apply(tmp_path, "--dry-run")["bodies"] == 0

        keep(days, body)

        event = WebhookEvent.objects.get()
        assert (event.deliveries, event.outcome, bytes(event.body), event.archive) == (2, "asked", body, "")
        days.pass_by(91 * DAY)
        assert apply(tmp_path)["bodies"] == 1
        assert [line["deliveries"] for line in archived(tmp_path)] in ([1, 2], [2, 1])

    @pytest.fixture
    def interrupted(self, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """Let a run end when it has claimed bodies for a file, and before that is written."""

        def run() -> None:
            with monkeypatch.context() as patch:
                patch.setattr(archive, "_move", Mock(side_effect=KeyboardInterrupt))
                with pytest.raises(KeyboardInterrupt):
                    apply(tmp_path)

        return run

    def test_what_an_interrupted_run_left_stays_if_bodies_are_to_be_kept_longer(
        self, db: None, days: Days, tmp_path: Path, interrupted: Callable[[], None]
    ) -> None:
        keep(days, b"{}")
        days.pass_by(91 * DAY)
        interrupted()

        assert apply(tmp_path, "--days", "365")["bodies"] == 0
        assert apply(tmp_path)["bodies"] == 1

    def test_a_file_that_it_had_written_is_written_again_and_holds_each_once(
        self, db: None, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(days, b'{"event": "one"}', b'{"event": "two"}')
        days.pass_by(91 * DAY)
        write = archive._write

        def dies_after_it(*what: Any) -> None:
            write(*what)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(archive, "_write", dies_after_it)
            with pytest.raises(KeyboardInterrupt):
                apply(tmp_path)

        assert apply(tmp_path)["bodies"] == 2
        assert sorted(line["body"] for line in archived(tmp_path)) == ['{"event": "one"}', '{"event": "two"}']

    def test_if_only_a_part_of_it_may_go_the_rest_goes_to_another_file(
        self, db: None, days: Days, tmp_path: Path, operator: Caller, interrupted: Callable[[], None]
    ) -> None:
        keep(days, b'{"event": "one"}', b'{"event": "two"}')
        first, second = WebhookEvent.objects.order_by("pk")
        days.pass_by(5 * DAY)
        replay_webhook(second, by=operator.user, reason="To see it again", now=days.now())
        days.pass_by(95 * DAY)
        interrupted()

        assert apply(tmp_path, "--days", "98")["bodies"] == 1
        assert [bytes(event.body) for event in WebhookEvent.objects.order_by("pk")] == [b"", b'{"event": "two"}']
        assert apply(tmp_path)["bodies"] == 1

        assert sorted(line["body"] for line in archived(tmp_path)) == ['{"event": "one"}', '{"event": "two"}']
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.archive != second.archive

    def test_one_of_it_that_is_read_again_goes_when_it_is_old_again_and_no_alert_is_about_it(
        self, db: None, days: Days, tmp_path: Path, operator: Caller, interrupted: Callable[[], None]
    ) -> None:
        keep(days, b"not JSON")
        Alert.objects.update(resolved_at=days.now())
        days.pass_by(91 * DAY)
        interrupted()

        replay_webhook(WebhookEvent.objects.get(), by=operator.user, reason="The reader was mended", now=days.now())
        days.pass_by(91 * DAY)

        assert apply(tmp_path)["bodies"] == 0
        Alert.objects.update(resolved_at=days.now())
        assert apply(tmp_path)["bodies"] == 1

    @pytest.fixture
    def in_between(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
        """Let something happen once, when a run has claimed bodies for a file and before it looks at them."""
        claim, waits = archive._claim, list[Callable[[], Any]]()

        def claims(**how: Any) -> str:
            name = claim(**how)
            if waits:
                waits.pop()()
            return name

        monkeypatch.setattr(archive, "_claim", claims)
        return waits.append

    def test_a_run_leaves_alone_what_another_beside_it_has_moved(
        self, db: None, days: Days, tmp_path: Path, in_between: Callable[[Callable[[], Any]], None]
    ) -> None:
        keep(days, b'{"event": "one"}')
        days.pass_by(91 * DAY)
        others: list[Any] = []
        in_between(lambda: others.append(apply(tmp_path)))

        said = apply(tmp_path)

        assert (said["bodies"], said["files"]) == (0, [])
        assert [other["bodies"] for other in others] == [1]
        assert [line["body"] for line in archived(tmp_path)] == ['{"event": "one"}']

    def test_a_run_writes_no_file_of_what_has_come_again(
        self, db: None, days: Days, tmp_path: Path, in_between: Callable[[Callable[[], Any]], None]
    ) -> None:
        keep(days, b'{"event": "one"}')
        days.pass_by(91 * DAY)
        in_between(lambda: keep(days, b'{"event": "one"}'))

        said = apply(tmp_path)

        assert (said["bodies"], said["files"]) == (0, [])
        assert not list(tmp_path.iterdir())
        assert (WebhookEvent.objects.get().deliveries, WebhookEvent.objects.get().archive) == (2, "")

    def test_a_body_is_here_until_its_file_is_on_the_disk(
        self, db: None, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(days, b'{"event": "one"}')
        days.pass_by(91 * DAY)
        flushed, fsync, opened = list[tuple[Any, bytes]](), os.fsync, set(Path("/dev/fd").iterdir())

        def noted(file: int) -> None:
            fsync(file)
            what = os.fstat(file)
            flushed.append(("folder" if stat.S_ISDIR(what.st_mode) else what.st_size, here().body))

        def here() -> WebhookEvent:
            return WebhookEvent.objects.get()

        monkeypatch.setattr(archive.os, "fsync", noted)

        [name] = apply(tmp_path)["files"]

        body = b'{"event": "one"}'
        assert flushed == [((tmp_path / name).stat().st_size, body), ("folder", body)]  # all of it, then its name
        assert here().body == b""
        assert set(Path("/dev/fd").iterdir()) == opened  # and nothing is left open

    def test_a_dry_run_changes_nothing(self, db: None, days: Days, tmp_path: Path, tenant: Caller) -> None:
        keep(days, b"{}")
        tenant.starts_rent("0.10", key="k")
        days.pass_by(91 * DAY)

        assert apply(tmp_path, "--dry-run") == {
            "dry_run": True,
            "bodies": 1,
            "files": [],
            "keys": 1,
            "calls": 0,
            "messages": 0,
            "log_ins": 1,
            "guesses": 0,
        }
        assert not list(tmp_path.iterdir())
        said = apply(tmp_path)
        assert (said["keys"], said["log_ins"]) == (1, 1)
        assert not IdempotencyKey.objects.exists()

    def test_log_ins_that_are_over_are_forgotten(self, tenant: Caller, owner: Caller, days: Days) -> None:
        Client().force_login(tenant.user)
        days.pass_by(20 * DAY)
        newer = Caller(tenant.user)
        Client().force_login(owner.user)
        days.pass_by(10 * DAY)

        assert tasks.forget_log_ins() == 3  # two tokens, one session
        assert newer.get("/api/payments/").status_code == 200
        assert AuthToken.objects.count() == Session.objects.count() == 1

    def test_rows_of_calls_are_forgotten_after_their_days(self, payment: Payment, days: Days, tmp_path: Path) -> None:
        days.pass_by(399 * DAY)
        assert tasks.forget_calls() == 0
        days.pass_by(2 * DAY)

        assert apply(tmp_path, "--dry-run")["calls"] == 1
        assert apply(tmp_path)["calls"] == 1
        assert not PhonePeCall.objects.exists()

    def test_messages_are_forgotten_with_whom_they_named_once_they_are_old(
        self, tenant: Caller, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "DELETED_AT_ONCE", 2)
        for number in range(5):
            tell(
                tenant.user,
                NotificationKind.RENT_DUE,
                about=f"charge:{number}",
                subject="x",
                sentence="y",
                now=days.now(),
            )
        waits = Notification.objects.latest("pk")
        Notification.objects.exclude(pk=waits.pk).update(next_try_at=None, sent_at=days.now())
        days.pass_by(399 * DAY)
        assert tasks.forget_messages() == 0
        days.pass_by(2 * DAY)

        assert apply(tmp_path, "--dry-run")["messages"] == 4
        assert apply(tmp_path)["messages"] == 4
        assert Notification.objects.get() == waits

    def test_without_a_folder_bodies_stay(self, db: None, days: Days, tmp_path: Path) -> None:
        keep(days, b"{}")
        days.pass_by(91 * DAY)
        out = StringIO()

        call_command("apply_retention", stdout=out)
        assert "bodies stay in the database" in out.getvalue()
        with pytest.raises(CommandError, match="is not a folder"):
            apply(tmp_path / "gone")
        assert bytes(WebhookEvent.objects.get().body) == b"{}"

    def test_beat_moves_them_every_night(self, db: None, days: Days, tmp_path: Path, settings: Any) -> None:
        keep(days, b"{}")
        days.pass_by(91 * DAY)

        assert tasks.archive_webhooks() == 0
        settings.WEBHOOK_ARCHIVE = str(tmp_path)
        assert tasks.archive_webhooks() == 1
        assert len(archived(tmp_path)) == 1

    def test_a_file_that_does_not_read_back_keeps_the_bodies_here(
        self, db: None, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(days, b"{}")
        days.pass_by(91 * DAY)
        with monkeypatch.context() as broken:
            broken.setattr(archive, "_digests", lambda _: iter([]))
            with pytest.raises(CommandError, match="bodies stay in the database"):
                apply(tmp_path)

        assert not archived(tmp_path)
        assert bytes(WebhookEvent.objects.get().body) == b"{}"
        assert apply(tmp_path)["bodies"] == 1

    def test_a_file_that_never_reads_back_keeps_no_other_body_here(self, db: None, days: Days, tmp_path: Path) -> None:
        """A body that is not what its digest says was spoiled in the database; what came after it is not."""
        keep(days, b'{"event": "spoiled"}')
        days.pass_by(91 * DAY)
        WebhookEvent.objects.update(body=b"{}")
        with pytest.raises(CommandError, match="bodies stay in the database"):
            apply(tmp_path)
        keep(days, b'{"event": "later"}')
        days.pass_by(91 * DAY)

        with pytest.raises(CommandError, match="bodies stay in the database"):
            apply(tmp_path)

        assert [bytes(each.body) for each in WebhookEvent.objects.order_by("pk")] == [b"{}", b""]


DIES = """
import os, sys, django
django.setup()
from django.core.management import call_command
from core.services.webhooks import archive, processing
seen, last = 0, int(sys.argv[2])
def trace(frame, event, argument):
    global seen
    if frame.f_code.co_filename == archive.__file__:
        seen += 1
        if seen == last:
            os.kill(os.getpid(), 9)
    return trace
archive.AT_ONCE = 7
sys.settrace(trace)
call_command("apply_retention", "--to", sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.processes
def test_a_process_killed_anywhere_loses_nothing(transactional_db: None, days: Days, tmp_path: Path) -> None:
    """Killed with -9 at every so many lines of the service, again and again until a run comes through."""
    bodies = [json.dumps({"event": f"number {number}"}).encode() for number in range(40)]
    keep(days, *bodies)
    WebhookEvent.objects.update(processed_at=datetime(2020, 1, 1, tzinfo=UTC))  # long ago by every machine's clock
    surroundings = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "zelton_backend.settings"}
    kills = 0
    for line in (20, 45, 60, 75, 90, 150, 260, 10**9):
        command = [sys.executable, "-c", DIES, str(tmp_path), str(line)]
        done = subprocess.run(command, env=surroundings, cwd=settings.BASE_DIR, capture_output=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        kills += done.returncode != 0
        here = {bytes(event.body) for event in WebhookEvent.objects.all()}
        there = {line["body"].encode() for line in archived(tmp_path)}
        assert set(bodies) <= here | there

    counted = Counter(line["body"].encode() for line in archived(tmp_path))
    assert counted == Counter(bodies)  # each once
    assert kills >= 4
    assert not WebhookEvent.objects.filter(archived_at=None).exists()
    assert set(WebhookEvent.objects.values_list("archive", flat=True)) == {
        path.name for path in tmp_path.glob("webhooks-*")
    }


def database_url() -> str:
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
