"""The same seed tells the same story, also the one that found a defect."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.utils import timezone

from core.models import ChangeCause, NotificationChannel
from core.services.operations import delivery
from core.services.payments.order_status import apply_order_status
from core.services.phonepe.responses import read_order_status
from core.services.webhooks import processing
from core.services.webhooks.known_rows import KnownRows
from core.services.webhooks.readers import Delivery, Reading
from tests.simulation.apart import simulate_apart, simulating
from zelton_backend.simulation.run import Result

ORDERS = 15


def credit_on_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a defect: believe a webhook that says that an order is paid."""
    only_asks = processing.read

    def believes(delivery: Delivery, known: KnownRows) -> Reading:
        order = known.order(delivery.payload)
        if order is not None and delivery.event == "checkout.order.completed":
            report = read_order_status(order.merchant_order_id, delivery.payload)
            apply_order_status(report, cause=ChangeCause.WEBHOOK, now=timezone.now())
        return only_asks(delivery, known)

    monkeypatch.setattr(processing, "read", believes)


class TestReplay:
    def test_the_same_seed_tells_the_same_story(self, simulate: Callable[..., Result]) -> None:
        first, other, again = simulate(3, ORDERS), simulate(4, ORDERS), simulate(3, ORDERS)

        assert first.digest == again.digest
        assert first.counts == again.counts
        assert first.digest != other.digest

    def test_a_defect_is_found_and_found_again(
        self, simulate: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credit_on_its_word(monkeypatch)

        found = next(result for seed in range(1, 30) if (result := simulate(seed, ORDERS)).violation)
        again = simulate(found.seed, ORDERS)

        assert "PhonePe" in found.violation  # credited, or held in suspense, without PhonePe's word
        assert (again.violation, again.step, again.digest) == (found.violation, found.step, found.digest)
        assert again.trace == found.trace

    def test_messages_are_sent_by_its_own_processes(
        self, simulate: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A thread beside them would come whenever the machine lets it, and lock the database."""
        sent, threads = [], []
        monkeypatch.setitem(delivery.CHANNELS, NotificationChannel.LOG, lambda notice: sent.append(notice.kind))
        monkeypatch.setattr(delivery, "Thread", lambda **started: threads.append(started) or SimpleNamespace(start=int))

        result = simulate(2, ORDERS)

        assert not result.violation
        assert sent
        assert not threads


class TestCommand:
    @pytest.mark.slow
    def test_it_needs_the_example_settings_alone_and_tells_the_same_anywhere(self, tmp_path: Path) -> None:
        before = _fingerprint_of_own_database()
        runs = [
            simulate_apart("--seed", "5", "--orders", "10", "--json", folder=tmp_path, PYTHONHASHSEED=hash_seed)
            for hash_seed in ("0", "1")
        ]

        first, again = (json.loads(run.stdout) for run in runs)
        assert [run.returncode for run in runs] == [0, 0]
        assert first["ok"]
        assert first["orders"] >= 10
        assert first["digest"] == again["digest"]
        assert not list(tmp_path.iterdir())
        assert _fingerprint_of_own_database() == before

    @pytest.mark.slow
    def test_redis_does_not_matter(self, tmp_path: Path) -> None:
        run = simulate_apart("--seed", "5", "--orders", "3", folder=tmp_path, REDIS_URL="redis://127.0.0.1:1/0")

        assert run.returncode == 0, run.stderr
        assert "agree with PhonePe's to the paisa" in run.stdout
        assert not run.stderr

    @pytest.mark.slow
    def test_many_seeds_run_side_by_side(self, tmp_path: Path) -> None:
        run = simulate_apart("--seeds", "1-3", "--orders", "3", "--jobs", "2", "--json", folder=tmp_path)

        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)["seeds"] == 3

    @pytest.mark.parametrize("told", [True, pytest.param(False, marks=pytest.mark.slow)])
    def test_whoever_watches_sees_stories_end(self, told: bool, tmp_path: Path) -> None:
        arguments = ("--seeds", "1-2", "--orders", "3", *(() if told else ("--json",)))
        ours, theirs = os.openpty()
        with simulating(*arguments, folder=tmp_path, stderr=theirs) as run:
            os.close(theirs)
            output, _ = run.communicate(timeout=120)
        seen = b""
        with suppress(OSError):  # nothing was written
            seen = os.read(ours, 10_000)
        os.close(ours)

        assert run.returncode == 0
        assert [f"Stories ended: {number}".encode() in seen for number in range(3)] == [told] * 3
        assert bool(seen) is told
        assert "Stories ended" not in output

    def test_it_does_not_run_in_production(self, tmp_path: Path) -> None:
        run = simulate_apart(
            "--seed",
            "1",
            folder=tmp_path,
            PHONEPE_ENVIRONMENT="PRODUCTION",
            ZELTON_ENV_FILE=os.devnull,
            PHONEPE_CLIENT_ID="checks",
            PHONEPE_CLIENT_SECRET="only-for-these-checks",
            PHONEPE_CLIENT_VERSION="1",
            PHONEPE_WEBHOOK_USERNAME="only_checks",
            PHONEPE_WEBHOOK_PASSWORD="only4checks",
            PHONEPE_REDIRECT_BASE_URL="https://zelton.example",
            DJANGO_ALLOWED_HOSTS="zelton.example",
            DJANGO_SECRET_KEY="a-key-for-the-test-of-a-refusal-0123456789-abcdefghijk",
        )

        assert run.returncode == 1
        assert "does not run in PRODUCTION" in run.stderr


def _fingerprint_of_own_database() -> tuple[int, int] | None:
    """Return what would change if somebody wrote to the checkout's own database."""
    path = settings.BASE_DIR / "db.sqlite3"
    return (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None
