"""Orders that nobody pays, and when PhonePe was asked about each: from its own log of calls."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.processes.app import App, Call, Memory
from tests.processes.crowd import RENT
from tests.processes.deployment import Deployment

# PhonePe's mandatory polls, in seconds after an order was initiated, as far as these tests go.
POLLS = (20, *range(23, 51, 3), *range(56, 111, 6))
CLOSEST = 2.0  # seconds between two checks of one order; the closest polls are 3 s apart
OPENED_BEFORE = 15.0  # seconds; the clock is in the database, and nothing happens in the first 20


@dataclass(frozen=True, slots=True)
class Watched:
    """An order, and how many seconds after it was initiated it was checked."""

    name: str
    seconds: float  # of its life, until now
    checks: tuple[float, ...]

    def polls_served(self) -> list[int]:
        return [max((poll for poll in POLLS if poll <= check), default=-1) for check in self.checks]

    def lateness(self) -> list[float]:
        return [check - poll for check, poll in zip(self.checks, self.polls_served(), strict=True)]

    def polls_missed(self, *, patience: float) -> list[int]:
        """Return the polls that nothing served; a check that is late serves the one it comes close to as well."""
        due = [poll for poll in POLLS if poll + patience < self.seconds]
        return [poll for poll in due if not any(poll - CLOSEST < check < poll + patience for check in self.checks)]

    def closest(self) -> float:
        pairs = zip(self.checks, self.checks[1:], strict=False)
        return min((later - earlier for earlier, later in pairs), default=POLLS[-1])


def open_orders(deployment: Deployment, tenants: list[dict[str, Any]]) -> list[str]:
    """Open an order of each tenant, as if some seconds ago."""
    app = App(deployment.web, Memory())
    calls = [Call.new(tenant["token"], RENT, amount="1000.00") for tenant in tenants]
    answers = [app.insist(call, until=time.monotonic() + 30) for call in calls]
    names = [answer.json()["merchant_order_id"] for answer in answers if answer is not None]
    assert len(names) == len(tenants)
    deployment.rows(
        "UPDATE core_paymenttransaction SET initiated_at = initiated_at - make_interval(secs => %s),"
        " next_check_at = next_check_at - make_interval(secs => %s), expire_at = expire_at - make_interval(secs => %s)"
        " WHERE merchant_order_id = ANY(%s) RETURNING id",
        *[OPENED_BEFORE] * 3,
        names,
    )
    return names


def watched(deployment: Deployment, names: list[str]) -> list[Watched]:
    rows = deployment.rows(
        "SELECT merchant_order_id, initiated_at, now() AS now FROM core_paymenttransaction"
        " WHERE merchant_order_id = ANY(%s)",
        names,
    )
    calls = deployment.phonepe_says("calls?name=order_status")
    return [
        Watched(
            row["merchant_order_id"],
            (row["now"] - row["initiated_at"]).total_seconds(),
            tuple(
                (datetime.fromisoformat(call["at"]) - row["initiated_at"]).total_seconds()
                for call in calls
                if call["merchant_order_id"] == row["merchant_order_id"]
            ),
        )
        for row in rows
    ]
