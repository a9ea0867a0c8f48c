"""Gathers payments, refunds and chargebacks into settlements, and pays them out."""

from datetime import UTC, datetime, time, timedelta

from phonepe_simulator.context import Context
from phonepe_simulator.ids import IST
from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.settlements.documents import settlement_status
from phonepe_simulator.settlements.fees import deduction_from
from phonepe_simulator.settlements.report_damage import ReportWriter
from phonepe_simulator.settlements.settlement import (
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


class Settlements:
    def __init__(self, context: Context, *, writer: ReportWriter) -> None:
        self.settlements: dict[str, Settlement] = {}
        self._waiting: list[Line] = []
        self._paid_out: dict[str, tuple[Settlement, Line]] = {}
        self._next_run: datetime | None = None
        self._clock = context.clock
        self._ids = context.ids
        self._settings = context.settings
        self._scheduler = context.scheduler
        self._announce = context.announce
        self._writer = writer

    # What is owed.

    def captured(self, order: Order, attempt: Attempt, at: datetime) -> None:
        """Owe the merchant a payment, less the fee that applies when it is made."""
        deduction = deduction_from(attempt.amount, attempt.mode, self._settings())
        self._owe(payment_line(order, attempt, deduction), at)

    def refunded(self, refund: Refund, at: datetime) -> None:
        self._owe(refund_line(refund), at)

    def charge_back(self, order: Order, amount: int | None) -> None:
        """Take a payment back from the merchant: `amount` paise, or all that is left of it.

        :raises ValueError: if less than that is left of it
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

    def reschedule(self) -> None:
        """Replace the planned run, because the time of day has changed."""
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
        self._scheduler.add(self._next_run, self._run)

    def _run(self, due_at: datetime) -> None:
        # Since this run was scheduled, another may have been planned, or one made by hand.
        if due_at == self._next_run:
            self.settle(due_at)

    def settle(self, at: datetime) -> Settlement | None:
        """Pay out everything that waits; None if nothing does, or if more went out than came in."""
        self._next_run = None
        lines = tuple(self._waiting)
        if not lines or sum(line.net for line in lines) < 0:
            return None
        self._waiting.clear()
        settlement = Settlement(
            settlement_id=self._ids.settlement_id(),
            utr=self._ids.settlement_utr(),
            at=at,
            lines=lines,
            reported=self._writer.write(lines),
            updated_at=at,
        )
        self.settlements[settlement.settlement_id] = settlement
        self._paid_out |= {
            line.merchant_order_id: (settlement, line) for line in lines if line.type is LineType.PAYMENT
        }
        self.announce_state(settlement, at)
        self._plan_end(settlement)
        return settlement

    def payout_of(self, merchant_order_id: str) -> tuple[Settlement, Line] | None:
        """Return the settlement that an order's payment is part of, and its line there."""
        return self._paid_out.get(merchant_order_id)

    # How it ends.

    def _plan_end(self, settlement: Settlement) -> None:
        settings = self._settings()
        if settings.settlement_outcome == "pending":
            return
        end = OUTCOMES[settings.settlement_outcome]
        due_at = settlement.at + timedelta(seconds=settings.settlement_processed_after)
        self._scheduler.add(due_at, lambda due_at: self._end_as_planned(settlement, end, due_at))

    def _end_as_planned(self, settlement: Settlement, end: SettlementState, due_at: datetime) -> None:
        if settlement.state is SettlementState.INITIATED:
            self._move(settlement, end, due_at)

    def conclude(self, settlement: Settlement, outcome: str) -> None:
        """Let the bank accept or refuse the payout, whatever was planned.

        :raises ValueError: if that outcome is no longer possible
        """
        if outcome not in OUTCOMES:
            raise ValueError("A settlement ends in success or failure.")
        if OUTCOMES[outcome] not in MOVES[settlement.state]:
            raise ValueError(f"{settlement.settlement_id} is {settlement.state} already.")
        self._move(settlement, OUTCOMES[outcome], self._clock.now())

    def _move(self, settlement: Settlement, state: SettlementState, at: datetime) -> None:
        settlement.state, settlement.updated_at = state, at
        self.announce_state(settlement, at)

    def announce_state(self, settlement: Settlement, at: datetime) -> None:
        """Send the webhook for the state that the settlement is in."""
        event = f"settlement.{settlement.state.value.lower().replace('_', '.')}"
        payload = settlement_status(settlement, self._settings().merchant_id)
        self._announce(event, payload, merchant_order_id=None, at=at)


def _next_time(time_of_day: time, *, after: datetime) -> datetime:
    local = after.astimezone(IST)
    today = datetime.combine(local.date(), time_of_day, IST)
    return (today if today > local else today + timedelta(days=1)).astimezone(UTC)
