"""Two tenancies, a subscription, workers and PhonePe: all that people, processes and PhonePe can do in a story."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from hypothesis import note
from time_machine import Traveller

from core.errors import NotUnderReview
from core.india import day_in_india
from core.models import (
    Alert,
    AlertKind,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    PricingPlan,
    Refund,
    Tenancy,
    WebhookEvent,
)
from core.services import checkout, mismatches, phonepe_service, reconciliation, webhooks
from core.services.phonepe_service import PhonePeService
from core.services.rent import raise_charges
from phonepe_simulator import Fault, WebhookDelivery
from phonepe_simulator.checkout import NotPayableError
from tests.people import Caller
from tests.phonepe import PhonePe
from tests.properties.hiccups import Died, Hiccup, Moments
from tests.properties.wire import Wire

START = datetime(2026, 4, 10, 6, 30, tzinfo=UTC)
LATEST = START + timedelta(days=20)  # tokens live for thirty days
RENT, SUBSCRIPTION = "/api/payments/initiate-rent-payment/", "/api/owner-subscriptions/initiate-payment/"


@dataclass(frozen=True, repr=False)
class People:
    """Who lives in every story. Two tenants with an owner each, and the operator."""

    tenancies: tuple[Tenancy, ...]
    tenants: tuple[Caller, ...]
    owners: tuple[Caller, ...]
    operator: Caller
    plan: PricingPlan


class Loud:
    """In place of a logger: what would be logged as our own defect ends the story."""

    def exception(self, *_: Any, **__: Any) -> None:
        raise  # the exception that is being handled

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


class Waiting:
    """In place of `time` where the product waits for another tap: the wait is over at once."""

    def __init__(self) -> None:
        self._waited = 0.0

    def monotonic(self) -> float:
        return self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += 5 * seconds


class PhonePeOutside(PhonePe):
    """PhonePe lives on when one of our processes dies while it takes a webhook."""

    def __init__(self, world: "World", traveller: Traveller) -> None:
        self._world = world
        super().__init__(traveller)

    def _deliver(self, letter: WebhookDelivery) -> int | None:
        try:
            return super()._deliver(letter)
        except Died:
            self._world.process_starts_again()
            return None


@dataclass(repr=False)
class World:
    people: People
    traveller: Traveller
    were_paid: set[str] = field(default_factory=set)
    answers: dict[tuple[str, ...], tuple[datetime, int, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.traveller.move_to(START, tick=False)
        self.phonepe = PhonePeOutside(self, self.traveller)
        self.simulator = self.phonepe.simulator
        self.moments = Moments(self._others(), self.traveller.shift)
        self.wire = Wire(self.simulator, self.moments)

    def _others(self) -> dict[str, Callable[[], Any]]:
        return {
            "a worker ticks": reconciliation.tick,
            "webhooks arrive": self.simulator.tick,
            "the tenant taps": lambda: self.taps(0, "5000.00"),
            "the tenant taps for all": lambda: self.taps(0, "15000.00"),
            "the payer pays": lambda: self.pays(-1),
            "the order before is paid": lambda: self.pays(-2),
            "somebody verifies": lambda: self.verifies(-1),
            "the owner refunds": lambda: self.refunds(-1, "1.00", who="owner"),
            "the operator asks about all": self.asks_about_all,
        }

    def does(self, work: Callable[[], Any], hiccup: Hiccup = None) -> Any:
        """Let one process of ours do something."""
        cache.clear()  # nobody is throttled
        came = self.moments.runs(work, hiccup)
        if came is None and hiccup is not None:
            self.process_starts_again()
        note(f"# {self.now():%d %b %H:%M:%S}: {came if came is not None else 'the process died'}")
        return came

    def process_starts_again(self) -> None:
        self.moments.starts_again()
        PhonePeService.forget_client()

    # What is there.

    def orders(self) -> list[PaymentTransaction]:
        return list(PaymentTransaction.objects.order_by("pk"))

    def order_id(self, which: int) -> str | None:
        """Return an order's id, the latest for -1."""
        names = PaymentTransaction.objects.order_by("pk").values_list("merchant_order_id", flat=True)
        return names[which % len(names)] if names else None

    def contradicted(self) -> set[int]:
        """Return the expired orders whose id at PhonePe is another than PhonePe once said: a person has to ask."""
        alerts = Alert.objects.filter(kind=AlertKind.CONTRADICTION).values("subject")
        held = PaymentTransaction.objects.filter(merchant_order_id__in=alerts, reconciliation_status="silent")
        return set(held.values_list("pk", flat=True))

    def open_refunds(self) -> list[str]:
        self.simulator.record()  # lets time do its work at PhonePe
        return [name for name, refund in self.simulator.refunds.items() if refund.state.is_open]

    def now(self) -> datetime:
        return datetime.now(UTC)

    # What people do.

    def taps(self, who: int, amount: str, *, channel: str = "redirect", key: str = "") -> str:
        return self._posts(self.people.tenants[who], RENT, {"amount": amount, "channel": channel}, key)

    def subscribes(self, period: str, key: str = "") -> str:
        body = {"pricing_plan_id": self.people.plan.pk, "period": period}
        return self._posts(self.people.owners[0], SUBSCRIPTION, body, key)

    def refunds(self, which: int, amount: str | None, *, who: str, key: str = "") -> str:
        paid = sorted(self.were_paid)
        if not paid:
            return "nothing has been paid"
        name = paid[which % len(paid)]
        rent = Payment.objects.filter(merchant_order_id=name).first()
        payment = rent or OwnerSubscriptionPayment.objects.get(merchant_order_id=name)
        kind = "payments" if rent else "owner-subscriptions"
        owner = next(
            (each for each in self.people.owners if rent and each.user == rent.tenancy.unit.property.owner.user), None
        )
        caller = owner if who == "owner" and owner else self.people.operator
        body = {"reason": "Asked for", **({"amount": amount} if amount else {})}
        return self._posts(caller, f"/api/{kind}/{payment.pk}/refund/", body, key)

    def verifies(self, which: int) -> str:
        name = self.order_id(which)
        rent = Payment.objects.filter(merchant_order_id=name).exists()
        kind = "payments" if rent else "owner-subscriptions"
        answer = self.people.operator.get(f"/api/{kind}/verify-payment/{name}/")
        assert answer.status_code == (200 if name else 404), answer.content
        return f"{name} {answer.json().get('state')}"

    def returns(self, which: int) -> int:
        return int(Client().get(f"/payments/return/{self.order_id(which)}/").status_code)

    def calls_back(self, which: int) -> Any:
        body = {"merchant_order_id": self.order_id(which), "state": "COMPLETED"}
        return Client().post("/api/payments/handle-payment-callback/", body, content_type="application/json").json()

    def decides(self, *, accept: bool) -> str:
        """The operator decides about the oldest mismatch."""
        held = PaymentTransaction.objects.filter(reconciliation_status="mismatch").order_by("pk").first()
        name = held.merchant_order_id if held else "NONE"
        try:
            if accept:
                mismatches.accept(name, now=self.now())
            else:
                mismatches.send_back(name, reason="Wrong amount", user=self.people.operator.user, now=self.now())
        except (NotUnderReview, PaymentTransaction.DoesNotExist):
            return "nothing to decide"
        return f"{name} decided"

    def asks_about_all(self) -> str:
        for work in (reconciliation.ORDERS, reconciliation.REFUNDS):
            reconciliation.run(work, everything=True)
        return "asked about all"

    def charges_next_month(self, months: int) -> int:
        return raise_charges(through=day_in_india(self.now()) + timedelta(days=31 * months))

    def _posts(self, caller: Caller, path: str, body: dict[str, Any], key: str) -> str:
        answer = caller.post(path, body, **({"Idempotency-Key": key} if key else {}))
        assert answer.status_code in {200, 201, 202, 400, 409, 422, 502, 503}, answer.content
        if key:
            self._same_answer(f"{caller.user} {path} {body} {key}", answer.status_code, answer.json())
        told = answer.json()
        return f"{answer.status_code} {told.get('merchant_order_id') or told.get('merchant_refund_id') or told['code']}"

    def _same_answer(self, asked: str, status: int, told: Any) -> None:
        """Check that a repeated key gets the answer that its first success got."""
        since, first, before = self.answers.get((asked,), (START, 0, None))
        if first and self.now() - since < timedelta(hours=24):
            assert (first, before) == (status, told), "the same key got another answer"
        elif status < 300:
            self.answers[(asked,)] = (self.now(), status, told)

    # What payers, banks and PhonePe do.

    def pays(self, which: int, outcome: str = "success", mode: str = "UPI_INTENT", more: int = 0) -> str:
        """A payer tries to pay, perhaps another amount than was asked for."""
        order = self.simulator.orders.get(self.order_id(which) or "")
        if order is None:
            return "PhonePe knows no such order"
        if not order.attempts and order.state == "PENDING" and order.amount + more >= 100:
            order.amount += more
        try:
            self.simulator.attempt(order.merchant_order_id, mode=mode, outcome=outcome)
        except NotPayableError as refusal:
            return str(refusal)
        return f"{order.merchant_order_id} {order.state}"

    def bank_decides(self, which: int, outcome: str) -> str:
        """A pending attempt ends, or the order does before its time."""
        name = self.order_id(which) or ""
        try:
            if outcome == "expired":
                return str(self.simulator.expire(name).state)
            return str(self.simulator.conclude(name, outcome).state)
        except (KeyError, NotPayableError):
            return "nothing to decide"

    def bank_decides_about_refund(self, which: int, outcome: str) -> str:
        found = self.open_refunds()
        return (
            str(self.simulator.conclude_refund(found[which % len(found)], outcome).state) if found else "none is open"
        )

    def lies(self, which: int, event: str, *, more: int, header: str | None) -> str:
        """A webhook comes whose words are not true, with PhonePe's header or a forged one."""
        name = self.order_id(which)
        order = PaymentTransaction.objects.filter(merchant_order_id=name or "").first()
        amount = (order.amount_paise if order else 100_00) + more
        state = event.rpartition(".")[2].upper()
        payload = {"merchantOrderId": name or "NOBODY", "state": state, "amount": amount}
        self.simulator.send_webhook(event, name, payload=payload, authorization=header)
        return f"{event} about {name}"

    def old_letter_comes_again(self, which: int) -> Any:
        sent = self.simulator.webhooks
        return self.phonepe._deliver(sent[which % len(sent)]) if sent else "there is none"

    def misbehaves(self, fault: Fault) -> str:
        self.simulator.faults.add(fault)
        return "from now on"

    # What time does.

    def passes(self, seconds: float) -> str:
        if self.now() < LATEST:
            self.traveller.shift(seconds)
        return "time has passed"

    def ticks(self) -> str:
        reconciliation.tick()
        return "ticked"

    def comes_to_rest(self) -> None:
        """Let PhonePe behave, and let days pass with ticks until nothing is due within a day."""
        self.simulator.faults.clear()
        self.simulator.change_settings(refund_outcome="success")
        gap = timedelta(seconds=30)
        for _ in range(60):
            for name in self.open_refunds():
                self.simulator.conclude_refund(name, "success")
            due = self._next_due()
            if due is None or due > self.now() + timedelta(days=1):
                return
            self.traveller.move_to(max(due, self.now() + gap), tick=False)
            gap = min(2 * gap, timedelta(hours=2))
            self.simulator.tick()
            reconciliation.tick()
        rows = [*self.orders(), *Refund.objects.all()]
        left = [(str(row), row.state, row.next_check_at) for row in rows if row.next_check_at]
        raise AssertionError(f"It never comes to rest: at {self.now()} there is {left}, {self._next_due()}.")

    def _next_due(self) -> datetime | None:
        waiting = [self.now()] if WebhookEvent.objects.filter(processed_at__isnull=True).exists() else []
        rows: Iterator[Any] = itertools.chain(
            PaymentTransaction.objects.exclude(pk__in=self.contradicted()).values_list("next_check_at", flat=True),
            Refund.objects.values_list("next_check_at", flat=True),
        )
        moments = [*waiting, self.simulator.next_due(), *rows]
        return min((moment for moment in moments if moment), default=None)


@contextmanager
def a_world(people: People, traveller: Traveller) -> Iterator[World]:
    """A fresh world for one story; nothing of it stays."""
    PhonePeService.forget_client()
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        world, numbers = World(people, traveller), itertools.count(1)
        patch.setattr(phonepe_service, "Transport", lambda **_: world.wire)
        patch.setattr("secrets.token_urlsafe", lambda _: f"{next(numbers):04}")
        patch.setattr(checkout, "time", Waiting())
        patch.setattr(reconciliation, "logger", Loud())
        patch.setattr(webhooks, "logger", Loud())
        try:
            yield world
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            PhonePeService.forget_client()
