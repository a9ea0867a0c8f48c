"""What is said on the wire about mandates: whoever announces or executes a debit must be allowed to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.models import MandateDebit, Notification, NotificationKind, OwnerSubscriptionPayment, PaymentStatus
from phonepe_simulator import Simulator
from zelton_backend.simulation.processes import Process, Processes
from zelton_backend.simulation.wire import NEVER, Wire

NOTICE = timedelta(hours=24)
FRESH = timedelta(minutes=10)  # a process may stand still meanwhile, and another wait for PhonePe in vain
GIVEN_UP = (PaymentStatus.FAILED, PaymentStatus.CANCELLED)


class MandateWatch:
    """Follows what PhonePe tells each process about mandates, and judges what the process then asks for.

    A notice is given up only if PhonePe has refused it, and does not come any more once another for the same period has
    been sent.

    :param off: how wrong the clock of a machine of ours may be; PhonePe's is right
    """

    def __init__(self, simulator: Simulator, wire: Wire, processes: Processes, *, off: timedelta) -> None:
        self._off = off
        self._simulator, self._wire, self._processes = simulator, wire, processes
        self._told: dict[tuple[Process, str], tuple[str, datetime]] = {}
        self._notified_at: dict[str, datetime] = {}
        self._refused: set[str] = set()
        self._given_up: dict[str, str] = {}
        wire.when_sent, wire.when_refused, wire.when_answered = self.sent, self.refused, self.answered

    def sent(self, url: str, body: dict[str, Any]) -> None:
        path = urlsplit(url).path
        if path.endswith("/subscriptions/v2/redeem"):
            self._look_at_execution(body["merchantOrderId"])
        elif path.endswith("/subscriptions/v2/notify"):
            self._look_at_notice(body["merchantOrderId"])

    def refused(self, url: str, body: dict[str, Any]) -> None:
        if urlsplit(url).path.endswith("/subscriptions/v2/notify"):
            self._refused.add(body["merchantOrderId"])

    def look(self) -> None:
        """Judge what has come to PhonePe since the last look."""
        for name in [name for name in self._given_up if name in self._simulator.orders]:
            other = self._given_up.pop(name)
            self._wire.wrong.append(f"{name} was given up, and has come beside {other} for the same period")

    def answered(self, url: str, answer: Any) -> None:
        path = urlsplit(url).path
        if "/subscriptions/v2/" not in path or not path.endswith("/status") or not isinstance(answer, dict):
            return
        if "/order/" not in path:
            name, state = path.split("/")[-2], str(answer.get("state"))
            self._told[self._processes.here, name] = (state, self._simulator.clock.now())
        elif notified := (answer.get("paymentFlow") or {}).get("notifiedAt"):
            name = path.split("/order/")[1].split("/")[0]
            self._notified_at[name] = datetime.fromtimestamp(int(notified) / 1000, UTC)

    def _look_at_execution(self, name: str) -> None:
        debit = MandateDebit.objects.select_related("mandate").get(payment__merchant_order_id=name)
        self._is_active(name, debit.mandate.merchant_subscription_id, "debited")
        now, notified_at = self._simulator.clock.now(), self._notified_at.get(name)
        if notified_at is None or now < notified_at + NOTICE - self._off:
            self._wire.wrong.append(f"{name} is debited, and its payer was told at {notified_at}")
        written = Notification.objects.filter(kind=NotificationKind.DEBIT_ANNOUNCED, about=f"order:{name}"[:64])
        if not written.filter(created_at__lte=now - NOTICE + 2 * self._off).exists():
            self._wire.wrong.append(f"{name} is debited, and we have not told its owner a day before")

    def _look_at_notice(self, name: str) -> None:
        payment = OwnerSubscriptionPayment.objects.select_related("mandate").get(merchant_order_id=name)
        if payment.mandate is None or payment.renews_from is None:
            self._wire.wrong.append(f"{name} is announced and is no debit")
            return
        self._is_active(name, payment.mandate.merchant_subscription_id, "announced")
        same = OwnerSubscriptionPayment.objects.filter(
            subscription=payment.subscription_id, renews_from=payment.renews_from
        ).exclude(pk=payment.pk)
        for other in same.order_by("pk"):
            theirs = self._simulator.orders.get(other.merchant_order_id)
            is_open = theirs is not None and theirs.state == "PENDING"
            if other.status not in GIVEN_UP or (other.status == PaymentStatus.FAILED and is_open):
                self._wire.wrong.append(f"{name} is announced, and {other} for the same period is {other.status}")
            elif other.status == PaymentStatus.FAILED and theirs is None:
                self._given_up[other.merchant_order_id] = name
                if other.merchant_order_id not in self._refused:
                    self._wire.wrong.append(f"{name} is announced, and nobody knows what became of {other} before it")

    def _is_active(self, name: str, mandate: str, what: str) -> None:
        state, at = self._told.get((self._processes.here, mandate), ("never asked about", NEVER))
        if state != "ACTIVE":
            self._wire.wrong.append(f"{name} is {what}, and its mandate was {state}")
        elif self._simulator.clock.now() - at > FRESH:
            self._wire.wrong.append(f"{name} is {what} on what PhonePe said of its mandate at {at}")
