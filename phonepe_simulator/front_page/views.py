"""The front page: HTML for a person, JSON for a program."""

from itertools import islice
from pathlib import Path

from phonepe_simulator.api.oauth import DEMO_CLIENT
from phonepe_simulator.api.routes import PREFIXES, SANDBOX
from phonepe_simulator.clock import VirtualClock, iso_seconds
from phonepe_simulator.control.access import check_host
from phonepe_simulator.control.requests import PREFIX, ControlError
from phonepe_simulator.engine import Engine
from phonepe_simulator.mandates.mandate import Mandate, MandateState
from phonepe_simulator.mandates.page import mandate_page_url
from phonepe_simulator.markup import NOTHING, Markup, Templates, joined
from phonepe_simulator.messages import Request, Response, html_response, json_response
from phonepe_simulator.pay_page.pages import PATH as ASSETS
from phonepe_simulator.pay_page.rupees import rupees
from phonepe_simulator.pay_page.views import pay_page_url
from phonepe_simulator.payments.attempts import State
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.version import __version__
from phonepe_simulator.webhooks.delivery import WebhookDelivery

SHOWN = 20
LOOK = {State.COMPLETED: "good", State.FAILED: "bad", State.PENDING: "wait"}
_templates = Templates(Path(__file__).with_name("templates"))
fill = _templates.fill


class FrontPage:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def serves(self, request: Request) -> bool:
        return request.path == "/" and request.method in ("GET", "HEAD")

    def answer(self, request: Request) -> Response:
        try:
            # A link on another site may lead here: that site does not see the answer, and nothing is changed.
            check_host(request, self._engine.allowed_hosts)
        except ControlError as error:
            return json_response({"error": str(error)}, error.status)
        if "text/html" in (request.header("Accept") or ""):
            return html_response(self._page())
        return json_response(self._document())

    def _document(self) -> dict[str, object]:
        base_url = self._engine.base_url
        return {
            "name": "phonepe_simulator",
            "version": __version__,
            "api": [f"{base_url}{prefix}" for prefix in PREFIXES],
            "control": f"{base_url}{PREFIX}/",
            "state": f"{base_url}{PREFIX}/state",
        }

    def _page(self) -> str:
        engine = self._engine
        orders = [self._order_row(order) for order in islice(reversed(engine.orders.values()), SHOWN)]
        mandates = [self._mandate_row(each) for each in islice(reversed(list(engine.mandates.values())), SHOWN)]
        webhooks = [_webhook_row(delivery) for delivery in engine.webhook_log.latest(SHOWN)]
        target = engine.webhook_target.url
        faults = ", ".join(f"{fault.kind} ({fault.call or 'any call'})" for fault in engine.faults)
        is_demo = engine.client == DEMO_CLIENT
        clock = "moved by hand" if isinstance(engine.clock, VirtualClock) else "this machine's"
        return fill(
            "page",
            assets=ASSETS,
            base_url=engine.base_url,
            sandbox=SANDBOX,
            client_id=engine.client.client_id,
            client_version=engine.client.version,
            client_secret=fill("code", text=DEMO_CLIENT.secret) if is_demo else "as given at its start",
            webhook_url=fill("code", text=target) if target else "nobody: start it with --webhook-url",
            now=f"{iso_seconds(engine.clock.now())}, {clock}",
            faults=faults or "none",
            orders=_rows(orders, "No order yet: your program makes one with POST /checkout/v2/pay."),
            mandates=_rows(mandates, "No mandate yet: your program asks for one with POST /subscriptions/v2/setup."),
            webhooks=_rows(webhooks, "No webhook has been sent yet."),
            version=__version__,
        )

    def _mandate_row(self, mandate: Mandate) -> Markup:
        looks = {MandateState.ACTIVE: "good", MandateState.ACTIVATION_IN_PROGRESS: "wait", MandateState.PAUSED: "wait"}
        is_open = mandate.state in looks
        url = mandate_page_url(self._engine.base_url, mandate)
        return fill(
            "row",
            what=mandate.merchant_subscription_id,
            about=fill("link", url=url, label="Open it") if is_open else NOTHING,
            detail=f"up to {rupees(mandate.max_amount)}",
            state=mandate.state.value,
            look=looks.get(mandate.state, "bad"),
        )

    def _order_row(self, order: Order) -> Markup:
        is_open = order.state is State.PENDING and order.product != "subscriptions"
        link = fill("link", url=pay_page_url(self._engine.base_url, order), label="Pay it") if is_open else NOTHING
        refunded = f", {rupees(order.refunded)} refunded" if order.refunded else ""
        return fill(
            "row",
            what=order.merchant_order_id,
            about=link,
            detail=f"{rupees(order.amount)}{refunded}",
            state=order.told_state,
            look=LOOK[order.state],
        )


def _webhook_row(delivery: WebhookDelivery) -> Markup:
    is_accepted = delivery.answered is not None and 200 <= delivery.answered < 300
    return fill(
        "row",
        what=delivery.event,
        about=fill("id", text=delivery.merchant_order_id) if delivery.merchant_order_id else NOTHING,
        detail=f"{iso_seconds(delivery.at)}, attempt {delivery.attempt}",
        state="no answer" if delivery.answered is None else str(delivery.answered),
        look="good" if is_accepted else "bad",
    )


def _rows(rows: list[Markup], if_none: str) -> Markup:
    return fill("rows", rows=joined(rows)) if rows else fill("none", text=if_none)
