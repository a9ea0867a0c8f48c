"""Child processes: start them, notice when one dies, and leave none behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

Found = TypeVar("Found")

LOOK_EVERY = 0.05  # seconds
STOPPING_TAKES_AT_MOST = 10.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StackError(Exception):
    """Something that ends the run with a sentence."""


class ChildDied(StackError):
    pass


class TooSlow(StackError):
    pass


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM: not an error."""


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    command: tuple[str, ...]
    inherits: tuple[int, ...]  # open files, a listening socket perhaps
    log: Path
    process: subprocess.Popen[bytes]

    def tail(self, lines: int) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Family:
    """The processes of one run. Leaving the `with` block stops every one of them."""

    def __init__(self, *, logs: Path, home: Path, environment: Mapping[str, str]) -> None:
        self.logs, self._home, self._environment = logs, home, environment
        self._children: list[Child] = []
        self._helping: list[Child] = []  # commands that are expected to end
        self._replaced: list[Child] = []  # dead, but perhaps not all that they started
        self._stop_asked = False
        self._handlers_before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            ignored = signal.getsignal(number) is signal.SIG_IGN
            if ignored and number == signal.SIGHUP:
                continue  # nohup has its reasons; a script's shell that ignores SIGINT for its jobs has none
            self._handlers_before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What was started first serves the others, so it goes last.
        self._stop(self._helping + self._replaced + self._children[1:])
        self._stop(self._children[:1])
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Only noted: raising here could lose a child between its start and its entry in the list.
        self._stop_asked = True

    def start(self, name: str, *command: str, inherits: tuple[int, ...] = ()) -> Child:
        """Start a process that is to live as long as the family."""
        self._children.append(child := self._spawn(name, command, inherits=inherits))
        return child

    def restart(self, name: str) -> Child:
        """Start a child that has ended once more; its log goes on."""
        self._replaced.append(old := self.child(name))
        new = self._spawn(name, old.command, inherits=old.inherits, log_goes_on=True)
        self._children[self._children.index(old)] = new
        return new

    def begin(self, name: str, *command: str) -> Child:
        """Start a command that ends by itself; `finish` waits for it."""
        self._helping.append(child := self._spawn(name, command, stdout=subprocess.PIPE))
        return child

    def finish(self, child: Child, *, seconds: float) -> str:
        """Return what a command printed.

        :raises ChildDied: if it failed
        """
        code = self.wait_for(f"{child.name} to end", child.process.poll, seconds=seconds)
        self._helping.remove(child)
        output, _ = child.process.communicate()
        if code:
            raise ChildDied(f"{child.name} ended with exit code {code}:\n{child.tail(15)}")
        return output.decode()

    def run(self, name: str, *command: str, seconds: float = 60) -> str:
        return self.finish(self.begin(name, *command), seconds=seconds)

    def stop(self, name: str) -> None:
        """Stop a process in order; the others go on."""
        child = self.child(name)
        self._children.remove(child)
        self._stop([child])

    def child(self, name: str) -> Child:
        return next(child for child in self._children if child.name == name)

    def watch(self) -> None:
        """Notice what ends the run.

        :raises StopAsked, ChildDied: accordingly
        """
        if self._stop_asked:
            raise StopAsked
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise ChildDied(f"{child.name} {_ending(code)}. Its log is {child.log}.")

    def wait_for(self, what: str, look: Callable[[], Found | None], *, seconds: float) -> Found:
        """Look again and again until something is there; `what` completes "waited for".

        :raises TooSlow: if it does not come in time
        """
        deadline = time.monotonic() + seconds
        while (found := look()) is None:
            self.watch()
            if time.monotonic() > deadline:
                raise TooSlow(f"Waited {seconds:.0f} s for {what}.")
            time.sleep(LOOK_EVERY)
        return found

    def tails(self, lines: int = 15) -> str:
        """Return the last lines of every process, each under its name."""
        return "\n".join(
            f"--- {child.name}: last lines of {child.log}\n{child.tail(lines)}" for child in self._children
        )

    def _spawn(
        self,
        name: str,
        command: tuple[str, ...],
        *,
        inherits: tuple[int, ...] = (),
        stdout: int | None = None,
        log_goes_on: bool = False,
    ) -> Child:
        log = self.logs / f"{name}.log"
        with log.open("ab" if log_goes_on else "wb") as sink:
            process = subprocess.Popen(
                (*_stops_with_us(), *command),
                cwd=self._home,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=sink if stdout is None else stdout,
                stderr=sink,
                pass_fds=inherits,
                # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order,
                # and what a child leaves behind can be found by its group.
                start_new_session=True,
            )
        return Child(name, command, inherits, log, process)

    def _stop(self, children: list[Child]) -> None:
        for child in children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + STOPPING_TAKES_AT_MOST
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            if child.process.stdout:
                child.process.stdout.close()


@cache
def _stops_with_us() -> tuple[str, ...]:
    """Return what to begin a command with, so that it is told to stop when we are killed and cannot tell it."""
    promise = ("setpriv", "--pdeathsig", "TERM")
    try:
        works = subprocess.run([*promise, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        works = False
    return promise if works else ()


def _ending(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
