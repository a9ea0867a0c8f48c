"""The paths of the control API that list what happened, each alone and all at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any

from phonepe_simulator.control.documents import (
    Document,
    call_document,
    fault_document,
    instant,
    order_document,
    refund_document,
    settlement_document,
    webhook_document,
)
from phonepe_simulator.control.mandates import mandate_document
from phonepe_simulator.control.pages import Listing, read_page
from phonepe_simulator.control.requests import ControlRoute, only
from phonepe_simulator.engine import Engine
from phonepe_simulator.mandates.mandate import Mandate
from phonepe_simulator.mandates.page import mandate_page_url
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.pay_page.views import pay_page_url
from phonepe_simulator.payments.orders import Order

IN_STATE = ("orders", "mandates", "settlements", "calls", "webhooks", "record")
CALL_FILTERS = ("name", "merchant_order_id")
WEBHOOK_FILTERS = ("merchant_order_id",)


class Listings:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Looked up each time, because a reset replaces them.
        listings = (
            Listing("orders", lambda first: _numbered(engine.orders, first), self.order_as_document),
            Listing("mandates", lambda first: _numbered(engine.mandates, first), self._mandate_as_document),
            Listing("refunds", lambda first: _numbered(engine.refunds, first), refund_document),
            Listing("settlements", lambda first: _numbered(engine.settlements, first), settlement_document),
            Listing("calls", lambda first: engine.call_log.numbered(first), call_document, CALL_FILTERS),
            Listing("webhooks", lambda first: engine.webhook_log.numbered(first), webhook_document, WEBHOOK_FILTERS),
            Listing("record", lambda first: _numbered(engine.orders, first), _money_of, as_answer=dict),
        )
        self._listings = {listing.name: listing for listing in listings}

    def routes(self) -> list[ControlRoute]:
        lists = [("GET", f"/{name}", partial(self._list, listing)) for name, listing in self._listings.items()]
        return [("GET", "/state", self._state), *lists]

    def order_as_document(self, order: Order) -> Document:
        return order_document(order, pay_page_url(self._engine.base_url, order))

    def _mandate_as_document(self, mandate: Mandate) -> Document:
        return mandate_document(mandate, mandate_page_url(self._engine.base_url, mandate))

    def _list(self, listing: Listing, request: Request, _: Document, __: str) -> Callable[[], Response]:
        page = read_page(listing, dict(request.query))
        headers = {"Link": f'<{page.next}>; rel="next"'} if page.next else {}
        return lambda: json_response(page.answer, headers=headers)

    def _state(self, request: Request, _: Document, __: str) -> Document:
        """Return the first page of everything, and where the next pages are."""
        only(dict(request.query), "limit")
        pages = {name: read_page(self._listings[name], dict(request.query)) for name in IN_STATE}
        return {
            "now": instant(self._engine.clock.now()),
            "next_due": instant(self._engine.next_due()),
            **{name: page.answer for name, page in pages.items()},
            "faults": [fault_document(fault) for fault in self._engine.faults],
            "settings": asdict(self._engine.settings),
            "next": {name: page.next for name, page in pages.items() if page.next},
        }


def _numbered(kept: Mapping[str, Any], first: int) -> Iterator[tuple[int, Any]]:
    """Number what is kept, in the order in which it was made."""
    return enumerate(islice(kept.values(), first, None), first)


def _money_of(order: Order) -> tuple[str, dict[str, int]]:
    return order.merchant_order_id, order.money
