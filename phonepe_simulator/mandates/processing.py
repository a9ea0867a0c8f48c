"""The life of mandates: asked for, approved or declined, paused, ended; and of the debits under them."""

from datetime import datetime, timedelta

from phonepe_simulator.context import Context
from phonepe_simulator.errors import bad_request, subscription_not_found
from phonepe_simulator.mandates.documents import mandate_event, mandate_order_event, setup_flow
from phonepe_simulator.mandates.mandate import FAILURES, LIVE, Mandate, MandateState
from phonepe_simulator.mandates.redeeming import Redeeming
from phonepe_simulator.mandates.validation import SetupRequest
from phonepe_simulator.payments.attempts import OUTCOME_OF_VPA, WRONG_PIN, Attempt, Failure, Outcome, State, new_attempt
from phonepe_simulator.payments.checkout import Captured, Checkout
from phonepe_simulator.payments.modes import Mode
from phonepe_simulator.payments.orders import NO_PAY_PAGE, Order


class NotPossibleError(Exception):
    """A payer cannot do that with the mandate as it stands."""


class Mandates:
    def __init__(self, context: Context, checkout: Checkout, *, captured: Captured) -> None:
        self.mandates: dict[str, Mandate] = {}
        self.redeeming = Redeeming(context, checkout, captured=captured)
        self._by_token: dict[str, Mandate] = {}
        self._by_setup: dict[str, Mandate] = {}
        self._clock = context.clock
        self._ids = context.ids
        self._settings = context.settings
        self._scheduler = context.scheduler
        self._announce = context.announce
        self._checkout = checkout
        self._captured = captured

    # Looking.

    def find(self, merchant_subscription_id: str) -> Mandate:
        """Return a mandate.

        :raises ApiError: if there is none of that name
        """
        if merchant_subscription_id not in self.mandates:
            raise subscription_not_found(merchant_subscription_id)
        return self.mandates[merchant_subscription_id]

    def with_token(self, token: str) -> Mandate | None:
        return self._by_token.get(token)

    def set_up_by(self, merchant_order_id: str) -> Mandate | None:
        return self._by_setup.get(merchant_order_id)

    # Setting one up.

    def set_up(self, requested: SetupRequest) -> Mandate:
        """Ask a payer for a mandate.

        :raises ApiError: if one of its ids has been used
        """
        if requested.merchant_subscription_id in self.mandates:
            raise bad_request("paymentFlow.merchantSubscriptionId: has been used before")
        self._checkout.refuse_if_used(requested.merchant_order_id)
        mandate = self._new_mandate(requested)
        order = mandate.setup
        self.mandates[mandate.merchant_subscription_id] = mandate
        self._by_token[mandate.token] = self._by_setup[order.merchant_order_id] = mandate
        self._checkout.adopt(order, self)
        self._scheduler.add(order.expire_at, lambda due_at: self._run_out(mandate, due_at))
        self._scheduler.add(mandate.expire_at, lambda due_at: self._expire(mandate, due_at))
        outcome = OUTCOME_OF_VPA.get((mandate.vpa or "").lower())
        if outcome is not None:
            self._scheduler.add(order.created_at, lambda _: self._decide(mandate, outcome))
        return mandate

    def _new_mandate(self, requested: SetupRequest) -> Mandate:
        now = self._clock.now()
        order = Order(
            merchant_order_id=requested.merchant_order_id,
            order_id=self._ids.order_id(),
            amount=requested.amount,
            created_at=now,
            expire_at=requested.expire_at,
            token="",
            product="subscriptions",
            is_web=False,
            offer=NO_PAY_PAGE,
            retry_allowed=False,
            meta_info=requested.meta_info,
        )
        umn = f"{self._ids.umn()}@ybl"
        attempt = new_attempt(Mode(requested.mode), amount=order.amount, at=now, ids=self._ids, vpa=requested.vpa)
        attempt.rail["umn"] = umn
        order.attempts.append(attempt)
        self._checkout.remember_attempt(order, attempt)
        return Mandate(
            merchant_subscription_id=requested.merchant_subscription_id,
            subscription_id=self._ids.subscription_id(),
            setup=order,
            token=self._ids.token({"merchantSubscriptionId": requested.merchant_subscription_id}),
            workflow=requested.workflow,
            amount_type=requested.amount_type,
            max_amount=requested.max_amount,
            frequency=requested.frequency,
            expire_at=requested.mandate_expire_at,
            created_at=now,
            umn=umn,
            vpa=requested.vpa,
            target_app=requested.target_app,
        )

    # What a payer does in the UPI app.

    def approve(self, mandate: Mandate) -> None:
        """Let the payer approve it; the bank may still say so after the setup has run out.

        :raises NotPossibleError: if it has been decided
        """
        self._check_undecided(mandate)
        now, order = self._clock.now(), mandate.setup
        order.attempts[0].state = order.state = State.COMPLETED
        mandate.state = MandateState.ACTIVE
        self._captured(order, order.attempts[0], now)
        self._announce_setup(mandate, now)

    def decline(self, mandate: Mandate, failure: Failure = WRONG_PIN) -> None:
        """Let the payer decline it, or the bank.

        :raises NotPossibleError: if it has been decided
        """
        self._check_undecided(mandate)
        attempt = mandate.setup.attempts[0]
        attempt.state, attempt.failure = State.FAILED, failure
        if mandate.setup.state is State.PENDING:
            self._fail(mandate, self._clock.now())

    def _check_undecided(self, mandate: Mandate) -> None:
        if mandate.setup.attempts[0].state is not State.PENDING:
            raise NotPossibleError(f"{mandate.merchant_subscription_id} is {mandate.state} already.")

    def pause(self, mandate: Mandate, *, seconds: float | None = None) -> None:
        """Let the payer pause it, for some seconds or until further notice.

        :raises NotPossibleError: if it is not active
        """
        self._check(mandate, MandateState.ACTIVE)
        mandate.pause_start = now = self._clock.now()
        mandate.pause_end = None if seconds is None else now + timedelta(seconds=seconds)
        self._move(mandate, MandateState.PAUSE_IN_PROGRESS, MandateState.PAUSED, "subscription.paused")
        if (until := mandate.pause_end) is not None:
            self._scheduler.add(until, lambda _: self._end_pause(mandate, until))

    def _end_pause(self, mandate: Mandate, until: datetime) -> None:
        if mandate.state is MandateState.PAUSED and mandate.pause_end == until:
            self.unpause(mandate)

    def unpause(self, mandate: Mandate) -> None:
        """Let the payer go on with it.

        :raises NotPossibleError: if it is not paused
        """
        self._check(mandate, MandateState.PAUSED)
        self._move(mandate, MandateState.UNPAUSE_IN_PROGRESS, MandateState.ACTIVE, "subscription.unpaused")

    def revoke(self, mandate: Mandate) -> None:
        """Let the payer withdraw it, for good.

        :raises NotPossibleError: if it is neither active nor paused
        """
        self._check(mandate, *LIVE)
        self._move(mandate, MandateState.REVOKE_IN_PROGRESS, MandateState.REVOKED, "subscription.revoked")

    def conclude(self, order: Order, outcome: Outcome) -> Attempt:
        """Let the bank decide about a setup, also after its time.

        :raises NotPossibleError: if it has been decided
        """
        self._decide(self._by_setup[order.merchant_order_id], outcome)
        return order.attempts[0]

    def _decide(self, mandate: Mandate, outcome: Outcome) -> None:
        if outcome is Outcome.SUCCESS:
            self.approve(mandate)
        elif outcome is Outcome.FAILURE:
            self.decline(mandate)

    def expire(self, order: Order) -> None:
        """End an undecided setup now, before its expireAt."""
        now = self._clock.now()
        if order.state is State.PENDING:
            order.expire_at = min(order.expire_at, now)
        self._run_out(self._by_setup[order.merchant_order_id], now)

    # What the merchant does.

    def cancel(self, mandate: Mandate) -> None:
        """Cancel it for the merchant; once more does nothing.

        :raises ApiError: if there is nothing to cancel
        """
        if mandate.state in (MandateState.CANCEL_IN_PROGRESS, MandateState.CANCELLED):
            return
        if mandate.state not in LIVE:
            raise bad_request(f"the subscription is {mandate.state}, neither ACTIVE nor PAUSED")
        self._move(mandate, MandateState.CANCEL_IN_PROGRESS, MandateState.CANCELLED, "subscription.cancelled")

    # How it moves.

    def _check(self, mandate: Mandate, *allowed: MandateState) -> None:
        if mandate.state not in allowed:
            raise NotPossibleError(f"{mandate.merchant_subscription_id} is {mandate.state}.")

    def _move(self, mandate: Mandate, through: MandateState, to: MandateState, event: str) -> None:
        wait = self._settings().mandate_moves_after
        mandate.state = through
        if wait:
            due_at = self._clock.now() + timedelta(seconds=wait)
            self._scheduler.add(due_at, lambda due_at: self._arrive(mandate, through, to, event, due_at))
        else:
            self._arrive(mandate, through, to, event, self._clock.now())

    def _arrive(self, mandate: Mandate, through: MandateState, to: MandateState, event: str, at: datetime) -> None:
        if mandate.state is not through:
            return
        mandate.state = to
        if to is not MandateState.PAUSED:
            mandate.pause_start = mandate.pause_end = None
        payload = mandate_event(mandate)
        self._announce(event, payload, merchant_order_id=mandate.setup.merchant_order_id, at=at)

    def _run_out(self, mandate: Mandate, due_at: datetime) -> None:
        if mandate.setup.state is State.PENDING:
            self._fail(mandate, due_at)

    def _fail(self, mandate: Mandate, at: datetime) -> None:
        mandate.setup.state, mandate.state = State.FAILED, MandateState.FAILED
        self._announce_setup(mandate, at)

    def _expire(self, mandate: Mandate, _: datetime) -> None:
        if mandate.state in LIVE:
            mandate.state = MandateState.EXPIRED

    def _announce_setup(self, mandate: Mandate, at: datetime) -> None:
        order = mandate.setup
        event = f"subscription.setup.order.{order.state.value.lower()}"
        payload = mandate_order_event(
            order, setup_flow(mandate), self._settings().merchant_id, shown=list(order.attempts)
        )
        self._announce(event, payload, merchant_order_id=order.merchant_order_id, at=at)


def failure_named(error_code: str | None) -> Failure:
    """Return the failure that PhonePe's samples call so.

    :raises ValueError: if none does
    """
    name = error_code or "INSUFFICIENT_BALANCE"
    if name not in FAILURES:
        raise ValueError(f"There is no reason {name!r}; there are {', '.join(FAILURES)}.")
    return FAILURES[name]
