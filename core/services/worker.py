"""The tick: read what came, then ask PhonePe about what is due. The schedule is in the database.

Any number of beats, workers and commands may tick at once, see `claims`. How fast they may ask, see `rate_limit`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import structlog
from django.db import connection
from django.db.models import CharField, DateTimeField, Max, Model, Q, QuerySet
from django.utils import timezone

from core.db.connection import passes
from core.db.prepared import Param, Prepared, PreparedLook
from core.models import (
    Alert,
    ChangeCause,
    LineOutcome,
    Mandate,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
)
from core.models.reconciled import ASK_AT_MOST_EVERY, NOT_CLOSED, ReconciledQuerySet
from core.services import watching
from core.services.mandates import renewing
from core.services.operations import delivery
from core.services.payments import order_status
from core.services.phonepe.call_record import kept_together
from core.services.phonepe.rate_limit import rate_limit
from core.services.polling.claims import (
    CheckResult,
    Claim,
    claim_now,
    claim_rows,
    give_back,
    lockable,
    may_still_ask,
    recover_put_off,
)
from core.services.polling.pending import NotePending, PendingAnswers, note_pending
from core.services.polling.queue import Queue, QueuePass, Rows
from core.services.refunds import dashboard, refund_status
from core.services.settlements.importing import match_again, match_what_changed
from core.services.webhooks import processing

logger = structlog.get_logger(__name__)

AT_ONCE = 10  # rows claimed together at first, and at most so many times MORE_AT_ONCE
MORE_AT_ONCE = 4
WORTH = 0.4  # seconds of asking that are claimed together; what is asked last may be late by so much
FRESH = timedelta(minutes=5)  # a payer waits for such an order, and the schedule is dense
WEBHOOKS = "webhooks"
WEBHOOKS_AT_ONCE = 200
READ_FOR = 0.5  # seconds of a tick, at most, that webhooks are read before PhonePe is asked
LOOK_AGAIN = 0.1  # seconds, while there is no permit


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of row that PhonePe is asked about, and how one is checked.

    :ivar ask_now: asks about one inside a request, unless that was done within the last three seconds
    :ivar share: of the calls of a second, how many may be for this work; the rest is kept for what comes after it
    """

    queue: Queue
    check: Callable[..., CheckResult]
    ask_now: Callable[..., CheckResult]
    share: float = 1.0

    def rows(self) -> ReconciledQuerySet:
        return self.queue.all_rows()

    def count_due(self, now: datetime, at_most: int) -> int:
        """Count the rows that are due, up to so many. Asked ten times a second."""
        model: Any = self.queue.all_rows().model
        return len(_first_due(model, at_most).rows(now=now))

    def claim_due(
        self,
        *,
        due_by: datetime,
        limit: int,
        cause: ChangeCause = ChangeCause.CLOCK,
        queue_pass: QueuePass | None = None,
    ) -> list[Claim[Any]]:
        """Claim rows that are due.

        :param queue_pass: the pass that this claim is a part of; left out: one of its own
        """

        def take(rows: Rows, wanted: int) -> list[Claim[Any]]:
            due, fresh_since = _locked_due(rows, wanted), timezone.now() - FRESH
            return claim_rows(lambda: due.rows(due_by=due_by, fresh_since=fresh_since), cause)

        return (queue_pass or QueuePass(self.queue)).claim(limit, take)

    def claim_not_closed(self, *, after: int, asked_before: datetime) -> list[Claim[Any]]:
        """Claim rows that are not closed, due or not, unless PhonePe was asked about them just now.

        :param after: leave out rows up to this key, which were looked at
        :param asked_before: leave out what was asked about since then
        """
        rows = self.rows().not_asked_recently(timezone.now()).not_closed().filter(pk__gt=after).order_by("pk")
        wanted = rows.filter(Q(asked_at__isnull=True) | Q(asked_at__lt=asked_before))
        return claim_rows(lambda: lockable(wanted)[:AT_ONCE], ChangeCause.COMMAND)


@cache
def _locked_due(rows: Rows, limit: int) -> Prepared[Any]:
    return Prepared(lambda: lockable(rows().due(Param("due_by", DateTimeField())))[:limit])


@cache
def _first_due(model: type[Model], at_most: int) -> Prepared[tuple[int]]:
    due = ReconciledQuerySet(model).due(Param("now", DateTimeField()))
    return Prepared(lambda: due.values_list("pk")[:at_most])


def _fresh_orders() -> ReconciledQuerySet:
    # An order is not due before it began: said of both, the index passes over whatever has been due for longer.
    since = Param("fresh_since", DateTimeField())
    return PaymentTransaction.objects.filter(initiated_at__gt=since, next_check_at__gt=since)


def _refunds_never_sent() -> ReconciledQuerySet:
    return Refund.objects.filter(sent_at__isnull=True)


def _check_order(claim: Claim[PaymentTransaction], *, now: datetime, note: NotePending = note_pending) -> CheckResult:
    return _compared(order_status.ask(claim, now=now, note=note), merchant_order_id=claim.row.merchant_order_id)


def _ask_about_order_now(row: PaymentTransaction, *, cause: ChangeCause) -> CheckResult:
    return _compared(order_status.ask_now(row, cause=cause), merchant_order_id=row.merchant_order_id)


def _check_refund(claim: Claim[Refund], *, now: datetime, note: NotePending = note_pending) -> CheckResult:
    return _compared(refund_status.check(claim, now=now, note=note), merchant_refund_id=claim.row.merchant_refund_id)


def _ask_about_refund_now(row: Refund, *, cause: ChangeCause) -> CheckResult:
    return _compared(refund_status.ask_now(row, cause=cause), merchant_refund_id=row.merchant_refund_id)


def _check_reported(claim: Claim[ReportedRefund], *, now: datetime, note: NotePending = note_pending) -> CheckResult:
    return _compared(dashboard.check(claim, now=now, note=note), merchant_refund_id=claim.row.merchant_refund_id)


def _ask_about_reported_now(row: ReportedRefund, *, cause: ChangeCause) -> CheckResult:
    claim = claim_now(row, cause=cause)
    return CheckResult.NOT_ASKED if claim is None else _check_reported(claim, now=timezone.now())


@cache
def _disagreeing(name: str) -> Prepared[tuple[int]]:
    """Return the settlements whose lines about an order or a refund, by the field of that name, did not agree."""
    lines = SettlementLine.objects.filter(**{name: Param("about", CharField())}).exclude(outcome=LineOutcome.MATCHED)
    return Prepared(lambda: lines.values_list("settlement_id"))


def _compared(result: CheckResult, **about: str) -> CheckResult:
    """Once PhonePe has said its final word, settlements compare themselves anew whose lines about it did not agree.

    :param about: the field of a line that names it, and its id
    """
    if result == CheckResult.FINAL:
        [(name, value)] = about.items()
        if found := _disagreeing(name).rows(about=value):  # for nearly every payment there is none
            match_again(Settlement.objects.filter(pk__in=[pk for (pk,) in found]), now=timezone.now())
    return result


ORDERS = Work(Queue(_fresh_orders, PaymentTransaction.objects.all), _check_order, _ask_about_order_now, share=0.8)
REFUNDS = Work(Queue(_refunds_never_sent, Refund.objects.all), _check_refund, _ask_about_refund_now)
REPORTED_REFUNDS = Work(Queue(ReportedRefund.objects.all), _check_reported, _ask_about_reported_now)
# Looked at by `renew_subscriptions`, not by every tick: what is due under a mandate is due by the minute.
MANDATES = Work(Queue(Mandate.objects.all), renewing.check, renewing.look_now, share=0.8)


@dataclass(slots=True)
class Tally:
    """What a run did, for the command's summary."""

    webhooks: int = 0
    asked: int = 0
    final: int = 0
    pending: int = 0
    not_found: int = 0
    unanswered: int = 0
    failed: int = 0
    alerts: int = 0
    left: int = 0  # still due, because PhonePe does not answer
    asked_ids: list[str] = field(default_factory=list)
    unanswered_ids: list[str] = field(default_factory=list)

    def add(self, result: CheckResult, name: str) -> None:
        if result == CheckResult.NOT_ASKED:
            return
        self.asked += 1
        self.asked_ids.append(name)
        setattr(self, result.value, getattr(self, result.value) + 1)
        if result == CheckResult.UNANSWERED:
            self.unanswered_ids.append(name)


def tick() -> None:
    """Do all that is due now, in this process, as far as PhonePe may be asked."""
    survives(WEBHOOKS, partial(read_webhooks, seconds=READ_FOR))
    survives("recovery", recover)
    for name, work in works().items():
        survives(name, partial(do_due, work, Tally()))
    survives("watch", lambda: watching.look(now=timezone.now()))
    survives("notifications", delivery.deliver_beside)


def what_waits(now: datetime) -> set[str]:
    """Return for which of WEBHOOKS and the names of `works` there is something to do now."""
    return {name if name in works() else WEBHOOKS for name in _WAITING.found(now=now)}


def _kinds_of_waiting() -> dict[str, QuerySet[Any]]:
    now = Param("now", DateTimeField())
    return {**processing.waiting(now), **{name: work.rows().due(now) for name, work in works().items()}}


_WAITING = PreparedLook(_kinds_of_waiting)


def works() -> dict[str, Work]:
    """Return all that PhonePe is asked about, in the order of a tick."""
    return {"orders": ORDERS, "refunds": REFUNDS, "reported refunds": REPORTED_REFUNDS}


def survives(step: str, do: Callable[[], object]) -> bool:
    """Do one step of a tick; whatever goes wrong in it keeps neither the other steps nor the next tick from theirs.

    Returns whether it went well.
    """
    try:
        do()
    except Exception as error:
        if passes(error):
            logger.error("tick_failed", step=step, database=str(error).partition("\n")[0])  # noqa: TRY400 - no defect
        else:
            logger.exception("tick_failed", step=step)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # if the connection broke, the next step opens another
        return False
    return True


def recover() -> None:
    """Make due what a machine whose clock is ahead has put off."""
    for work in works().values():
        recover_put_off(work.rows())


def process_webhooks() -> int:
    return processing.process_waiting(now=timezone.now(), limit=WEBHOOKS_AT_ONCE)


def read_webhooks(seconds: float = float("inf")) -> int:
    """Read stored webhooks until none is left, or for so many seconds; return how many were read."""
    done, ends = 0, time.monotonic() + seconds
    while read := process_webhooks():
        done += read
        if time.monotonic() > ends:
            break
    return done


def do_due(
    work: Work,
    tally: Tally,
    *,
    due_by: datetime | None = None,
    cause: ChangeCause = ChangeCause.CLOCK,
    seconds: float = float("inf"),
) -> bool:
    """Check the rows that are due; tell whether all of them were checked.

    Stops when there is no permit to ask, or after so many seconds.

    :param due_by: left out: now
    """
    due_by, ends, batch = due_by or timezone.now(), time.monotonic() + seconds, AT_ONCE
    queue_pass = QueuePass(work.queue)
    while (
        not queue_pass.is_over
        and time.monotonic() < ends
        and (permits := rate_limit().permits(batch, share=work.share))
    ):
        claims = work.claim_due(due_by=due_by, limit=permits, cause=cause, queue_pass=queue_pass)
        rate_limit().give_back(permits - len(claims))
        if claims:
            began = time.monotonic()
            looked_at = check(work, claims, tally)
            if looked_at < len(claims):
                queue_pass.start_over()  # the rest is due again
            each = (time.monotonic() - began) / max(1, looked_at)
            batch = max(1, min(MORE_AT_ONCE * AT_ONCE, round(WORTH / max(each, 0.001))))
    return queue_pass.is_over


def do_all(work: Work, tally: Tally, *, asked_before: datetime) -> None:
    """Check every row that is not closed, due or not, whether PhonePe answers or not.

    :param asked_before: leave out what was asked about since then
    """
    done = 0
    work.rows().not_closed().forget_questions_to_come()
    while claims := work.claim_not_closed(after=done, asked_before=asked_before):
        rate_limit().spend(len(claims))
        if looked_at := check(work, claims, tally):
            done = claims[looked_at - 1].row.pk


def run(*works: Work, everything: bool, tally: Tally | None = None) -> Tally:
    """Do what an operator's command does: read webhooks, check rows, and say what came of it.

    What the webhooks made due is among the rows that are checked. A row about which PhonePe was asked just before is
    waited for, because it may be asked every three seconds.

    :param everything: also check rows that are not closed and not due
    :param tally: where it is counted while it goes on; left out: a new one
    """
    tally, started = tally or Tally(), timezone.now()
    tally.webhooks = read_webhooks()
    recover()
    for work in works:
        due_by = _run(work, tally, started=started, everything=everything)
        if seconds := _seconds_to_wait(work, tally, started=started, everything=everything):
            time.sleep(seconds)
            due_by = _run(work, tally, started=started, everything=everything)
        tally.left += work.rows().due(due_by).count()
    survives("settlements", lambda: match_what_changed(now=timezone.now()))  # which beat has done every hour
    survives("notifications", delivery.deliver_due)
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def run_for(named: Sequence[tuple[Work, Any]], *, tally: Tally) -> Tally:
    """Ask about certain rows now, whether they are due, or closed, or not; wait where one was asked about just before.

    :param named: each row with the work that checks it
    :param tally: where it is counted while it goes on
    """
    started = timezone.now()
    for work, row in named:
        result = work.ask_now(row, cause=ChangeCause.COMMAND)
        if result == CheckResult.NOT_ASKED:
            time.sleep(ASK_AT_MOST_EVERY.total_seconds())
            row.refresh_from_db()
            result = work.ask_now(row, cause=ChangeCause.COMMAND)
        tally.add(result, str(row))
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def _run(work: Work, tally: Tally, *, started: datetime, everything: bool) -> datetime:
    """Check what is to be checked now; return by when that was due."""
    if everything:
        do_all(work, tally, asked_before=started)
    due_by = timezone.now()
    while not do_due(work, tally, due_by=due_by, cause=ChangeCause.COMMAND) and not rate_limit().breaker.is_open:
        time.sleep(LOOK_AGAIN)
    return due_by


def _seconds_to_wait(work: Work, tally: Tally, *, started: datetime, everything: bool) -> float:
    """Return in how many seconds all may be asked about that others asked about just before this run; 0: at once."""
    now = timezone.now()
    wanted = Q(reconciliation_status__in=NOT_CLOSED) if everything else Q(pk__in=())
    if tally.webhooks:  # they make due as soon as PhonePe may be asked again
        wanted |= Q(next_check_at__gt=now, next_check_at__lte=now + ASK_AT_MOST_EVERY)
    rows = work.rows().filter(wanted, asked_at__gt=now - ASK_AT_MOST_EVERY, asked_at__lt=started)
    asked_at = rows.aggregate(last=Max("asked_at"))["last"]
    return (asked_at + ASK_AT_MOST_EVERY - now).total_seconds() if asked_at is not None else 0.0


def check(work: Work, claims: list[Claim[Any]], tally: Tally) -> int:
    """Check claimed rows; a row that fails does not stop the others.

    Rows for which their claims leave no time, because PhonePe took long for those before them, are given back; return
    how many were not.
    """
    with PendingAnswers() as pending, kept_together():
        for number, claim in enumerate(claims):
            now = timezone.now()
            if not claim.outlasts_a_call(now):
                give_back(claims[number:])
                return number
            try:
                if not may_still_ask(claim, now=now):
                    continue  # claimed or asked about since; if need be it comes up again
                tally.add(work.check(claim, now=now, note=pending.add), str(claim.row))
            except Exception:
                # A defect of ours: the claim lapses and the row comes up again.
                logger.exception("check_failed", row=str(claim.row))
                tally.failed += 1
    return len(claims)
