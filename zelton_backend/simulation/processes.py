"""Our processes, and what may happen to one in the middle of its work: it is killed, or another acts meanwhile.

Every step of a process is a place for that: before each statement, before and after each COMMIT, before each call to
PhonePe and when its answer is in hand, and when all is done but not yet told. Those of them where a transaction has
read and is about to move money are told apart as decisions: what it read must still be true. So are calls to PhonePe:
what is decided after one was read before it.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from django.db import OperationalError, connection, connections
from django.test import Client

from zelton_backend.simulation.violation import Violation

Work = Callable[[], Any]
ENDLESS = 50_000
UNDOING = ("ROLLBACK", "RELEASE")
MONEY_MOVES = (
    'INSERT INTO "core_journalentry"',
    'INSERT INTO "core_ledgerline"',
    'INSERT INTO "core_statechange"',
    'INSERT INTO "core_refund"',
    'UPDATE "core_paymenttransaction" SET "merchant_order_id"',  # a whole row is saved
    'UPDATE "core_refund" SET "initiated_at"',
)


class Died(BaseException):
    """The process was killed: nothing of it goes on, not even what it would do at last."""


class Process:
    """A process of ours, on a thread and a database connection of its own.

    :param is_second: it acts while the first one stands still in the middle of its work, so it must wait for nothing
    """

    def __init__(self, *, is_second: bool = False) -> None:
        self._is_second = is_second
        self._happens: dict[int, Work] = {}
        self._at_decisions: dict[int, Work] = {}
        self._at_calls: dict[int, Work] = {}
        self._has_read = False
        self._is_dead = False
        self.steps = self.decisions = self.calls = 0
        self.waited = False
        self.has_moved_money = False
        self.client = Client(SERVER_NAME="localhost")

    def runs(
        self,
        work: Work,
        happens: Mapping[int, Work],
        at_decisions: Mapping[int, Work] | None = None,
        at_calls: Mapping[int, Work] | None = None,
    ) -> Any:
        """Do a work, and let things happen at some of its steps, decisions and calls.

        :raises Died: if the process was killed, or would have had to wait for a lock
        """
        self._happens = dict(happens)
        self._at_decisions, self._at_calls = dict(at_decisions or {}), dict(at_calls or {})
        self._is_dead = self.waited = self._has_read = False
        self.steps = self.decisions = self.calls = 0
        try:
            with connection.execute_wrapper(self._around_statement):
                result = work()
                self.step()
                return result
        finally:
            self._happens, self._at_decisions, self._at_calls, self._is_dead = {}, {}, {}, False
            if connection.in_atomic_block:  # not even its rollback was heard
                connection.close()

    def step(self) -> None:
        """Let happen what was planned for this step."""
        if self._is_dead:
            raise Died
        self.steps += 1
        if self.steps > ENDLESS:
            raise Violation(f"a work has not ended after {ENDLESS} statements and calls")
        if self._happens and (happens := self._happens.pop(self.steps, None)):
            happens()

    def calls_phonepe(self) -> None:
        """Let happen what was planned for this moment: right before a call, or with its effect there."""
        self.step()
        self.calls += 1
        if happens := self._at_calls.pop(self.calls, None):
            happens()

    def _note_decision(self, sql: str) -> None:
        """Let happen what was planned for this moment, if a transaction has read and is about to move money."""
        if not connection.in_atomic_block:
            self._has_read = False
        elif sql.startswith("SELECT"):
            self._has_read = True
        elif sql.startswith(MONEY_MOVES) and self._has_read:
            self._has_read = False
            self.decisions += 1
            if happens := self._at_decisions.pop(self.decisions, None):
                happens()

    def dies(self) -> None:
        self._is_dead = True
        raise Died

    def watch_commits(self) -> None:
        """Make COMMIT a step: Django's statements can be watched, its commits cannot."""
        commit = connection._commit  # type: ignore[attr-defined]  # noqa: SLF001 - where both ways to commit meet

        def watched() -> None:
            try:
                self.step()
            except Died:
                connection._rollback()  # type: ignore[attr-defined]  # noqa: SLF001 - else Django would commit yet
                raise
            commit()
            self.step()

        connection._commit = watched  # type: ignore[attr-defined]  # noqa: SLF001

    def forget_commits(self) -> None:
        del connection._commit  # type: ignore[attr-defined]  # noqa: SLF001

    def _around_statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        if not (self._is_dead and sql.startswith(UNDOING)):
            self.step()
            self._note_decision(sql)
        if sql.startswith(MONEY_MOVES):
            self.has_moved_money = True
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            if not (self._is_second and _would_wait(error)):
                raise
            self.waited = True
            self.dies()


def _would_wait(error: OperationalError) -> bool:
    return "locked" in str(error) or "lock timeout" in str(error)


class Processes:
    """The two processes of a simulated world: one works, and another may act in the middle of its work."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._second_thread = ThreadPoolExecutor(1, thread_name_prefix="second-process")
        self.first, self.second = Process(), Process(is_second=True)

    def __enter__(self) -> Self:
        self._enters(self.first)
        self._second_thread.submit(self._enters, self.second).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._second_thread.submit(connections.close_all).result()
        self._second_thread.shutdown()
        self.first.forget_commits()

    def _enters(self, process: Process) -> None:
        self._here.process = process
        connection.ensure_connection()
        process.watch_commits()

    @property
    def here(self) -> Process:
        """Return the process that is running now."""
        process: Process = self._here.process
        return process

    def meanwhile(self, work: Work, happens: Mapping[int, Work]) -> Any:
        """Let the second process do something while the first one stands still.

        :raises Died: if it was killed, or would have had to wait
        """
        return self._second_thread.submit(self.second.runs, work, happens).result()

    def have_moved_money(self) -> bool:
        """Tell whether money may have moved since this was asked the last time."""
        moved = self.first.has_moved_money or self.second.has_moved_money
        self.first.has_moved_money = self.second.has_moved_money = False
        return moved
