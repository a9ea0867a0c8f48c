"""The pay page: what a payer sees, and what their forms do."""

from collections.abc import Callable

from phonepe_simulator.checkout import Checkout
from phonepe_simulator.clock import Clock
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.orders import Order
from phonepe_simulator.settings import Settings

PATH = "/transact/uat_v2"


def pay_page_url(base_url: str, order: Order) -> str:
    return f"{base_url}{PATH}?token={order.token}"


class PayPage:
    def __init__(self, checkout: Checkout, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._checkout = checkout
        self._clock = clock
        self._settings = settings

    def serves(self, path: str) -> bool:
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(self, request: Request) -> Response:
        return Response(404, {"Content-Type": "text/plain"}, b"")
