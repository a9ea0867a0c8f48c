"""PhonePe's calls about mandates and the debits under them."""

from collections.abc import Callable
from typing import Any

from phonepe_simulator.api.routes import Match
from phonepe_simulator.clock import Clock
from phonepe_simulator.errors import unknown_order
from phonepe_simulator.mandates.documents import (
    intent_url,
    mandate_order_status,
    mandate_status,
    notify_answer,
    redeem_answer,
    redemption_flow,
    setup_answer,
    setup_flow,
)
from phonepe_simulator.mandates.mandate import Mandate
from phonepe_simulator.mandates.processing import Mandates
from phonepe_simulator.mandates.validation import read_notify, read_redeem, read_setup
from phonepe_simulator.messages import Request
from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.documents import Document
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.settings import Settings


class MandateApi:
    def __init__(
        self, mandates: Mandates, clock: Clock, settings: Callable[[], Settings], page_url: Callable[[Mandate], str]
    ) -> None:
        self._mandates = mandates
        self._clock = clock
        self._settings = settings
        self._page_url = page_url
        self.handlers: dict[str, Callable[[Match, Request, Any], Document | None]] = {
            "subscription_setup": self._set_up,
            "subscription_status": self._status,
            "subscription_notify": self._notify,
            "subscription_redeem": self._redeem,
            "subscription_cancel": self._cancel,
        }

    def _set_up(self, _: Match, __: Request, body: Any) -> Document:
        mandate = self._mandates.set_up(read_setup(body, now=self._clock.now()))
        settings = self._settings()
        is_page = settings.mandate_link == "page"
        link = self._page_url(mandate) if is_page else intent_url(mandate, settings.merchant_name)
        return setup_answer(mandate, link)

    def _status(self, match: Match, _: Request, __: Any) -> Document:
        return mandate_status(self._mandates.find(match.identifier))

    def _notify(self, _: Match, __: Request, body: Any) -> Document:
        requested = read_notify(body, now=self._clock.now())
        mandate = self._mandates.find(requested.merchant_subscription_id)
        return notify_answer(self._mandates.redeeming.notify(mandate, requested))

    def _redeem(self, _: Match, __: Request, body: Any) -> Document:
        merchant_order_id = read_redeem(body)
        settings = self._settings()
        code = settings.unknown_order_code or "ORDER_NOT_FOUND"
        unknown = unknown_order(code, settings.merchant_id, merchant_order_id, settings.not_found_status)
        return redeem_answer(self._mandates.redeeming.redeem(merchant_order_id, unknown))

    def _cancel(self, match: Match, _: Request, __: Any) -> None:
        self._mandates.cancel(self._mandates.find(match.identifier))

    def order_status(self, order: Order, attempts: list[Attempt], *, error_context: bool) -> Document:
        """Return how a setup or a debit stands."""
        mandate = self._mandates.set_up_by(order.merchant_order_id)
        if mandate is not None:
            flow = setup_flow(mandate)
        else:
            flow = redemption_flow(self._mandates.redeeming.redemptions[order.merchant_order_id])
        merchant_id = self._settings().merchant_id
        return mandate_order_status(order, attempts, flow, merchant_id, error_context=error_context)

    def order_of(self, match: Match, body: Any) -> str | None:
        """Return the order that a call about a mandate concerns: the one that set it up, if it names none."""
        if isinstance(body, dict) and isinstance(body.get("merchantOrderId"), str):
            return str(body["merchantOrderId"])
        mandate = self._mandates.mandates.get(match.identifier)
        return mandate.setup.merchant_order_id if mandate else None
