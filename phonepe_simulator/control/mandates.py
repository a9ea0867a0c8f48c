"""The part of the control API about mandates."""

from phonepe_simulator.control.documents import Document, instant
from phonepe_simulator.control.requests import ControlError, ControlRoute, only, texts_only
from phonepe_simulator.engine import Engine
from phonepe_simulator.mandates.mandate import Mandate
from phonepe_simulator.mandates.page import mandate_page_url
from phonepe_simulator.messages import Request


def mandate_document(mandate: Mandate, page_url: str) -> Document:
    return {
        "merchant_subscription_id": mandate.merchant_subscription_id,
        "subscription_id": mandate.subscription_id,
        "state": mandate.state.value,
        "workflow": mandate.workflow,
        "amount_type": mandate.amount_type,
        "max_amount": mandate.max_amount,
        "frequency": mandate.frequency,
        "created_at": instant(mandate.created_at),
        "expire_at": instant(mandate.expire_at),
        "pause_start": instant(mandate.pause_start),
        "pause_end": instant(mandate.pause_end),
        "umn": mandate.umn,
        "vpa": mandate.vpa,
        "target_app": mandate.target_app,
        "page_url": page_url,
        "setup": mandate.setup.merchant_order_id,
        "redemptions": [order.merchant_order_id for order in mandate.redemptions],
    }


class MandateControl:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[ControlRoute]:
        return [
            ("GET", "/mandates/{id}", self._show),
            ("POST", "/mandates/{id}/approve", self._approve),
            ("POST", "/mandates/{id}/decline", self._decline),
            ("POST", "/mandates/{id}/pause", self._pause),
            ("POST", "/mandates/{id}/unpause", self._unpause),
            ("POST", "/mandates/{id}/revoke", self._revoke),
            ("POST", "/mandates/{id}/fail-debits", self._fail_debits),
            ("POST", "/mandates/{id}/fail-notices", self._fail_notices),
        ]

    def _find(self, identifier: str) -> Mandate:
        mandate = self._engine.mandates.get(identifier)
        if mandate is None:
            raise ControlError(f"There is no mandate {identifier}.", 404)
        return mandate

    def _document(self, identifier: str) -> Document:
        mandate = self._find(identifier)
        return mandate_document(mandate, mandate_page_url(self._engine.base_url, mandate))

    def _show(self, _: Request, __: Document, identifier: str) -> Document:
        return self._document(identifier)

    def _approve(self, _: Request, body: Document, identifier: str) -> Document:
        only(body)
        self._find(identifier)
        self._engine.mandates.approve(identifier)
        return self._document(identifier)

    def _decline(self, _: Request, body: Document, identifier: str) -> Document:
        texts_only(body, "reason")
        self._find(identifier)
        self._engine.mandates.decline(identifier, **body)
        return self._document(identifier)

    def _pause(self, _: Request, body: Document, identifier: str) -> Document:
        only(body, "seconds")
        self._find(identifier)
        seconds = body.get("seconds")
        if seconds is not None and (type(seconds) not in (int, float) or not 0 < seconds <= 10**9):
            raise ControlError("seconds: a number from 1 to 1000000000")
        self._engine.mandates.pause(identifier, seconds)
        return self._document(identifier)

    def _unpause(self, _: Request, body: Document, identifier: str) -> Document:
        only(body)
        self._find(identifier)
        self._engine.mandates.unpause(identifier)
        return self._document(identifier)

    def _revoke(self, _: Request, body: Document, identifier: str) -> Document:
        only(body)
        self._find(identifier)
        self._engine.mandates.revoke(identifier)
        return self._document(identifier)

    def _fail_debits(self, _: Request, body: Document, identifier: str) -> Document:
        only(body, "reason", "times")
        self._find(identifier)
        texts_only({key: value for key, value in body.items() if key == "reason"}, "reason")
        self._engine.mandates.fail_debits(identifier, body.get("reason", "INSUFFICIENT_BALANCE"), _times(body))
        return self._document(identifier)

    def _fail_notices(self, _: Request, body: Document, identifier: str) -> Document:
        only(body, "times")
        self._find(identifier)
        self._engine.mandates.fail_notices(identifier, _times(body))
        return self._document(identifier)


def _times(body: Document) -> int:
    times = body.get("times", 1)
    if type(times) is not int:
        raise ControlError("times: a whole number")
    return times
