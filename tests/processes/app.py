"""The mobile app in one person's hand: it repeats what went wrong, under the same Idempotency-Key."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

PATIENCE = 10.0  # seconds for one answer, unless somebody has more
AGAIN_AFTER = 0.4
WORTH_REPEATING = {409: {"still_running"}, 429: None, 500: None, 502: None, 503: None, 504: None}


@dataclass(frozen=True, slots=True)
class Call:
    """A POST that moves money, under its key."""

    token: str
    path: str
    body: tuple[tuple[str, Any], ...]
    key: str

    @classmethod
    def new(cls, token: str, path: str, **body: Any) -> "Call":
        return cls(token, path, tuple(body.items()), uuid.uuid4().hex)


@dataclass(slots=True)
class Memory:
    """What everybody was told, for the comparison at the end. Shared by all apps."""

    granted: dict[Call, list[tuple[int, Any]]] = field(default_factory=dict)
    unanswered: set[Call] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self._lock:
            self.seen[what] += 1

    def note_granted(self, call: Call, status: int, body: Any) -> None:
        with self._lock:
            self.granted.setdefault(call, []).append((status, body))


class App:
    """One connection at a time; a new one after every answer, as from behind a proxy, unless it is kept."""

    def __init__(self, web: str, memory: Memory, *, keeps_connection: bool = False, patience: float = PATIENCE) -> None:
        self._web, self._memory, self._patience = web, memory, patience
        self._session = requests.Session()
        self._session.trust_env = False
        if not keeps_connection:
            self._session.headers["Connection"] = "close"

    def get(self, path: str, token: str) -> requests.Response | None:
        """Ask once; None if nobody answers."""
        return self._send("GET", path, token)

    def post(self, call: Call) -> requests.Response | None:
        """Ask once for what moves money; None if nobody answers."""
        answer = self._send("POST", call.path, call.token, json=dict(call.body), headers={"Idempotency-Key": call.key})
        if answer is not None and answer.ok:
            self._memory.note_granted(call, answer.status_code, answer.json())
            self._memory.unanswered.discard(call)
        return answer

    def delete(self, path: str, token: str) -> requests.Response | None:
        """End something once; None if nobody answers."""
        return self._send("DELETE", path, token)

    def insist(self, call: Call, *, until: float) -> requests.Response | None:
        """Repeat it until there is an answer that will not change; None if time is up."""
        self._memory.unanswered.add(call)
        while time.monotonic() < until:
            answer = self.post(call)
            if answer is not None and not _is_worth_repeating(answer):
                self._memory.unanswered.discard(call)
                return answer
            time.sleep(AGAIN_AFTER)
        return None

    def _send(self, method: str, path: str, token: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Token {token}", **(headers or {})}
        try:
            answer = self._session.request(
                method, f"{self._web}{path}", headers=headers, timeout=self._patience, **more
            )
        except requests.RequestException as problem:
            self._memory.note(type(problem).__name__)
            return None
        self._memory.note(str(answer.status_code))
        return answer


def _is_worth_repeating(answer: requests.Response) -> bool:
    if answer.status_code not in WORTH_REPEATING:
        return False
    codes = WORTH_REPEATING[answer.status_code]
    return codes is None or answer.json().get("code") in codes
