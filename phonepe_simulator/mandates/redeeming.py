"""Debits under a mandate: announced to the payer, executed a day or more later, retried until there is a final word."""

from datetime import datetime, timedelta

from phonepe_simulator.context import Context
from phonepe_simulator.errors import ApiError, bad_request
from phonepe_simulator.mandates.documents import mandate_order_event, redemption_flow
from phonepe_simulator.mandates.mandate import (
    INSUFFICIENT_BALANCE,
    NOT_ACTIVE,
    Mandate,
    MandateState,
    Redemption,
    Stage,
)
from phonepe_simulator.mandates.peak_hours import LONGEST_RETRYING, MOST_TRIES, RETRY_AFTER, is_quiet, next_quiet
from phonepe_simulator.mandates.validation import NotifyRequest
from phonepe_simulator.payments.attempts import Attempt, Failure, Outcome, State, new_attempt
from phonepe_simulator.payments.checkout import Captured, Checkout, NotPayableError
from phonepe_simulator.payments.modes import UPI_AUTO_PAY
from phonepe_simulator.payments.orders import NO_PAY_PAGE, Order

NOTICE = timedelta(hours=24)


class Redeeming:
    def __init__(self, context: Context, checkout: Checkout, *, captured: Captured) -> None:
        self.redemptions: dict[str, Redemption] = {}
        self._clock = context.clock
        self._ids = context.ids
        self._settings = context.settings
        self._scheduler = context.scheduler
        self._announce = context.announce
        self._checkout = checkout
        self._captured = captured

    # The notice.

    def notify(self, mandate: Mandate, requested: NotifyRequest) -> Redemption:
        """Announce a debit to the payer.

        :raises ApiError: if the mandate is not active, the amount not covered by it, or the order's id used
        """
        self._checkout.refuse_if_used(requested.merchant_order_id)
        _check_active(mandate)
        if requested.amount > mandate.max_amount:
            raise bad_request(f"amount: the mandate allows {mandate.max_amount} paise at most")
        if mandate.amount_type == "FIXED" and requested.amount != mandate.max_amount:
            raise bad_request(f"amount: the mandate is for {mandate.max_amount} paise each time")
        redemption = self._new_redemption(mandate, requested)
        order = redemption.order
        self.redemptions[order.merchant_order_id] = redemption
        mandate.redemptions.append(order)
        self._checkout.adopt(order, self)
        notified_at = order.created_at + timedelta(seconds=self._settings().mandate_notified_after)
        self._scheduler.add(notified_at, lambda due_at: self._be_notified(redemption, due_at))
        self._scheduler.add(order.expire_at, lambda due_at: self._run_out(redemption, due_at))
        return redemption

    def _new_redemption(self, mandate: Mandate, requested: NotifyRequest) -> Redemption:
        order = Order(
            merchant_order_id=requested.merchant_order_id,
            order_id=self._ids.order_id(),
            amount=requested.amount,
            created_at=self._clock.now(),
            expire_at=requested.expire_at,
            token="",
            product="subscriptions",
            is_web=False,
            offer=NO_PAY_PAGE,
            retry_allowed=True,
            meta_info=requested.meta_info,
            stage=Stage.NOTIFICATION_IN_PROGRESS,
        )
        return Redemption(mandate, order, requested.strategy, requested.auto_debit)

    def _be_notified(self, redemption: Redemption, at: datetime) -> None:
        mandate, order = redemption.mandate, redemption.order
        if order.stage is not Stage.NOTIFICATION_IN_PROGRESS or order.state is not State.PENDING:
            return
        if mandate.failing_notices or mandate.state is not MandateState.ACTIVE:
            mandate.failing_notices = max(0, mandate.failing_notices - 1)
            order.state = State.FAILED
            self._announce_order("subscription.notification.failed", redemption, at)
            return
        order.stage = Stage.NOTIFIED
        redemption.notified_at, redemption.valid_after = at, at + NOTICE
        self._announce_order("subscription.notification.completed", redemption, at)
        if redemption.auto_debit:
            self._scheduler.add(redemption.valid_after, lambda due_at: self._debit_by_itself(redemption, due_at))

    def _debit_by_itself(self, redemption: Redemption, at: datetime) -> None:
        if redemption.order.state is State.PENDING and not redemption.order.attempts:
            self._try(redemption, at)

    # The debit.

    def redeem(self, merchant_order_id: str, unknown: ApiError) -> Redemption:
        """Try to debit, unless an attempt is under way or the order has ended.

        :raises ApiError: if there is no such notice, it is too early for it, or the mandate is not active
        """
        redemption = self.redemptions.get(merchant_order_id)
        if redemption is None:
            raise unknown
        order, now = redemption.order, self._clock.now()
        if order.attempts and (order.state is not State.PENDING or order.pending_attempt):
            return redemption
        if order.state is not State.PENDING:
            raise bad_request(f"the order is {order.state} and was never tried")
        if redemption.valid_after is None or now < redemption.valid_after:
            raise bad_request("the payer has to have been notified for 24 hours")
        _check_active(redemption.mandate)
        self._check_retry(redemption, now)
        self._try(redemption, now)
        return redemption

    def _check_retry(self, redemption: Redemption, now: datetime) -> None:
        """Check that it is the first attempt, or that the merchant retries and keeps PhonePe's rules."""
        if not redemption.order.attempts or redemption.last_tried_at is None:
            return
        if redemption.strategy == "STANDARD":
            raise bad_request("PhonePe retries this one itself: its redemptionRetryStrategy is STANDARD")
        if now < redemption.last_tried_at + RETRY_AFTER:
            raise bad_request("retries are an hour and a half apart")
        if not is_quiet(now):
            raise bad_request("retries are made from 21:31 to 09:59 and from 13:01 to 16:59 only")

    def _try(self, redemption: Redemption, at: datetime) -> None:
        order, mandate = redemption.order, redemption.mandate
        attempt = new_attempt(UPI_AUTO_PAY, amount=order.amount, at=at, ids=self._ids, vpa=mandate.vpa)
        attempt.rail["umn"] = mandate.umn
        order.stage = None
        order.attempts.append(attempt)
        self._checkout.remember_attempt(order, attempt)
        planned = self._planned(mandate)
        if planned is Outcome.PENDING:
            return
        failure = planned if isinstance(planned, Failure) else None
        ends_at = at + timedelta(seconds=self._settings().mandate_debited_after)
        self._scheduler.add(ends_at, lambda due_at: self._conclude(redemption, attempt, failure, due_at))

    def _planned(self, mandate: Mandate) -> Failure | Outcome:
        if mandate.planned_debits:
            return mandate.planned_debits.pop(0) or Outcome.SUCCESS
        usual = Outcome(self._settings().debit_outcome)
        return INSUFFICIENT_BALANCE if usual is Outcome.FAILURE else usual

    def conclude(self, order: Order, outcome: Outcome) -> Attempt:
        """Let the bank decide about the pending attempt now.

        :raises NotPayableError: if none is pending
        """
        attempt = order.pending_attempt
        if attempt is None:
            raise NotPayableError(f"{order.merchant_order_id} has no pending attempt.")
        failure = None if outcome is Outcome.SUCCESS else INSUFFICIENT_BALANCE
        redemption = self.redemptions[order.merchant_order_id]
        self._conclude(redemption, attempt, failure, self._clock.now(), despite_mandate=True)
        return attempt

    def _conclude(
        self,
        redemption: Redemption,
        attempt: Attempt,
        failure: Failure | None,
        at: datetime,
        *,
        despite_mandate: bool = False,
    ) -> None:
        order = redemption.order
        if attempt.state is not State.PENDING:
            return
        redemption.last_tried_at = at
        if failure is None and not despite_mandate and redemption.mandate.state is not MandateState.ACTIVE:
            failure = NOT_ACTIVE
        if failure is None:
            attempt.state = State.COMPLETED
            self._announce_attempt(redemption, attempt, at)
            order.state = State.COMPLETED
            self._captured(order, attempt, at)
            self._announce_order("subscription.redemption.order.completed", redemption, at)
            return
        attempt.state, attempt.failure = State.FAILED, failure
        if order.state is not State.PENDING:
            return
        self._announce_attempt(redemption, attempt, at)
        self._retry_or_fail(redemption, at)

    def _retry_or_fail(self, redemption: Redemption, at: datetime) -> None:
        order = redemption.order
        again_at = next_quiet(at + RETRY_AFTER)
        latest = min(order.attempts[0].at + LONGEST_RETRYING, order.expire_at)
        if len(order.attempts) >= MOST_TRIES or again_at >= latest:
            self._fail(redemption, at)
        elif redemption.strategy == "STANDARD":
            self._scheduler.add(again_at, lambda due_at: self._retry(redemption, due_at))

    def _retry(self, redemption: Redemption, at: datetime) -> None:
        if redemption.order.state is not State.PENDING:
            return
        if redemption.mandate.state is MandateState.ACTIVE:
            self._try(redemption, at)
        else:
            self._fail(redemption, at)

    def expire(self, order: Order) -> None:
        """End a debit now, before its expireAt."""
        now = self._clock.now()
        if order.state is State.PENDING:
            order.expire_at = min(order.expire_at, now)
        self._run_out(self.redemptions[order.merchant_order_id], now)

    def _run_out(self, redemption: Redemption, due_at: datetime) -> None:
        # An attempt that is pending stays open: the bank may still report success.
        if redemption.order.state is State.PENDING:
            self._fail(redemption, due_at)

    def _fail(self, redemption: Redemption, at: datetime) -> None:
        redemption.order.state, redemption.order.stage = State.FAILED, None
        self._announce_order("subscription.redemption.order.failed", redemption, at)

    # What the merchant is told.

    def _announce_order(self, event: str, redemption: Redemption, at: datetime) -> None:
        self._tell(event, redemption, at, shown=list(redemption.order.attempts))

    def _announce_attempt(self, redemption: Redemption, attempt: Attempt, at: datetime) -> None:
        event = f"subscription.redemption.transaction.{attempt.state.value.lower()}"
        self._tell(event, redemption, at, shown=[attempt], with_codes_of=attempt)

    def _tell(
        self,
        event: str,
        redemption: Redemption,
        at: datetime,
        *,
        shown: list[Attempt],
        with_codes_of: Attempt | None = None,
    ) -> None:
        payload = mandate_order_event(
            redemption.order,
            redemption_flow(redemption),
            self._settings().merchant_id,
            shown=shown,
            with_codes_of=with_codes_of,
        )
        self._announce(event, payload, merchant_order_id=redemption.order.merchant_order_id, at=at)


def _check_active(mandate: Mandate) -> None:
    if mandate.state is not MandateState.ACTIVE:
        raise bad_request(f"the subscription is {mandate.state}, not ACTIVE")
