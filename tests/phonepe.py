"""PhonePe in the test's own process, on the test's own clock: the simulator, mounted under the official SDK."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from core.models import Payable, PaymentTransaction, Refund, ReportedRefund, WebhookEvent
from core.services import worker
from core.services.polling.claims import put_off
from phonepe_simulator import Call, Simulator, WebhookDelivery

WEBHOOK = "/api/webhooks/phonepe-webhook/"


class MachineClock:
    """The clock that the product reads too."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class PhonePe:
    """What PhonePe does in a story. `simulator` is there for everything else."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller
        self.reachable = True  # whether its webhooks reach us
        self.simulator = Simulator(
            clock=MachineClock(),
            seed=7,
            client_id=settings.PHONEPE_CLIENT_ID,
            client_secret=settings.PHONEPE_CLIENT_SECRET,
            webhook_username=settings.PHONEPE_WEBHOOK_CREDENTIALS[0].split(":")[0],
            webhook_password=settings.PHONEPE_WEBHOOK_CREDENTIALS[0].split(":")[1],
            deliver=self._deliver,
        )

    def pays(self, about: Any, **how: Any) -> None:
        """The payer pays on the pay page; the webhook waits for `delivers`."""
        self.simulator.attempt(order_id_of(about), **how)

    def fails(self, about: Any) -> None:
        """The order ends unpaid."""
        self.simulator.expire(order_id_of(about))

    def delivers(self) -> None:
        """Every webhook that is due reaches us."""
        self.simulator.tick()

    def was_asked(self, about: Any = None) -> list[Call]:
        return self.simulator.calls_to("order_status", order_id_of(about) if about is not None else None)

    def orders_taken(self) -> list[Call]:
        return [*self.simulator.calls_to("pay"), *self.simulator.calls_to("sdk_order")]

    def _deliver(self, letter: WebhookDelivery) -> int | None:
        if not self.reachable:
            return None
        headers = dict(letter.headers)
        answer = Client().post(WEBHOOK, letter.body, content_type="application/json", headers=headers)
        return int(answer.status_code)


class Days:
    """Time as the test lets it pass."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller

    def pass_by(self, seconds: float) -> None:
        self._traveller.shift(seconds)

    def tick_for(self, seconds: int, *, also: Callable[[], Any] = lambda: None) -> None:
        """Let seconds pass, with the clock's tick in each; those that would find nothing to do are left out.

        Each fifth comes anyway, for what watches by the clock alone.
        """
        for second in range(1, seconds + 1):
            self._traveller.shift(1)
            also()
            if second % 5 == 0 or second == seconds or _something_waits(self.now()):
                worker.tick()

    def now(self) -> datetime:
        return timezone.now()


def _something_waits(now: datetime) -> bool:
    rows = [model.objects.all() for model in (PaymentTransaction, Refund, ReportedRefund)]
    events = (WebhookEvent.objects.never_tried(), WebhookEvent.objects.to_try_again(now))
    due = (some.due(now) for some in rows)
    return any(some.exists() for some in (*due, *events, *(put_off(some, now) for some in rows)))


def order_id_of(about: Any) -> str:
    if isinstance(about, PaymentTransaction | Payable):
        return str(about.merchant_order_id)
    return str(about if isinstance(about, str) else about.json()["merchant_order_id"])


def settles(phonepe: PhonePe, days: Days) -> Any:
    """PhonePe pays out all that waits, and the bank takes it."""
    settlement = phonepe.simulator.settle()
    days.pass_by(11)
    phonepe.delivers()
    return settlement
