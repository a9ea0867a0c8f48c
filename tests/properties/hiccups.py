"""What may happen to a process in the middle of its work: it dies, another one acts meanwhile, PhonePe is slow.

A story has moments: before a call to PhonePe, when its answer is in hand, and after every commit. No lock is
held at any of them, so another process may do whatever it likes there, and this one may end there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE")
# A write without any of these moves no money and completes nothing: schedules, webhooks, keys, alerts.
MONEY = ("ledgerline", "journalentry", "core_refund", "rentcharge", "status", "captured_paise", "refunding_paise")
UNDOING = ("ROLLBACK TO", "RELEASE")


class Died(BaseException):
    """The process was killed: nothing of it goes on, not even what it would do at last."""


@dataclass(frozen=True, slots=True)
class Dies:
    """The process is killed at one of its moments."""

    at: int


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """At one of the moments somebody else does something; if it is an answer's, so many seconds after the call."""

    at: int
    what: str
    after: float = 0


@dataclass(frozen=True, slots=True)
class Slow:
    """PhonePe takes its time for every answer."""

    seconds: float


Hiccup = Dies | Meanwhile | Slow | None


class Moments:
    """Counts the moments of one process's work, and lets happen there what the story wants.

    :param others: what other processes and people can do meanwhile, by name
    :param let_pass: lets seconds pass
    """

    def __init__(self, others: dict[str, Callable[[], Any]], let_pass: Callable[[float], None]) -> None:
        self._others, self._let_pass = others, let_pass
        self._hiccup: Hiccup = None
        self._left = 0
        self._is_dead = self._is_owed = False
        self.has_moved_money = False
        self._outside = len(connection.savepoint_ids)  # the example's own transactions, which the product has not

    def runs(self, work: Callable[[], Any], hiccup: Hiccup) -> Any:
        """Do a process's work with a hiccup; None if the process died of it."""
        self._hiccup, self._left = hiccup, getattr(hiccup, "at", 0)
        try:
            with connection.execute_wrapper(self._watch):
                return work()
        except Died:
            return None
        finally:
            self.starts_again()
            self._hiccup = None

    def starts_again(self) -> None:
        """Another process takes the dead one's place."""
        self._is_dead = self._is_owed = False

    def in_transaction(self) -> bool:
        return len(connection.savepoint_ids) > self._outside

    def calls(self) -> None:
        self._comes()

    def answered(self) -> None:
        if isinstance(self._hiccup, Slow):
            self._let_pass(self._hiccup.seconds)
        self._comes(with_answer=True)

    def _watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statement = sql.lstrip()
        if self._is_dead and not statement.startswith(UNDOING):
            raise Died  # what a killed process would do in its last `finally`, it does not do
        self._comes_if_owed()
        result = execute(sql, params, many, context)
        if statement.startswith(WRITES) and any(name in statement for name in MONEY):
            self.has_moved_money = True
        if statement.startswith((*WRITES, "RELEASE")) and not self.in_transaction():
            self._is_owed = True
        if "RETURNING" not in statement:
            self._comes_if_owed()  # else there is still a row to be read: just before the next statement
        return result

    def _comes_if_owed(self) -> None:
        if self._is_owed:
            self._is_owed = False
            self._comes()

    def _comes(self, *, with_answer: bool = False) -> None:
        if not isinstance(self._hiccup, Dies | Meanwhile):
            return
        self._left -= 1
        if self._left:
            return
        hiccup, self._hiccup = self._hiccup, None
        if isinstance(hiccup, Meanwhile):
            self._let_pass(hiccup.after if with_answer else 0)
            self._others[hiccup.what]()
            return
        self._is_dead = True
        raise Died
