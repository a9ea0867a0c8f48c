"""What happens outside of our processes to one order: payers' apps, banks, PhonePe's dashboard, and liars."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from phonepe_simulator import NotPayableError
from phonepe_simulator.errors import ApiError
from zelton_backend.simulation.invariants import ON_DASHBOARD
from zelton_backend.simulation.processes import Work
from zelton_backend.simulation.world import World

if TYPE_CHECKING:
    from datetime import datetime

COMPLETED = "checkout.order.completed"
MODES = ("UPI_INTENT", "UPI_INTENT", "UPI_QR", "CARD", "NET_BANKING")
LIES = (COMPLETED, "checkout.order.failed", "pg.refund.completed", "pg.refund.failed")


class Outside:
    """
    :ivar succeeded_late: when the bank took the money of orders that PhonePe had called FAILED
    """

    def __init__(self, world: World) -> None:
        self._world, self._dice = world, world.rng
        self.succeeded_late: dict[str, datetime] = {}

    def payment(self, name: str | None, outcome: str, *, more: int = 0) -> Work:
        mode = self._dice.choice(MODES)

        def work() -> Any:
            order = self._world.simulator.orders.get(name or "")
            if order is None:
                return "PhonePe knows no such order"
            if more and not order.attempts and order.state == "PENDING" and order.amount + more >= 100:
                order.amount += more
            try:
                return self._world.simulator.attempt(order.merchant_order_id, mode=mode, outcome=outcome).state
            except NotPayableError as refusal:
                return refusal

        return work

    def decision(self, name: str, outcome: str) -> Work:
        def work() -> Any:
            try:
                if outcome == "expired":
                    return self._world.simulator.expire(name).state
                if self._world.simulator.orders[name].state == "FAILED" and outcome == "success":
                    self.succeeded_late[name] = self._world.clock.now()
                return self._world.simulator.conclude(name, outcome).state
            except (KeyError, NotPayableError):
                return "nothing to decide"

        return work

    def never_told(self) -> list[str]:
        """Return the late successes of which no webhook that we answered has told: nothing else will."""
        told: set[str | None] = set()
        for letter in self._world.simulator.webhooks:
            name = letter.merchant_order_id
            if name in self.succeeded_late and letter.event == COMPLETED and letter.answered == HTTPStatus.OK:
                told.update({name} if letter.at >= self.succeeded_late[name] else ())
        return [name for name in self.succeeded_late if name not in told]

    def lies(self, name: str) -> None:
        """A webhook whose words are not true, with PhonePe's header or a forged one."""
        event, more = self._dice.choice(LIES), self._dice.choice((0, 0, 100))
        order = self._world.simulator.orders.get(name)
        state = event.rpartition(".")[2].upper()
        payload = {"merchantOrderId": name, "state": state, "amount": (order.amount if order else 100_00) + more}
        header = self._dice.choice((None, None, "0" * 64))
        self._world.simulator.send_webhook(event, name, payload=payload, authorization=header)
        self._world.happens(f"lie {event} about {name}", lambda: "forged" if header else "sent")

    def refund_on_dashboard(self, name: str, paise: int) -> Work:
        """A refund that somebody makes on PhonePe's dashboard, and not here."""

        def work() -> Any:
            try:
                return self._world.simulator.refund_on_dashboard(name, paise, f"{ON_DASHBOARD}{name}").state
            except ApiError as refusal:
                return refusal

        return work

    def tells_of_dashboard_again(self) -> None:
        """Send a webhook about every refund that was made on the dashboard: nothing else tells of them for sure."""
        for name, refund in self._world.simulator.refunds.items():
            if name.startswith(ON_DASHBOARD):
                payload = {"merchantRefundId": name, "state": "COMPLETED", "amount": refund.amount}
                self._world.simulator.send_webhook("pg.refund.completed", payload=payload)

    def lies_about_refund(self, name: str, told: dict[str, Any]) -> str:
        """PhonePe's own header, and a refund that PhonePe does not have."""
        payload = {"merchantRefundId": f"LIE-{name}", "originalMerchantOrderId": name, "state": "COMPLETED", **told}
        return self._world.simulator.send_webhook("pg.refund.completed", payload=payload).event
