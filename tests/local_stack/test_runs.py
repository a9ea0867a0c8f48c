"""The real thing: all processes of the product, one payment, and an end without leftovers."""

import os
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local_stack.conftest import Run
from zelton_backend.local_stack.autopay import AUTOPAY_STEPS
from zelton_backend.local_stack.http import get
from zelton_backend.local_stack.journey import STEPS
from zelton_backend.local_stack.refund import REFUND_STEPS
from zelton_backend.local_stack.subscription import SUBSCRIPTION_STEPS

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        os.environ.get("ZELTON_TEST_DATABASE") == "postgresql", reason="brings its own database, so once is enough"
    ),
]


@pytest.fixture
def taken_port() -> int:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


class TestDemo:
    @pytest.mark.slow  # make demo does the same
    def test_it_takes_a_payment_through_every_process(self, start: Callable[..., Run]) -> None:
        run = start("demo")

        assert run.ends(within=240) == 0, run.output
        assert run.output.count("✓") >= len(STEPS + REFUND_STEPS + SUBSCRIPTION_STEPS + AUTOPAY_STEPS)
        assert "✗" not in run.output
        assert run.alive() == {}


class TestRun:
    def test_it_serves_beside_somebody_on_its_port_until_told_to_stop(
        self, start: Callable[..., Run], taken_port: int, tmp_path: Path
    ) -> None:
        run = start("run", "--web-port", str(taken_port), "--simulator-port", "0", "--logs", str(tmp_path / "logs"))
        run.says("Serving until Ctrl-C")
        pay_page = next(word for word in run.output.split() if "/transact/" in word)

        assert f"Port {taken_port} is taken" in run.output
        assert get(pay_page).status == 200
        for place in ("/admin/", "/api/docs/", str(tmp_path), "/docs/README.md"):
            assert place in run.output
        token, address = re.findall(r"Bearer (\S+)' (\S+/metrics)", run.output)[0]
        assert f"make mobile API={address.removesuffix('/metrics')}`" in run.output
        assert "zelton_http_request_seconds" in get(address, headers={"Authorization": f"Bearer {token}"}).text
        run.tell(signal.SIGTERM)
        assert run.ends() == 0
        assert run.alive() == {}

    @pytest.mark.slow
    def test_the_death_of_one_process_stops_all(self, start: Callable[..., Run], tmp_path: Path) -> None:
        run = start("run", "--web-port", "0", "--simulator-port", "0", "--logs", str(tmp_path))
        run.says("Serving until Ctrl-C")
        worker = next(pid for pid, command in run.alive().items() if " worker " in command)

        os.kill(worker, signal.SIGKILL)

        assert run.ends() == 1
        assert "worker was killed by signal 9" in run.output
        assert run.alive() == {}

    def test_it_can_be_stopped_while_it_starts(self, start: Callable[..., Run], tmp_path: Path) -> None:
        run = start("run", "--web-port", "0", "--simulator-port", "0", "--logs", str(tmp_path))
        run.says("simulator answers")

        run.tell(signal.SIGINT)

        assert run.ends() == 130
        assert run.alive() == {}

    @pytest.mark.slow
    def test_one_runs_at_a_time_and_the_next_says_what_was_left_open(
        self, start: Callable[..., Run], tmp_path: Path
    ) -> None:
        arguments = ("run", "--web-port", "0", "--simulator-port", "0", "--logs", str(tmp_path))
        first = start(*arguments)
        first.says("Serving until Ctrl-C")
        web = next(word for word in first.output.split() if word.endswith("/readyz")).removesuffix("/readyz")

        second = start(*arguments)
        assert second.ends() == 1
        assert f"already running here (process {first.pid}, {web})" in second.output

        first.tell(signal.SIGKILL)  # leaves the lock's file, and nobody who holds it
        first.ends()
        third = start(*arguments)
        third.says("Orders and refunds that an earlier run left open: 1.")
        assert "left open" not in first.output
