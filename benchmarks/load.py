"""The load generator, a process of its own: `python -m benchmarks.load` reads a Load as JSON, prints what it saw.

Requests are bytes made beforehand, so that little of the machine goes to asking. `@N@` in path, headers or body is
the request's number, `@TOKEN@` the token whose turn it is.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

IN_CHUNKS, LAST_CHUNK = 1 << 62, b"0\r\n\r\n"
GIVE_UP_AFTER = 30.0  # seconds without an answer


@dataclass(frozen=True, slots=True)
class Load:
    """What to send, and how.

    :param rate: requests per second, whether or not earlier ones were answered; None: as many as are answered
    :param requests: end after so many; None: after `seconds`
    """

    port: int
    path: str
    body: str = ""
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    connections: int = 16
    seconds: float = 3.0
    rate: float | None = None
    requests: int | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back. Milliseconds count from when a request was due, so that waiting to be sent counts too."""

    answers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    statuses: dict[str, int]


class Source:
    """Makes one request after another."""

    def __init__(self, load: Load) -> None:
        fixed = {"Host": f"127.0.0.1:{load.port}", **load.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        self._head = f"{load.method} {load.path} HTTP/1.1\r\n{lines}".encode()
        self._body, self._tokens = load.body.encode(), [token.encode() for token in load.tokens]
        self._first, self._made = load.first, 0

    def next(self) -> bytes:
        number = str(self._first + self._made).encode()
        body, head = self._body.replace(b"@N@", number), self._head.replace(b"@N@", number)
        if self._tokens:
            head = head.replace(b"@TOKEN@", self._tokens[self._made % len(self._tokens)])
        self._made += 1
        return b"%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, and then whatever the run wants."""

    def __init__(self, run: "Run") -> None:
        self._run, self._answer, self._missing = run, b"", -1
        self.asked_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def ask(self, due: float) -> None:
        self.asked_at, self._answer, self._missing = due, b"", -1
        self._transport.write(self._run.source.next())

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return
        if self._missing < 0:
            self._missing = _length(head)
        whole = body.endswith(LAST_CHUNK) if self._missing == IN_CHUNKS else len(body) >= self._missing
        if whole:
            self._run.answered(self, int(head[9:12]))

    def connection_lost(self, problem: Exception | None) -> None:
        self._run.lost(problem)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return IN_CHUNKS


class Run:
    def __init__(self, load: Load) -> None:
        self.source, self._load = Source(load), load
        self._milliseconds: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._idle: deque[Connection] = deque()
        self._waiting: deque[float] = deque()
        self._asked = 0
        self._ended = False

    async def run(self) -> Seen:
        loop = asyncio.get_running_loop()
        for _ in range(self._load.connections):
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._load.port)
            self._idle.append(connection)
        self._start = self._last = time.perf_counter()
        self._ends = self._start + self._load.seconds
        if self._load.rate is None:
            while self._idle:
                self._ask(self._idle.popleft(), time.perf_counter())
        else:
            await self._keep_pace(self._load.rate)
        while len(self._milliseconds) < self._asked:
            if time.perf_counter() > max(self._ends, self._last) + GIVE_UP_AFTER:
                break
            await asyncio.sleep(0.01)
        self._ended = True
        return self._seen()

    def answered(self, connection: Connection, status: int) -> None:
        now = time.perf_counter()
        self._last = now
        self._milliseconds.append((now - connection.asked_at) * 1000)
        self._statuses[str(status)] += 1
        if self._waiting:
            self._ask(connection, self._waiting.popleft())
        elif self._load.rate is None and self._goes_on(now):
            self._ask(connection, now)
        else:
            self._idle.append(connection)

    def lost(self, problem: Exception | None) -> None:
        if not self._ended:
            raise SystemExit(f"The server closed a connection: {problem}")

    def _goes_on(self, now: float) -> bool:
        return now < self._ends if self._load.requests is None else self._asked < self._load.requests

    def _ask(self, connection: Connection, due: float) -> None:
        self._asked += 1
        connection.ask(due)

    async def _keep_pace(self, rate: float) -> None:
        due = self._start
        while due < self._ends:
            while due <= time.perf_counter():
                if self._idle:
                    self._ask(self._idle.popleft(), due)
                else:
                    self._waiting.append(due)
                due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))  # and leave the processor to the server
        while self._waiting:
            await asyncio.sleep(0.01)

    def _seen(self) -> Seen:
        taken = sorted(self._milliseconds)
        seconds = self._last - self._start
        return Seen(
            answers=len(taken),
            per_second=len(taken) / seconds,
            p50_ms=taken[len(taken) // 2],
            p99_ms=taken[min(len(taken) - 1, len(taken) * 99 // 100)],
            worst_ms=taken[-1],
            statuses=dict(self._statuses),
        )


def main() -> None:
    load = Load(**json.load(sys.stdin))
    print(json.dumps(asdict(asyncio.run(Run(load).run()))))


if __name__ == "__main__":
    main()
