"""Gathers what came in and went out into settlements, and pays them out."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from phonepe_simulator.agenda import Agenda
from phonepe_simulator.attempts import Attempt
from phonepe_simulator.checkout import Announce
from phonepe_simulator.clock import Clock
from phonepe_simulator.fees import deduction_from
from phonepe_simulator.ids import IST, IdMint
from phonepe_simulator.orders import Order
from phonepe_simulator.refunds import Refund
from phonepe_simulator.report_spoiling import ReportWriter
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlement_documents import settlement_status
from phonepe_simulator.settlements import (
    MOVES,
    Line,
    LineType,
    Settlement,
    SettlementState,
    chargeback_line,
    payment_line,
    refund_line,
)

OUTCOMES = {"success": SettlementState.PROCESSED, "failure": SettlementState.ATTEMPT_FAILED}


class SettlementDesk:
    def __init__(
        self,
        *,
        clock: Clock,
        mint: IdMint,
        settings: Callable[[], Settings],
        agenda: Agenda,
        announce: Announce,
        writer: ReportWriter,
    ) -> None:
        self.settlements: dict[str, Settlement] = {}
        self._waiting: list[Line] = []
        self._paid_out: dict[str, tuple[Settlement, Line]] = {}
        self._next_run: datetime | None = None
        self._clock = clock
        self._mint = mint
        self._settings = settings
        self._agenda = agenda
        self._announce = announce
        self._writer = writer

    # What is owed.

    def captured(self, order: Order, attempt: Attempt, at: datetime) -> None:
        """Owe the merchant a payment, less the fee of the day it was made on."""
        deduction = deduction_from(attempt.amount, attempt.mode, self._settings())
        self._owe(payment_line(order, attempt, deduction), at)

    def refunded(self, refund: Refund, at: datetime) -> None:
        self._owe(refund_line(refund), at)

    def charge_back(self, order: Order, amount: int | None) -> None:
        """Take a payment, or a part of it, back from the merchant.

        :raises ValueError: if there is not so much of it left
        """
        taken = order.refundable if amount is None else amount
        if not 1 <= taken <= order.refundable:
            raise ValueError(f"{order.refundable} paise of {order.merchant_order_id} can be charged back.")
        order.charged_back += taken
        self._owe(chargeback_line(order, taken), self._clock.now())

    def _owe(self, line: Line, at: datetime) -> None:
        self._waiting.append(line)
        self._plan(at)

    # When it is paid.

    def plan_anew(self) -> None:
        """Forget the run that was planned: the time of day has been changed."""
        self._next_run = None
        if self._waiting:
            self._plan(self._clock.now())

    def _plan(self, at: datetime) -> None:
        """Plan the next daily run, if there is a time of day for it.

        Only something new to settle plans one, so that a simulator in which nothing happens has nothing due.
        """
        daily_at = self._settings().settlement_time
        if daily_at is None or self._next_run:
            return
        self._next_run = _next_time(daily_at, after=at)
        self._agenda.add(self._next_run, self._run)

    def _run(self, due_at: datetime) -> None:
        # Another run may have been planned, or held by hand, since this one was put on the agenda.
        if due_at == self._next_run:
            self.settle(due_at)

    def settle(self, at: datetime) -> Settlement | None:
        """Pay out all that waits; None if nothing does, or if more went out than came in."""
        self._next_run = None
        lines = tuple(self._waiting)
        if not lines or sum(line.net for line in lines) < 0:
            return None
        self._waiting.clear()
        settlement = Settlement(
            settlement_id=self._mint.settlement_id(),
            utr=self._mint.settlement_utr(),
            at=at,
            lines=lines,
            reported=self._writer.write(lines),
            updated_at=at,
        )
        self.settlements[settlement.settlement_id] = settlement
        self._paid_out |= {
            line.merchant_order_id: (settlement, line) for line in lines if line.type is LineType.PAYMENT
        }
        self.tell(settlement, at)
        self._plan_end(settlement)
        return settlement

    def payout_of(self, merchant_order_id: str) -> tuple[Settlement, Line] | None:
        """Return where an order's payment was settled, and as which line."""
        return self._paid_out.get(merchant_order_id)

    # How it ends.

    def _plan_end(self, settlement: Settlement) -> None:
        settings = self._settings()
        if settings.settlement_outcome == "pending":
            return
        end = OUTCOMES[settings.settlement_outcome]
        due_at = settlement.at + timedelta(seconds=settings.settlement_processed_after)
        self._agenda.add(due_at, lambda due_at: self._end_as_planned(settlement, end, due_at))

    def _end_as_planned(self, settlement: Settlement, end: SettlementState, due_at: datetime) -> None:
        if settlement.state is SettlementState.INITIATED:
            self._move(settlement, end, due_at)

    def conclude(self, settlement: Settlement, outcome: str) -> None:
        """Let the bank take the money or not, whatever was planned.

        :raises ValueError: if the settlement cannot end like that any more
        """
        if outcome not in OUTCOMES:
            raise ValueError("A settlement ends in success or failure.")
        if OUTCOMES[outcome] not in MOVES[settlement.state]:
            raise ValueError(f"{settlement.settlement_id} is {settlement.state} already.")
        self._move(settlement, OUTCOMES[outcome], self._clock.now())

    def _move(self, settlement: Settlement, state: SettlementState, at: datetime) -> None:
        settlement.state, settlement.updated_at = state, at
        self.tell(settlement, at)

    def tell(self, settlement: Settlement, at: datetime) -> None:
        """Send the webhook of the state that the settlement is in."""
        event = f"settlement.{settlement.state.value.lower().replace('_', '.')}"
        payload = settlement_status(settlement, self._settings().merchant_id)
        self._announce(event, payload, merchant_order_id=None, at=at)


def _next_time(time_of_day: time, *, after: datetime) -> datetime:
    local = after.astimezone(IST)
    today = datetime.combine(local.date(), time_of_day, IST)
    return (today if today > local else today + timedelta(days=1)).astimezone(UTC)
