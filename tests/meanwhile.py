"""Let something happen while a call to PhonePe is under way: before it arrives there, or before its answer is read."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest

from phonepe_simulator.requests_adapter import SimulatorAdapter

Action = Callable[[], Any]


class Meanwhile:
    """Each action happens once: at the first call of that name that begins after it was planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._before: dict[str, list[Action]] = defaultdict(list)
        self._after: dict[str, list[Action]] = defaultdict(list)
        send = SimulatorAdapter.send

        def interrupted(adapter: SimulatorAdapter, request: PreparedRequest, **options: Any) -> Any:
            name = name_of(request)
            before, after = self._before.pop(name, []), self._after.pop(name, [])
            for action in before:
                action()
            answer = send(adapter, request, **options)
            for action in after:
                action()
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", interrupted)

    def before(self, call: str, action: Action) -> None:
        """Let something happen before PhonePe has our request."""
        self._before[call].append(action)

    def after(self, call: str, action: Action) -> None:
        """Let something happen after PhonePe has answered, and before we have read the answer."""
        self._after[call].append(action)


def name_of(request: PreparedRequest) -> str:
    """Return the name of a call, as the simulator's record of calls has it."""
    path = (request.url or "").partition("?")[0]
    if path.endswith("/status"):
        return "refund_status" if "/refund/" in path else "order_status"
    return {"pay": "pay", "order": "sdk_order", "refund": "refund"}.get(path.rpartition("/")[2], "oauth")
