"""The simulator itself: its parts put together, behind one lock."""

from collections.abc import Mapping
from datetime import datetime
from threading import RLock
from typing import Any

from phonepe_simulator.agenda import Agenda
from phonepe_simulator.api import PhonePeApi
from phonepe_simulator.attempts import OUTCOME_OF_VPA, Attempt, Outcome
from phonepe_simulator.call_log import Call
from phonepe_simulator.checkout import Checkout
from phonepe_simulator.clock import Clock, SystemClock
from phonepe_simulator.control import Control
from phonepe_simulator.faults import FaultBox
from phonepe_simulator.forging import forged_letter
from phonepe_simulator.ids import IdMint, random_stream
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.modes import Mode
from phonepe_simulator.oauth import DEMO_CLIENT, Client, TokenDesk
from phonepe_simulator.orders import Order
from phonepe_simulator.pay_page.views import PayPage, pay_page_url
from phonepe_simulator.post_office import PostOffice
from phonepe_simulator.refund_desk import RefundDesk
from phonepe_simulator.refunds import Refund
from phonepe_simulator.report_spoiling import ReportWriter
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlement_desk import SettlementDesk
from phonepe_simulator.settlement_report import report
from phonepe_simulator.settlements import Settlement
from phonepe_simulator.webhooks import (
    DEMO_TARGET,
    Deliver,
    Outbox,
    Waiting,
    WebhookDelivery,
    WebhookTarget,
    post_over_http,
)


class Simulator:
    """PhonePe's sandbox in one object.

    With a virtual clock and a seed the same calls give the same bytes. Webhooks leave only
    through `tick()`, never from inside `handle()`, so a caller is never called back while it waits.
    """

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
    ) -> None:
        self.clock = clock or SystemClock()
        self.client = Client(client_id, client_secret, str(client_version))
        self.base_url = base_url.rstrip("/")
        self.settings = settings or Settings()
        self.webhook_target = WebhookTarget(webhook_url, webhook_username, webhook_password)
        self._seed = seed
        self._has_own_deliver = deliver is not None
        self._deliver = deliver or post_over_http(lambda: self.settings.webhook_timeout)
        self._lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything that happened, and start again from the seed; settings stay."""
        with self._lock:
            mint = IdMint(self.clock, self._seed)
            self.faults = FaultBox(random_stream(self._seed, "faults"))
            self._agenda = Agenda()
            self._outbox = Outbox()
            self._post = PostOffice(self._outbox, lambda: self.webhook_target, self.faults, self.current_settings)
            self._tokens = TokenDesk(self.client, self.clock, mint, self.current_settings)
            self._settlement_desk = SettlementDesk(
                clock=self.clock,
                mint=mint,
                settings=self.current_settings,
                agenda=self._agenda,
                announce=self._announce,
                writer=ReportWriter(self.faults, mint),
            )
            self._checkout = Checkout(
                clock=self.clock,
                mint=mint,
                settings=self.current_settings,
                agenda=self._agenda,
                announce=self._announce,
                captured=self._settlement_desk.captured,
            )
            self._refund_desk = RefundDesk(
                clock=self.clock,
                mint=mint,
                settings=self.current_settings,
                agenda=self._agenda,
                announce=self._announce,
                refunded=self._settlement_desk.refunded,
            )
            self._api = PhonePeApi(
                clock=self.clock,
                tokens=self._tokens,
                checkout=self._checkout,
                refund_desk=self._refund_desk,
                settlement_desk=self._settlement_desk,
                faults=self.faults,
                settings=self.current_settings,
                pay_page_url=lambda order: pay_page_url(self.base_url, order),
            )
            self._pay_page = PayPage(self._checkout, self.clock, self.current_settings, lambda: self.base_url)
            self._control = Control(self)

    def _announce(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None:
        """Write to the merchant, if there is one to write to."""
        if self.webhook_target.url or self._has_own_deliver:
            self._post.announce(event, payload, merchant_order_id=merchant_order_id, at=at)

    def current_settings(self) -> Settings:
        return self.settings

    def change_settings(self, **choices: Any) -> Settings:
        with self._lock:
            changed = self.settings.changed(**choices)
            # What was due before still follows the old ones.
            self._agenda.run(self.clock.now())
            self.settings = changed
            if "settlement_at" in choices:
                self._settlement_desk.plan_anew()
            return self.settings

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request: PhonePe's API, the pay page, or the control API."""
        with self._lock:
            self._agenda.run(self.clock.now())
            for part in (self._pay_page, self._control):
                if part.serves(request.path):
                    return part.answer(request)
            return self._api.answer(request)

    # What a test or a person looks at.

    @property
    def orders(self) -> dict[str, Order]:
        return self._checkout.orders

    @property
    def refunds(self) -> dict[str, Refund]:
        return self._refund_desk.refunds

    @property
    def settlements(self) -> dict[str, Settlement]:
        return self._settlement_desk.settlements

    def settlement_report(self, settlement_id: str | None = None, format: str = "csv") -> str:  # noqa: A002 - a report's
        """Return the report on all settlements, or on one, as CSV or JSON.

        :raises KeyError: if there is no such settlement
        """
        with self._lock:
            self._agenda.run(self.clock.now())
            chosen = self.settlements.values() if settlement_id is None else [self._settlement(settlement_id)]
            return report(chosen, format)

    @property
    def calls(self) -> list[Call]:
        return self._api.log.all()

    def calls_to(self, name: str, merchant_order_id: str | None = None) -> list[Call]:
        return self._api.log.to(name, merchant_order_id)

    @property
    def webhooks(self) -> list[WebhookDelivery]:
        return list(self._outbox.sent)

    def record(self) -> dict[str, dict[str, int]]:
        """Return where every paisa is, by merchantOrderId."""
        with self._lock:
            self._agenda.run(self.clock.now())
            return {
                name: {"captured": order.captured, "refunded": order.refunded, "refunding": order.refunding}
                for name, order in self.orders.items()
            }

    # What a payer, a bank or PhonePe does.

    def attempt(
        self, merchant_order_id: str, mode: str = "UPI_INTENT", outcome: str | None = None, vpa: str | None = None
    ) -> Attempt:
        """Pay, or try to; without an outcome the UPI id decides, else it succeeds.

        :raises NotPayableError: if the pay page would not let a payer do that
        """
        with self._lock:
            self._agenda.run(self.clock.now())
            by_name = OUTCOME_OF_VPA.get((vpa or "").lower(), Outcome.SUCCESS)
            chosen = by_name if outcome is None else Outcome(outcome)
            return self._checkout.attempt(self._order(merchant_order_id), Mode(mode), chosen, vpa=vpa)

    def conclude(self, merchant_order_id: str, outcome: str) -> Attempt:
        """Settle a pending attempt, also one whose order has expired meanwhile.

        :raises NotPayableError: if no attempt is pending
        """
        with self._lock:
            self._agenda.run(self.clock.now())
            return self._checkout.conclude(self._order(merchant_order_id), Outcome(outcome))

    def expire(self, merchant_order_id: str) -> Order:
        """End an unpaid order now, before its expireAt."""
        with self._lock:
            order = self._order(merchant_order_id)
            self._checkout.expire(order)
            return order

    def conclude_refund(self, merchant_refund_id: str, outcome: str) -> Refund:
        """End an open refund now, as success or failure."""
        with self._lock:
            self._agenda.run(self.clock.now())
            refund = self.refunds[merchant_refund_id]
            self._refund_desk.conclude(refund, outcome)
            return refund

    def settle(self) -> Settlement | None:
        """Settle now all that waits; None if nothing does, or if more went out than came in."""
        with self._lock:
            self._agenda.run(self.clock.now())
            return self._settlement_desk.settle(self.clock.now())

    def conclude_settlement(self, settlement_id: str, outcome: str) -> Settlement:
        """Let the merchant's bank take the money now, or refuse it; after a refusal it may still take it."""
        with self._lock:
            self._agenda.run(self.clock.now())
            settlement = self._settlement(settlement_id)
            self._settlement_desk.conclude(settlement, outcome)
            return settlement

    def charge_back(self, merchant_order_id: str, amount: int | None = None) -> Order:
        """Take a payment back from the merchant, all that is left of it or so many paise.

        :raises ValueError: if there is not so much of it left
        """
        with self._lock:
            self._agenda.run(self.clock.now())
            order = self._order(merchant_order_id)
            self._settlement_desk.charge_back(order, amount)
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
        """Put a webhook in the queue by hand: repeated, out of order, or with lies in its payload."""
        with self._lock:
            written = forged_letter(
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
            self._outbox.post(written, self.clock.now())
            return written

    def _order(self, merchant_order_id: str) -> Order:
        if merchant_order_id not in self.orders:
            raise KeyError(f"There is no order {merchant_order_id}.")
        return self.orders[merchant_order_id]

    def _settlement(self, settlement_id: str) -> Settlement:
        if settlement_id not in self.settlements:
            raise KeyError(f"There is no settlement {settlement_id}.")
        return self.settlements[settlement_id]

    # What happens when time goes by.

    def tick(self) -> int:
        """Do all that is due: expiries, refunds, webhooks. Return how many webhooks went out."""
        due = self.take_due_webhooks()
        for letter in due:
            self.send(letter)
        return len(due)

    def take_due_webhooks(self) -> list[Waiting]:
        """Let time do its work and hand out the webhooks to send; each is handed out once."""
        with self._lock:
            now = self.clock.now()
            self._agenda.run(now)
            return self._outbox.take_due(now)

    def send(self, letter: Waiting) -> None:
        """Deliver one webhook, outside the lock: the merchant may ask us something while it answers."""
        outbox, answered = self._outbox, None
        try:
            answered = self._deliver(letter.delivery)
        finally:
            with self._lock:
                delays = self.settings.webhook_retry_delays
                outbox.note(letter, answered, now=self.clock.now(), retry_delays=delays)

    def next_due(self) -> datetime | None:
        with self._lock:
            moments = (self._agenda.next_due(), self._outbox.next_due())
            return min((moment for moment in moments if moment), default=None)
