"""PhonePe in a check: the simulator over real HTTP, which remembers every exchange and may be told what to say."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from phonepe_simulator import Fault, Request, Response, Simulator, WebhookDelivery
from phonepe_simulator.api import routes
from phonepe_simulator.messages import json_response
from phonepe_simulator.pay_page.pages import PATH as PAY_PAGE
from zelton_backend.sign_off.record import Exchange

Carry = Callable[[WebhookDelivery], int | None]
ORDERS = ("pay", "sdk_order")


@dataclass(slots=True)
class Instead:
    """An answer in place of the simulator's own; what is asked then never reaches it.

    :ivar times: how often; None: from now on
    """

    call: str
    response: Response
    times: int | None = 1


class RecordingSimulator(Simulator):
    """:param note: is told every exchange"""

    def __init__(self, note: Callable[[Exchange], None], **how: Any) -> None:
        self._note = note
        self.instead: list[Instead] = []
        super().__init__(**how)

    def handle(self, request: Request) -> Response:
        match = routes.find(request.path)
        name = match.name if match else ""
        at = datetime.now(UTC)
        response = self._scripted(name) or super().handle(request)
        if match:
            self._note(Exchange(at, name, request, response, _about(match, request)))
        elif request.path.startswith(PAY_PAGE):
            self._note(Exchange(at, "pay_page", request, response))
        return response

    def _scripted(self, name: str) -> Response | None:
        for each in self.instead:
            if each.call == name and each.times != 0:
                each.times = None if each.times is None else each.times - 1
                return each.response
        return None


def _about(match: routes.Match, request: Request) -> str | None:
    """Return the merchant's id of the order or refund that a call is about."""
    if match.identifier:
        return match.identifier
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return None  # a form, for a token
    name: str | None = body.get("merchantOrderId") or body.get("originalMerchantOrderId")
    return name


@dataclass
class PhonePe:
    """What PhonePe does in a check, and what it saw.

    :ivar exchanges: all that it was asked, with its answers, the oldest first
    """

    simulator: RecordingSimulator
    exchanges: list[Exchange] = field(default_factory=list)

    # What happens there.

    def is_paid(self, order: str, **how: Any) -> None:
        """The payer tries to pay on the pay page: with success, unless an outcome says otherwise."""
        self.simulator.attempt(order, **how)

    def decides(self, order: str, outcome: str) -> None:
        """The bank decides about an attempt that is pending."""
        self.simulator.conclude(order, outcome)

    def expires(self, order: str) -> None:
        self.simulator.expire(order)

    def ends_refund(self, merchant_refund_id: str, outcome: str) -> None:
        self.simulator.conclude_refund(merchant_refund_id, outcome)

    def keeps_refunds_open(self) -> None:
        """Refunds are CONFIRMED after 20 s, and then stay so until the check ends them."""
        self.simulator.change_settings(refund_confirmed_after=20, refund_completed_after=10**8)

    def fails_with(self, kind: str, call: str, *, times: int | None = None, **more: Any) -> None:
        """Let a fault of the simulator's happen to a call."""
        self.simulator.faults.add(Fault(kind, call=call, times=times, **more))

    def works_again(self) -> None:
        self.simulator.faults.clear()
        self.simulator.instead.clear()

    def says(self, call: str, body: Any, *, status: int = 200, times: int | None = 1) -> None:
        """Answer a call with this, word for word."""
        if isinstance(body, bytes):
            response = Response(status, {"Content-Type": "text/html"}, body)
        else:
            response = json_response(body, status)
        self.simulator.instead.append(Instead(call, response, times))

    def sends_webhooks(self) -> list[WebhookDelivery]:
        """Send every webhook that is due; return those that were sent now."""
        before = len(self.simulator.webhooks)
        self.simulator.tick()
        return self.simulator.webhooks[before:]

    # What it saw.

    def calls(self, *names: str, about: str | None = None) -> list[Exchange]:
        return [each for each in self.exchanges if (each.name in names or not names) and about in (None, each.about)]

    def token_calls(self) -> list[Exchange]:
        return self.calls("oauth")

    def business_calls(self) -> list[Exchange]:
        return [each for each in self.exchanges if each.name not in ("oauth", "pay_page")]

    def orders_created(self) -> list[Exchange]:
        return self.calls(*ORDERS)

    def polls_of(self, order: str) -> list[float]:
        """Return when it was asked about an order, in seconds after that order's pay call."""
        began = next(each.at for each in self.orders_created() if each.about == order)
        return [(each.at - began).total_seconds() for each in self.calls("order_status", about=order)]
