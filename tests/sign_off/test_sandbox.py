"""The walk through PhonePe's sandbox, with the simulator in its place: stopped, taken up again, and judged."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client

from phonepe_simulator import Simulator, WebhookDelivery
from phonepe_simulator.http_server import SimulatorServer
from zelton_backend.local_stack.surroundings import SANDBOX_PATH
from zelton_backend.sign_off.front_door import WEBHOOK_PATH
from zelton_backend.sign_off.management.commands import phonepe_uat
from zelton_backend.sign_off.requirements import BY_HAND
from zelton_backend.sign_off.sandbox.judging import JUDGES, NOT_THERE
from zelton_backend.simulation.database import Databases
from zelton_backend.simulation.virtual_time import VirtualClock, virtual_wall_clock

LIFE = 300
PAID_AT_PHONEPE = 12345


@dataclass
class Sandbox:
    """PhonePe's sandbox, and a person in front of the command.

    :ivar pays_after: seconds; the person pays the link then
    :ivar stops_after: seconds; the person presses Ctrl-C then
    """

    simulator: Simulator
    clock: VirtualClock
    pays_after: float = 10
    stops_after: float = float("inf")
    webhooks_arrive: bool = True

    def pause(self, seconds: float) -> None:
        """Let a second pass in place of the half one that the command waits: nothing is due in between."""
        self.clock.shift(max(1.0, seconds))
        self.simulator.tick()
        waiting = [
            order for order in self.simulator.orders.values() if order.amount == PAID_AT_PHONEPE and not order.attempts
        ]
        if waiting and self.clock.seconds() > self.pays_after and waiting[0].state == "PENDING":
            self.simulator.attempt(waiting[0].merchant_order_id, mode="CARD")
        if self.clock.seconds() > self.stops_after:
            self.stops_after = float("inf")
            raise KeyboardInterrupt

    def carry(self, letter: WebhookDelivery) -> int | None:
        if not self.webhooks_arrive:
            return None
        answer = Client().post(WEBHOOK_PATH, letter.body, content_type="application/json", headers=dict(letter.headers))
        return int(answer.status_code)


@pytest.fixture
def sandbox(prepared: None, databases: Databases, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    name = databases.copy()
    username, password = settings.PHONEPE_WEBHOOK_CREDENTIALS[0].split(":")
    with databases.opened(name), virtual_wall_clock(datetime.now(UTC).replace(microsecond=0)) as clock:
        simulator = Simulator(
            seed=7,
            client_id=settings.PHONEPE_CLIENT_ID,
            client_secret=settings.PHONEPE_CLIENT_SECRET,
            webhook_username=username,
            webhook_password=password,
            deliver=lambda letter: made.carry(letter),
        )
        made = Sandbox(simulator, clock)
        with SimulatorServer(simulator, ticks=False) as server:
            simulator.base_url = server.url
            settings.PHONEPE_BASE_URL = server.url + SANDBOX_PATH
            settings.PHONEPE_ORDER_EXPIRE_AFTER = LIFE
            monkeypatch.setattr(phonepe_uat, "pause", made.pause)
            yield made
    databases.drop(name)


@pytest.fixture
def walk(sandbox: Sandbox, tmp_path: Path) -> Callable[[], tuple[dict[str, Any], str]]:
    """Run the command; return the verdicts and proofs by id, and what it said to the person."""

    def run() -> tuple[dict[str, Any], str]:
        out = StringIO()
        call_command("phonepe_uat", "--sandbox", "--report", str(tmp_path), stdout=out)
        told = json.loads((tmp_path / "evidence.json").read_text())
        assert told["environment"] == "SANDBOX"
        return {each["id"]: each for each in told["requirements"]}, out.getvalue()

    return run


def verdicts(told: dict[str, Any], verdict: str) -> set[str]:
    return {name for name, each in told.items() if each["verdict"] == verdict}


def test_every_id_is_judged_or_says_why_not() -> None:
    ids = {each.id for each in phonepe_uat.all_requirements()}

    assert set(JUDGES) | set(NOT_THERE) | BY_HAND == ids
    assert len(JUDGES) + len(NOT_THERE) + len(BY_HAND) == len(ids)


def test_a_walk_that_is_stopped_goes_on_and_proves_what_happened(walk: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.stops_after = 2
    told, said = walk()
    link = next(line.strip() for line in said.splitlines() if line.strip().startswith("http"))
    assert link in {
        f"{sandbox.simulator.base_url}/transact/uat_v2?token={order.token}"
        for order in sandbox.simulator.orders.values()
    }
    for words in ("Pay this link now", "4208 5851 9011 6667", "OTP 123456", "Paypage Upi Intent Success", "Stopped."):
        assert words in said
    assert told["S8"]["verdict"] == "not_run"
    assert len(sandbox.simulator.orders) == 3

    told, said = walk()

    assert len(sandbox.simulator.orders) == 3, "it goes on with the orders that it has"
    assert "PhonePe says that the order “paid” is COMPLETED." in said
    assert verdicts(told, "failed") == set()
    assert verdicts(told, "proved") == set(JUDGES)
    assert verdicts(told, "by_hand") == BY_HAND
    for name in NOT_THERE:
        assert "proved beside the simulator by this command without --sandbox." in told[name]["proof"]
    [polls] = [entry for entry in told["S4"]["evidence"] if entry["kind"] == "polls"]
    assert len(polls["rows"]) == 30
    written = "".join((tmp_path / name).read_text() for name in ("evidence.json", "report.html", "progress.json"))
    for secret in (
        django_settings.PHONEPE_CLIENT_SECRET,
        "hooks4tests",
        sha256(b"zelton_hooks:hooks4tests").hexdigest(),
    ):
        assert secret not in written


@pytest.mark.slow
def test_without_webhooks_and_without_a_payer_it_says_what_was_not_seen(walk: Any, sandbox: Sandbox) -> None:
    sandbox.webhooks_arrive = False
    sandbox.pays_after = float("inf")

    told, _ = walk()

    assert verdicts(told, "failed") == set()
    assert {"S4", "S6", "S8", "S9", "W6", "P1", "P8"} <= verdicts(told, "proved")
    assert {"W3", "W5", "R1", "T5", "S5", "S7"} <= verdicts(told, "not_run")
    assert "register the webhook" in told["W3"]["proof"]
    assert told["R1"]["proof"] == "Nothing was refunded: the order was not paid."


class TestRefusals:
    def test_a_folder_with_the_walk_of_another_client(self, walk: Any, sandbox: Sandbox, settings: Any) -> None:
        sandbox.stops_after = 1
        walk()
        settings.PHONEPE_CLIENT_ID = "ANOTHERCLIENT"

        with pytest.raises(CommandError, match=r"with another client id\. Choose another folder\.$"):
            walk()

    def test_a_folder_with_something_else(self, walk: Any, tmp_path: Path) -> None:
        (tmp_path / "progress.json").write_text("[1]")

        with pytest.raises(CommandError, match=r"cannot be read: TypeError\. Choose another folder\.$"):
            walk()

    def test_phonepe_that_cannot_be_reached(self, walk: Any, settings: Any) -> None:
        settings.PHONEPE_BASE_URL = "http://127.0.0.1:9/apis/pg-sandbox"

        with pytest.raises(CommandError, match=r"^PhonePe's sandbox opened no order: .+\.$"):
            walk()

    def test_no_webhook_credentials(self, walk: Any, settings: Any) -> None:
        settings.PHONEPE_WEBHOOK_CREDENTIALS = []

        with pytest.raises(CommandError, match="PHONEPE_WEBHOOK_USERNAME"):
            walk()
