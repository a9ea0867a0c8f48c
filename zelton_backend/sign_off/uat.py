"""What a check works with: people, PhonePe, our front door and time. All of it is new for each check."""

import os
import runpy
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from threading import Barrier
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.db.models import Min
from knox.models import get_token_model

from core.india import day_in_india
from core.models import (
    JournalEntry,
    Owner,
    PaymentTransaction,
    Property,
    Refund,
    StateChange,
    Tenancy,
    Tenant,
    Unit,
    User,
    WebhookEvent,
)
from core.services import worker
from core.services.phonepe.rate_limit import RateLimit, use
from core.services.phonepe_service import PhonePeService
from core.services.rent.charges import raise_charges
from phonepe_simulator import WebhookDelivery
from zelton_backend.sign_off.front_door import WEBHOOK_PATH, Answer, Caller, Door
from zelton_backend.sign_off.phonepe import PhonePe
from zelton_backend.sign_off.proofs import Proof, expect
from zelton_backend.sign_off.record import Record
from zelton_backend.sign_off.schedule import Comparison, compare
from zelton_backend.sign_off.webhook_request import webhook_digest, webhook_request
from zelton_backend.simulation.virtual_time import VirtualClock

RENT_PAISE = 15_000_00
COMPLETED, FAILED = "checkout.order.completed", "checkout.order.failed"
ATTEMPT_FAILED = "checkout.transaction.attempt.failed"
# What a start in production needs; none of it is anybody's.
PRODUCTION = {
    "ZELTON_ENV_FILE": os.devnull,
    "DJANGO_SECRET_KEY": "k3#mQ9-x" * 8,
    "DJANGO_DEBUG": "false",
    "DJANGO_ALLOWED_HOSTS": "zelton.example",
    "PHONEPE_ENVIRONMENT": "PRODUCTION",
    "PHONEPE_BASE_URL": "",
    "PHONEPE_CLIENT_ID": "LIVECLIENT",
    "PHONEPE_CLIENT_SECRET": "a-secret-of-production-length",
    "PHONEPE_CLIENT_VERSION": "1",
    "PHONEPE_REDIRECT_BASE_URL": "https://zelton.example",
    "PHONEPE_WEBHOOK_USERNAME": "zelton_hooks",
    "PHONEPE_WEBHOOK_PASSWORD": "hooks4production",
    "PHONEPE_WEBHOOK_PREVIOUS_USERNAME": "",
    "PHONEPE_WEBHOOK_PREVIOUS_PASSWORD": "",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that somebody has started.

    :ivar id: the merchantOrderId
    :ivar orderId: PhonePe's id of it
    """

    id: str
    order_id: str
    payment_id: int
    started: dict[str, Any] = field(repr=False)


@dataclass
class Uat:
    """
    :ivar tenant: has ₹15,000.00 of rent to pay
    :ivar owner: of the tenant's unit, who may refund
    """

    phonepe: PhonePe
    clock: VirtualClock
    record: Record
    door: Door

    def __post_init__(self) -> None:
        self.landlord = Owner.objects.create(user=User.objects.create(username="owner"), name="Owner of the unit")
        self.tenancy = self.let("tenant")
        self.owner, self.tenant = self.caller(self.landlord.user), self.caller(self.tenancy.tenant.user)

    # People.

    def let(self, name: str) -> Tenancy:
        """Let a new unit to somebody, with the rent of this month due."""
        today = day_in_india(self.clock.now())
        tenant = Tenant.objects.create(user=User.objects.create(username=name), name=f"Tenant {name}")
        house = Property.objects.create(owner=self.landlord, name=f"House of {name}")
        unit = Unit.objects.create(property=house, name=f"Flat of {name}")
        tenancy = Tenancy.objects.create(
            tenant=tenant, unit=unit, starts_on=today.replace(day=1), monthly_rent_paise=RENT_PAISE
        )
        raise_charges(through=today)
        return tenancy

    def caller(self, user: User) -> Caller:
        return Caller(self.door, get_token_model().objects.create(user)[1])

    # Payments and refunds.

    def start_payment(self, amount: Any = "15000.00", *, by: Caller | None = None, **body: Any) -> Order:
        """Let the tenant start a rent payment.

        :raises NotMet: if it is refused
        """
        answer = (by or self.tenant).starts_rent(amount, **body)
        expect("The answer to a client that starts a payment", answer.status, 201)
        return order_of(answer)

    def start_paid_by_another(self, name: str = "another") -> Order:
        """Let a new tenant of the same owner pay the rent."""
        return self.start_paid(by=self.caller(self.let(name).tenant.user))

    def start_paid(self, *, by: Caller | None = None) -> Order:
        """Let a tenant pay the rent, and our books hear of it by order status."""
        order = self.start_payment(by=by)
        self.phonepe.is_paid(order.id)
        self.pass_time(21)
        self.expect_status(order, "completed")
        return order

    def payment(self, order: Order) -> dict[str, Any]:
        """Return what the API shows the owner of a payment; PhonePe is not asked for it."""
        shown: dict[str, Any] = self.owner.get(f"/api/payments/{order.payment_id}/").json()
        return shown

    def expect_status(self, order: Order, status: str) -> None:
        """:raises NotMet: if our books show another"""
        expect(f"Status of payment {order.id} in our books", self.payment(order)["status"], status)

    def refund(self, order: Order, amount: str | None = "10.50") -> dict[str, Any]:
        """Let the owner refund.

        :raises NotMet: if it is refused
        """
        answer = self.owner.refunds(order.payment_id, amount)
        expect("The answer to an owner who refunds", answer.status, 202)
        told: dict[str, Any] = answer.json()
        return told

    def refunds_of(self, order: Order) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = self.payment(order)["refunds"]
        return shown

    # Time.

    def pass_time(self, seconds: float, *, every_second: bool = False) -> None:
        """Let time pass, with the worker's tick at every moment at which something is due, and at the end.

        :param every_second: tick in all seconds, as beat does
        """
        ends = self.clock.now().timestamp() + seconds
        while (left := ends - self.clock.now().timestamp()) > 0:
            self.clock.shift(min(left, 1 if every_second else self._until_due(left)))
            worker.tick()

    def _until_due(self, left: float) -> float:
        """Return in how many seconds the next row is due: one, if it already was and could not be done."""
        if WebhookEvent.objects.filter(processed_at__isnull=True).exists():
            return 1
        first = (model.objects.aggregate(at=Min("next_check_at"))["at"] for model in (PaymentTransaction, Refund))
        due = min((moment for moment in first if moment), default=None)
        return left if due is None else max((due - self.clock.now()).total_seconds(), 0) or 1

    def since(self, order: Order) -> float:
        """Return how many seconds ago the pay call of an order was."""
        [began] = [call.at for call in self.phonepe.orders_created() if call.about == order.id]
        return (self.clock.now() - began).total_seconds()

    def nothing_runs(self, seconds: float) -> None:
        """Let time pass while no process of ours is up; then one starts, which knows nothing of before."""
        self.clock.shift(seconds)
        start_afresh()

    def polls(self, order: Order, *, expire_after: int, until: float | None = None) -> Comparison:
        """Lay the polls of an order beside the mandatory schedule, and note it as evidence."""
        comparison = compare(self.phonepe.polls_of(order.id), expire_after, until=until)
        self.record.add(comparison.entry())
        return comparison

    # Webhooks.

    def webhook(self, event: str, order: Order | None, **payload: Any) -> dict[str, Any]:
        """Return a webhook's body about an order as it is; `payload` says what differs."""
        about = {"merchantOrderId": order.id, "orderId": order.order_id, "amount": self.paise(order)} if order else {}
        merchant = self.phonepe.simulator.settings.merchant_id
        return {"event": event, "payload": {"merchantId": merchant, **about, **payload}}

    def knock(self, body: Any, authorization: str | None = None, *, method: str = "POST", noted: bool = True) -> Answer:
        """Send a webhook of any kind to our door: PhonePe's header, unless another is given."""
        header = webhook_digest() if authorization is None else authorization
        return webhook_request(self.door, body, header, method=method, noted=noted)

    def webhooks_arrive(self, *, and_are_read: bool = True) -> list[WebhookDelivery]:
        """Let PhonePe send what is due; then let the worker read it.

        A webhook makes an order due as soon as PhonePe may be asked again: at most every three seconds.
        """
        sent = self.phonepe.sends_webhooks()
        if and_are_read:
            self.pass_time(4, every_second=True)
        return sent

    # What our books say.

    def paise(self, order: Order) -> int:
        return PaymentTransaction.objects.get(merchant_order_id=order.id).amount_paise

    def moves(self, order: Order) -> list[str]:
        """Return every status that a payment has moved to."""
        changes = StateChange.objects.filter(transaction__merchant_order_id=order.id, what="status")
        return list(changes.values_list("new", flat=True))

    def captures(self) -> int:
        """Return how often the ledger has taken money."""
        return JournalEntry.objects.filter(source__startswith="capture:").count()

    def expect_books_agree(self) -> None:
        """Run the command that compares our books with each other.

        :raises NotMet: if they differ
        """
        said = StringIO()
        try:
            call_command("check_books", stdout=said, stderr=said)
            differs = 0
        except (SystemExit, Exception) as found:  # noqa: BLE001 - however the command says that they differ
            differs = getattr(found, "code", 1) or 0
        self.record.saw("manage.py check_books", said=said.getvalue().strip())
        expect("Exit of manage.py check_books", differs, 0)

    # Configuration.

    def settings_of(self, **variables: str) -> dict[str, Any]:
        """Return the settings that a start with these variables would have.

        :raises ImproperlyConfigured: if it would be refused
        """
        with mock.patch.dict(os.environ, variables):
            return runpy.run_path(str(settings.BASE_DIR / "zelton_backend" / "settings.py"))

    def refusal(self, **variables: str) -> str | None:
        """Return the sentence with which a start is refused; None if it is not."""
        sentence = None
        try:
            self.settings_of(**variables)
        except ImproperlyConfigured as refusal:
            sentence = str(refusal)
        shown = {name: value for name, value in variables.items() if name not in PRODUCTION or len(variables) < 5}
        self.record.saw("A start with these variables", variables=shown, refused=sentence)
        return sentence

    @contextmanager
    def configured(self, **values: Any) -> Iterator[None]:
        """Let the product run with other settings, meanwhile."""
        with configured(**values):
            yield

    def proof(self, sentence: str, *, left: str = "") -> Proof:
        """Return a proof whose evidence is all that has crossed the wires and was seen in this check."""
        return Proof(sentence, self.record.evidence(), left)


def carry(door: Door, letter: WebhookDelivery) -> int:
    """Carry a webhook of PhonePe's to our door; return how it was answered."""
    return door.request("webhook", "POST", WEBHOOK_PATH, letter.body, dict(letter.headers)).status


def order_of(answer: Answer) -> Order:
    """Return the order that a client was told of."""
    told = answer.json()
    return Order(told["merchant_order_id"], told["order_id"], told["payment_id"], told)


@contextmanager
def configured(**values: Any) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in values}
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def start_afresh() -> None:
    """Let this process know nothing of PhonePe, as a new one does."""
    PhonePeService.forget_client()
    use(RateLimit(redis_url=""))


def at_the_same_moment(work: Callable[[], Any], times: int) -> list[Any]:
    """Let threads do the same, all of them at the same moment."""
    start = Barrier(times, timeout=30)

    def run(_: int) -> Any:
        start.wait()
        return work()

    return in_threads(run, range(times), at_once=times)


def in_threads(work: Callable[[Any], Any], given: Any, *, at_once: int) -> list[Any]:
    """Let threads do a work for each of what is given; none leaves a database connection behind."""

    def run(each: Any) -> Any:
        try:
            return work(each)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(run, given))


def leaves(value: Any) -> Iterator[Any]:
    """Yield every value inside of a JSON document."""
    if isinstance(value, Mapping) and value:
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item)
    else:
        yield value
