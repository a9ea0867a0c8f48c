"""Many people who pay at once: tenants their rent, owners their subscription, also by AutoPay; owners also pay back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Self

import requests

from tests.processes.app import PATIENCE, App, Call, Memory
from tests.processes.deployment import Deployment

RENT = "/api/payments/initiate-rent-payment/"
SUBSCRIPTION = "/api/owner-subscriptions/initiate-payment/"
AUTOPAY = "/api/owner-subscriptions/autopay/"
HANDS = 8  # people who do something at the same time
BREATH = 0.3  # seconds between two payments of one hand


class Crowd:
    """Pays until the block is left. What everybody does follows from the seed; when, from the machine.

    :param keep_connections: every second app keeps its connection to the server for its next request
    :param patience: seconds that an app waits for one answer
    """

    def __init__(
        self,
        deployment: Deployment,
        people: dict[str, Any],
        seed: int,
        *,
        keep_connections: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._deployment, self._people, self._seed = deployment, people, seed
        self._keep_connections, self._patience = keep_connections, patience
        self._stop = threading.Event()
        self._hands = ThreadPoolExecutor(HANDS)
        self._plans = [
            (self._pays_rent, 60),
            (self._changes_their_mind, 15),
            (self._pays_all_that_is_due, 10),
            (self._pays_subscription, 15),
            (self._sets_autopay_up, 10),
        ]
        self.memory = Memory()

    def __enter__(self) -> Self:
        self._running = [self._hands.submit(self._live, number) for number in range(HANDS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._hands.shutdown()

    def done(self) -> None:
        """Stop, and raise what went wrong in a hand."""
        self._stop.set()
        for hand in self._running:
            hand.result()

    def _live(self, number: int) -> None:
        chance = Random(f"{self._seed}/{number}")
        app = self._app(keeps_connection=self._keep_connections and number % 2 == 0)
        plans, weights = zip(*self._plans, strict=True)
        while not self._stop.is_set():
            chance.choices(plans, weights)[0](app, chance)
            self._stop.wait(BREATH)

    def _app(self, *, keeps_connection: bool = False) -> App:
        return App(self._deployment.web, self.memory, keeps_connection=keeps_connection, patience=self._patience)

    # What people do.

    def _pays_rent(self, app: App, chance: Random) -> None:
        tenant = chance.choice(self._people["tenants"])
        call = Call.new(tenant["token"], RENT, amount=f"{chance.randrange(500, 3000)}.00")
        order = self._starts(app, call, taps=chance.choice([1, 2]))
        if order:
            self._pays(order, chance)
            self._verifies(app, f"/api/payments/verify-payment/{order['merchant_order_id']}/", tenant["token"])
            if chance.random() < 0.4:
                self._is_paid_back(app, chance, order, f"/api/payments/{order['payment_id']}/refund/")

    def _changes_their_mind(self, app: App, chance: Random) -> None:
        """Ask for another amount before paying; both pages stay open, and both may be paid."""
        tenant = chance.choice(self._people["tenants"])
        first = self._starts(app, Call.new(tenant["token"], RENT, amount="7000.00"))
        second = self._starts(app, Call.new(tenant["token"], RENT, amount="6500.00"))
        for order in filter(None, (second, first)):
            self._pays(order, chance)

    def _pays_all_that_is_due(self, app: App, chance: Random) -> None:
        tenant = chance.choice(self._people["tenants"])
        answer = app.get("/api/tenancies/", tenant["token"])
        due = answer.json()[0]["outstanding"] if answer is not None and answer.ok else "0.00"
        if float(due) >= 1:
            order = self._starts(app, Call.new(tenant["token"], RENT, amount=due))
            if order:
                self._pays(order, chance)

    def _pays_subscription(self, app: App, chance: Random) -> None:
        owner = chance.choice(self._people["owners"])
        period = chance.choice(["monthly", "yearly"])
        call = Call.new(owner, SUBSCRIPTION, pricing_plan_id=self._people["plan"], period=period)
        order = self._starts(app, call, taps=chance.choice([1, 2]))
        if order:
            self._pays(order, chance)
            self._verifies(app, f"/api/owner-subscriptions/verify-payment/{order['merchant_order_id']}/", owner)
            if chance.random() < 0.3:
                path = f"/api/owner-subscriptions/{order['payment_id']}/refund/"
                self._is_paid_back(app, chance, order, path)

    def _sets_autopay_up(self, app: App, chance: Random) -> None:
        """Have AutoPay set up, decide about it in the UPI app, and end it, sometimes."""
        owner, period = chance.choice(self._people["owners"]), chance.choice(["monthly", "yearly"])
        how = {"device_os": "ANDROID", "target_app": "com.phonepe.app"}
        call = Call.new(owner, AUTOPAY, pricing_plan_id=self._people["plan"], period=period, **how)
        setup = self._starts(app, call, taps=chance.choice([1, 2]))
        if setup:
            deed = chance.choices(["approve", "decline", "revoke"], [80, 10, 10])[0]
            for act in ("approve", "revoke") if deed == "revoke" else (deed,):
                self._does_in_app(f"mandates/{setup['merchant_subscription_id']}/{act}")
            self._verifies(app, f"/api/owner-subscriptions/verify-payment/{setup['merchant_order_id']}/", owner)
        if chance.random() < 0.4:
            app.delete(AUTOPAY, owner)

    # The steps of it.

    def _starts(self, app: App, call: Call, *, taps: int = 1) -> dict[str, Any] | None:
        """Ask for a pay page, with one tap or two at once; return what the app was given."""
        tap = [threading.Thread(target=self._app().post, args=[call]) for _ in range(1, taps)]
        for thread in tap:
            thread.start()
        answer = self._insist(app, call)
        for thread in tap:
            thread.join()
        started: dict[str, Any] | None = answer.json() if answer is not None and answer.ok else None
        return started

    def _insist(self, app: App, call: Call) -> requests.Response | None:
        return app.insist(call, until=time.monotonic() + (1 if self._stop.is_set() else 20))

    def _pays(self, order: dict[str, Any], chance: Random) -> None:
        """Do something on the pay page, in PhonePe's hands: nothing of ours is asked."""
        name = order["merchant_order_id"]
        deed = chance.choices(["success", "failure", "pending", "expire", "nothing"], [70, 8, 6, 8, 8])[0]
        if deed in ("failure", "expire"):
            self._does_in_app(f"orders/{name}/attempt", {"outcome": "failure"})
        if deed in ("success", "pending"):
            self._does_in_app(f"orders/{name}/attempt", {"outcome": deed})
        if deed == "pending":
            self._stop.wait(1)
            self._does_in_app(f"orders/{name}/conclude", {"outcome": "success"})
        if deed == "expire":
            self._does_in_app(f"orders/{name}/expire")

    def _does_in_app(self, what: str, body: dict[str, Any] | None = None) -> None:
        try:
            self._deployment.tell_phonepe("POST", what, body)
        except requests.HTTPError as refusal:
            if refusal.response.status_code != 409:  # somebody else with the same page was quicker
                raise

    def _verifies(self, app: App, path: str, token: str) -> None:
        for _ in range(2):
            app.get(path, token)
            self._stop.wait(0.5)

    def _is_paid_back(self, app: App, chance: Random, order: dict[str, Any], path: str) -> None:
        amount = {"amount": f"{chance.randrange(1, 400)}.00"} if chance.random() < 0.7 else {}
        self._insist(app, Call.new(self._people["operator"], path, reason="Repair", **amount))
