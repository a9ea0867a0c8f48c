"""One merchant's payments at PhonePe: orders, refunds, settlements, webhooks and time, behind one lock."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any

from phonepe_simulator.api.call_log import KEPT_CALLS, Call
from phonepe_simulator.api.oauth import DEMO_CLIENT, Client, Tokens
from phonepe_simulator.clock import Clock, SystemClock
from phonepe_simulator.context import Context
from phonepe_simulator.faults.active import ActiveFaults
from phonepe_simulator.handmade_webhooks import handmade_delivery
from phonepe_simulator.ids import IdGenerator, random_stream
from phonepe_simulator.mandates.acts import MandateActs
from phonepe_simulator.mandates.processing import Mandates
from phonepe_simulator.payments.attempts import OUTCOME_OF_VPA, Attempt, Outcome
from phonepe_simulator.payments.checkout import Checkout
from phonepe_simulator.payments.modes import Mode
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refund_processing import Refunds
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.recent_log import RecentLog
from phonepe_simulator.scheduler import Scheduler
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlements.processing import Settlements
from phonepe_simulator.settlements.report import report
from phonepe_simulator.settlements.report_damage import ReportWriter
from phonepe_simulator.settlements.settlement import Settlement
from phonepe_simulator.webhooks.delivery import DEMO_TARGET, Deliver, WebhookDelivery, WebhookTarget
from phonepe_simulator.webhooks.http_delivery import deliver_over_http
from phonepe_simulator.webhooks.outbox import Outbox, QueuedDelivery
from phonepe_simulator.webhooks.sender import WebhookSender


class Engine:
    """Everything but HTTP: what a test, a payer, a bank or PhonePe does, as plain Python."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int | None = None,
        base_url: str = "http://127.0.0.1:8800",
        client_id: str = DEMO_CLIENT.client_id,
        client_secret: str = DEMO_CLIENT.secret,
        client_version: str = DEMO_CLIENT.version,
        webhook_url: str | None = None,
        webhook_username: str = DEMO_TARGET.username,
        webhook_password: str = DEMO_TARGET.password,
        deliver: Deliver | None = None,
        settings: Settings | None = None,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        self.clock = clock or SystemClock()
        self.client = Client(client_id, client_secret, str(client_version))
        self.base_url = base_url.rstrip("/")
        self.settings = settings or Settings()
        # Under which names the control API may be called, beside this machine's own.
        self.allowed_hosts = frozenset(name.lower() for name in allowed_hosts)
        self.webhook_target = WebhookTarget(webhook_url, webhook_username, webhook_password)
        self._seed = seed
        self._has_own_deliver = deliver is not None
        self._deliver = deliver or deliver_over_http(lambda: self.settings.webhook_timeout)
        self._lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything that happened, and start again from the seed; settings are kept."""
        with self._lock:
            ids = IdGenerator(self.clock, self._seed)
            self.faults = ActiveFaults(random_stream(self._seed, "faults"))
            self._scheduler = Scheduler()
            self._outbox = Outbox()
            self.call_log: RecentLog[Call] = RecentLog(KEPT_CALLS)
            self._webhook_sender = WebhookSender(
                self._outbox, lambda: self.webhook_target, self.faults, self.current_settings
            )
            self._tokens = Tokens(self.client, self.clock, ids, self.current_settings)
            context = Context(self.clock, ids, self.current_settings, self._scheduler, self._announce)
            self._settlements = Settlements(context, writer=ReportWriter(self.faults, ids))
            self._checkout = Checkout(context, captured=self._settlements.captured)
            self._mandates = Mandates(context, self._checkout, captured=self._settlements.captured)
            self.mandates = MandateActs(self._mandates, self.up_to_date)
            self._refunds = Refunds(context, refunded=self._settlements.refunded)

    @contextmanager
    def up_to_date(self) -> Iterator[datetime]:
        """Hold the lock, after doing everything that is due; yields the current instant."""
        with self._lock:
            now = self.clock.now()
            self._scheduler.run_due(now)
            yield now

    def _announce(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None:
        """Queue a webhook, if there is somewhere to send it."""
        if self.webhook_target.url or self._has_own_deliver:
            self._webhook_sender.announce(event, payload, merchant_order_id=merchant_order_id, at=at)

    def current_settings(self) -> Settings:
        return self.settings

    def change_settings(self, **choices: Any) -> Settings:
        with self._lock:
            changed = self.settings.changed(**choices)
            # What was due before the change still follows the old settings.
            self._scheduler.run_due(self.clock.now())
            self.settings = changed
            if "settlement_at" in choices:
                self._settlements.reschedule()
            return self.settings

    # What a test or a person can look at.

    @property
    def orders(self) -> dict[str, Order]:
        return self._checkout.orders

    @property
    def refunds(self) -> dict[str, Refund]:
        return self._refunds.refunds

    @property
    def settlements(self) -> dict[str, Settlement]:
        return self._settlements.settlements

    def settlement_report(self, settlement_id: str | None = None, format: str = "csv") -> str:  # noqa: A002 - a report's
        """Return the report on all settlements, or on one, as CSV or JSON."""
        return report(self.settlements_as_they_are(settlement_id), format)

    def settlements_as_they_are(self, settlement_id: str | None = None) -> list[Settlement]:
        """Return copies of all settlements, or of one, in the state that they are in now.

        :raises KeyError: if there is no such settlement
        """
        with self.up_to_date():
            chosen = self.settlements.values() if settlement_id is None else [self._settlement(settlement_id)]
            return [replace(settlement) for settlement in chosen]

    @property
    def calls(self) -> list[Call]:
        with self._lock:
            return list(self.call_log)

    def calls_to(self, name: str, merchant_order_id: str | None = None) -> list[Call]:
        calls = [call for call in self.calls if call.name == name]
        return [call for call in calls if merchant_order_id in (None, call.merchant_order_id)]

    @property
    def webhook_log(self) -> RecentLog[WebhookDelivery]:
        return self._outbox.sent

    @property
    def webhooks(self) -> list[WebhookDelivery]:
        with self._lock:
            return list(self.webhook_log)

    def record(self) -> dict[str, dict[str, int]]:
        """Return the paise captured, refunded and being refunded, by merchantOrderId."""
        with self.up_to_date():
            return {name: order.money for name, order in self.orders.items()}

    # What a payer, a bank or PhonePe does.

    def attempt(
        self, merchant_order_id: str, mode: str = "UPI_INTENT", outcome: str | None = None, vpa: str | None = None
    ) -> Attempt:
        """Let a payer try to pay. Without an outcome the UPI ID decides, and without one it succeeds.

        :raises NotPayableError: if the pay page would not allow it
        """
        with self.up_to_date():
            chosen = OUTCOME_OF_VPA.get((vpa or "").lower(), Outcome.SUCCESS) if outcome is None else Outcome(outcome)
            return self._checkout.attempt(self._order(merchant_order_id), Mode(mode), chosen, vpa=vpa)

    def conclude(self, merchant_order_id: str, outcome: str) -> Attempt:
        """Let the bank decide about a pending attempt, even after the order has expired.

        :raises NotPayableError: if no attempt is pending
        """
        with self.up_to_date():
            return self._checkout.conclude(self._order(merchant_order_id), Outcome(outcome))

    def expire(self, merchant_order_id: str) -> Order:
        """Expire an unpaid order now, before its expireAt."""
        with self.up_to_date():
            order = self._order(merchant_order_id)
            self._checkout.expire(order)
            return order

    def refund_on_dashboard(self, merchant_order_id: str, amount: int, merchant_refund_id: str) -> Refund:
        """Refund a part of a paid order as a merchant does on PhonePe's dashboard.

        :raises ApiError: if the order is not paid, the amount too much or the id used
        """
        with self.up_to_date():
            body = {"merchantRefundId": merchant_refund_id, "amount": amount}
            return self._refunds.open(body, lambda _: self._order(merchant_order_id))

    def conclude_refund(self, merchant_refund_id: str, outcome: str) -> Refund:
        """Complete or fail an open refund now; `outcome` is success or failure."""
        with self.up_to_date():
            refund = self.refunds[merchant_refund_id]
            self._refunds.conclude(refund, outcome)
            return refund

    def settle(self) -> Settlement | None:
        """Settle everything that waits; None if nothing does, or if more went out than came in."""
        with self.up_to_date() as now:
            return self._settlements.settle(now)

    def conclude_settlement(self, settlement_id: str, outcome: str) -> Settlement:
        """Let the merchant's bank accept or refuse the payout now; after a refusal it may still accept it."""
        with self.up_to_date():
            settlement = self._settlement(settlement_id)
            self._settlements.conclude(settlement, outcome)
            return settlement

    def charge_back(self, merchant_order_id: str, amount: int | None = None) -> Order:
        """Take a payment back from the merchant: `amount` paise, or all that is left of it.

        :raises ValueError: if less than that is left of it
        """
        with self.up_to_date():
            order = self._order(merchant_order_id)
            self._settlements.charge_back(order, amount)
            return order

    def revoke_tokens(self) -> None:
        with self._lock:
            self._tokens.revoke_all()

    def send_webhook(
        self,
        event: str,
        merchant_order_id: str | None = None,
        *,
        merchant_refund_id: str | None = None,
        settlement_id: str | None = None,
        payload: Mapping[str, Any] | None = None,
        authorization: str | None = None,
        body: bytes | None = None,
    ) -> WebhookDelivery:
        """Queue a webhook by hand: a repeated one, one out of sequence, or one whose payload is untrue."""
        with self._lock:
            delivery = handmade_delivery(
                event,
                target=self.webhook_target,
                at=self.clock.now(),
                merchant_id=self.settings.merchant_id,
                order=self.orders.get(merchant_order_id or ""),
                refund=self.refunds.get(merchant_refund_id or ""),
                settlement=self.settlements.get(settlement_id or ""),
                payload=payload or {},
                authorization=authorization,
                body=body,
            )
            self._outbox.add(delivery, self.clock.now())
            return delivery

    def _order(self, merchant_order_id: str) -> Order:
        if merchant_order_id not in self.orders:
            raise KeyError(f"There is no order {merchant_order_id}.")
        return self.orders[merchant_order_id]

    def _settlement(self, settlement_id: str) -> Settlement:
        if settlement_id not in self.settlements:
            raise KeyError(f"There is no settlement {settlement_id}.")
        return self.settlements[settlement_id]

    # What happens as time passes.

    def tick(self) -> int:
        """Do everything that is due: expiries, refunds, webhooks. Return how many webhooks were sent."""
        due = self.take_due_webhooks()
        for queued in due:
            self.send(queued)
        return len(due)

    def take_due_webhooks(self) -> list[QueuedDelivery]:
        """Do everything that is due, and return the webhooks to send; each is returned once."""
        with self.up_to_date() as now:
            return self._outbox.take_due(now)

    def send(self, queued: QueuedDelivery) -> None:
        """Deliver one webhook, without holding the lock: the merchant may call us before it answers."""
        outbox, answered = self._outbox, None
        try:
            answered = self._deliver(queued.delivery)
        finally:
            with self._lock:
                delays = self.settings.webhook_retry_delays
                outbox.record_answer(queued, answered, now=self.clock.now(), retry_delays=delays)

    def next_due(self) -> datetime | None:
        with self._lock:
            moments = (self._scheduler.next_due(), self._outbox.next_due())
            return min((moment for moment in moments if moment), default=None)
