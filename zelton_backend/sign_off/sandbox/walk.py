"""The walk: orders are opened, a person pays one of them, and the rest is seen to the end."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone
from knox.models import get_token_model

from core.india import day_in_india
from core.models import Owner, PaymentTransaction, Property, Refund, Tenancy, Tenant, Unit, User, WebhookEvent
from core.services import worker
from core.services.rent.charges import raise_charges
from zelton_backend.sign_off.front_door import Answer, Caller, Door
from zelton_backend.sign_off.masks import fingerprint
from zelton_backend.sign_off.sandbox.progress import Progress
from zelton_backend.sign_off.webhook_request import webhook_digest, webhook_request

RENT_PAISE = 15_000_00
PAID, UNPAID, MOBILE = "paid", "unpaid", "mobile"
AMOUNTS = {PAID: "123.45", UNPAID: "100.00", MOBILE: "50.00"}
REFUNDS = ("10.50", "5.00")
MODES = ["UPI_INTENT", "CARD"]
LOOK_EVERY = 0.5  # seconds
SEEN_ENOUGH = timedelta(seconds=60)  # after its final word an order must be asked about no more
HOW_TO_PAY = """\
Pay this link now, with success:

  {url}

  on a desktop   UPI QR: scan it with any UPI app, open the link that it shows, choose Success
                 card 4208 5851 9011 6667, 06/2027, CVV 508; OTP 123456 on the bank's page; choose Success
                 net banking: user test, password test; choose Success
  on a phone     the PhonePe Test App; template "Paypage Upi Intent Success"

Use no real card: this is the sandbox. Nothing has to be typed here. Ctrl-C stops; the same command goes on.
"""


class Refused(Exception):
    """Something was refused that the walk needs; the sentence says what to do."""


@dataclass
class Walk:
    """
    :ivar say: tells the person something
    :ivar wait: lets so many seconds pass
    """

    progress: Progress
    door: Door
    say: Callable[[str], None]
    wait: Callable[[float], None]

    def go(self) -> None:
        """Go on until all is seen.

        :raises Refused: if it cannot go on
        """
        self._people()
        for part in (PAID, UNPAID, MOBILE):
            if part not in self.progress.orders:
                self._open(part)
        if self._state(PAID) == "PENDING":
            self.say(HOW_TO_PAY.format(url=self._pay_page()))
        self._tell_untrue_results()
        while not self._is_over():
            self.wait(LOOK_EVERY)
            worker.tick()
            self._follow()
        self._send_a_webhook_again()

    # People, who are made for this walk.

    def _people(self) -> None:
        name = self.progress.name
        user, is_new = User.objects.get_or_create(username=f"{name}-owner")
        self._landlord, _ = Owner.objects.get_or_create(user=user, defaults={"name": f"Owner of {name}"})
        self._owner = self._caller(user)
        self._tenants = {part: self._caller(self._tenant(f"{name}-{part}").user) for part in AMOUNTS}
        if is_new:
            self.say(f"Made an owner and tenants for this walk; their names begin with {name}.")

    def _tenant(self, name: str) -> Tenant:
        user, _ = User.objects.get_or_create(username=name)
        tenant, is_new = Tenant.objects.get_or_create(user=user, defaults={"name": f"Tenant {name}"})
        if is_new:
            today = day_in_india(timezone.now())
            house = Property.objects.create(owner=self._landlord, name=f"House of {name}")
            unit = Unit.objects.create(property=house, name=f"Flat of {name}")
            first = today.replace(day=1)
            Tenancy.objects.create(tenant=tenant, unit=unit, starts_on=first, monthly_rent_paise=RENT_PAISE)
            raise_charges(through=today)
        return tenant

    def _caller(self, user: User) -> Caller:
        return Caller(self.door, get_token_model().objects.create(user)[1])

    # Orders and refunds.

    def _open(self, part: str) -> None:
        more: dict[str, Any] = {"channel": "mobile_sdk", "payment_modes": MODES} if part == MOBILE else {}
        answer = self._tenants[part].starts_rent(AMOUNTS[part], **more)
        if answer.status != 201:
            raise Refused(f"PhonePe's sandbox opened no order: {_sentence(answer)}")
        told = answer.json()
        kept = {name: told[name] for name in ("merchant_order_id", "order_id", "payment_id")}
        self.progress.orders[part] = {**kept, "fields": sorted(told)}
        given = PaymentTransaction.objects.get(merchant_order_id=told["merchant_order_id"]).redirect_url
        if part == PAID:
            self.progress.notes["pay_page"] = [fingerprint(given), fingerprint(told["redirect_url"])]
        self.progress.save()

    def order(self, part: str) -> PaymentTransaction:
        return PaymentTransaction.objects.get(merchant_order_id=self.progress.orders[part]["merchant_order_id"])

    def _pay_page(self) -> str:
        return self.order(PAID).redirect_url

    def _state(self, part: str) -> str:
        return str(self.order(part).state)

    def _follow(self) -> None:
        """Say what has changed, and refund what was paid."""
        for part in (PAID, UNPAID):
            state, noted = self._state(part), f"state of {part}"
            if state != "PENDING" and noted not in self.progress.notes:
                self.say(f"PhonePe says that the order “{part}” is {state}.")
                self._note(noted, state)
        events = WebhookEvent.objects.filter(merchant_order_id__in=self._ids()).count()
        if events != self.progress.notes.get("webhooks", 0):
            self.say(f"Webhooks that have arrived: {events}.")
            self._note("webhooks", events)
        if self._state(PAID) == "COMPLETED" and not self._in_flight() and len(self.progress.refunds) < len(REFUNDS):
            self._refund(REFUNDS[len(self.progress.refunds)])

    def _refund(self, amount: str) -> None:
        payment_id = self.progress.orders[PAID]["payment_id"]
        answer = self._owner.refunds(payment_id, amount)
        if answer.status != 202:
            raise Refused(f"The refund of ₹{amount} was refused: {_sentence(answer)}")
        self.progress.refunds.append(answer.json())
        self.say(f"Refund of ₹{amount} sent.")
        if len(self.progress.refunds) == 1:
            self.progress.notes["second refund meanwhile"] = self._owner.refunds(payment_id, "1.00").status
        self.progress.save()

    def _in_flight(self) -> bool:
        return Refund.objects.filter(transaction=self.order(PAID), state__in=("PENDING", "CONFIRMED")).exists()

    def _ids(self) -> list[str]:
        return [str(order["merchant_order_id"]) for order in self.progress.orders.values()]

    def _is_over(self) -> bool:
        """Tell whether both orders are final for long enough, and the refunds of the paid one, too."""
        orders = [self.order(part) for part in (PAID, UNPAID)]
        if any(order.next_check_at is not None or order.state == "PENDING" for order in orders):
            return False
        refunded = len(self.progress.refunds) == len(REFUNDS) or orders[0].state != "COMPLETED"
        return refunded and not self._in_flight() and timezone.now() - self._last_word() > SEEN_ENOUGH

    def _last_word(self) -> datetime:
        moments = (self.order(part).last_checked_at for part in (PAID, UNPAID))
        return max(moment for moment in moments if moment)

    # What a stranger may try.

    def _tell_untrue_results(self) -> None:
        """Say of the unpaid order that it was paid, as an app, a browser or a stranger's webhook may."""
        if "untrue results" in self.progress.notes:
            return
        unpaid = self.progress.orders[UNPAID]
        order, header = unpaid["merchant_order_id"], webhook_digest()
        page = self.door.request("browser", "GET", f"/payments/return/{order}/?state=COMPLETED")
        claim = {"merchant_order_id": order, "state": "COMPLETED", "code": "PAYMENT_SUCCESS"}
        told = self._tenants[UNPAID].post("/api/payments/handle-payment-callback/", claim)
        payload = {"merchantOrderId": order, "orderId": unpaid["order_id"], "state": "COMPLETED", "amount": 1}
        untrue = json.dumps({"event": "checkout.order.completed", "payload": payload}).encode()
        self._note("our own webhook", sha256(untrue).hexdigest())
        wrong = ("", "0" * 64, header.upper())
        seen = {
            "page": "Confirming your payment" in page.text,
            "state": told.json()["state"],
            "wrong headers": [webhook_request(self.door, untrue, each).status for each in wrong],
            "untrue webhook": webhook_request(self.door, untrue, header).status,
        }
        for _ in range(8):
            self.wait(LOOK_EVERY)
            worker.tick()
        seen["state after all that"] = self._state(UNPAID)
        self._note("untrue results", seen)

    def _send_a_webhook_again(self) -> None:
        """Send a webhook of the paid order once more, as PhonePe does when it believes that it was not heard."""
        events = WebhookEvent.objects.filter(merchant_order_id=self.progress.orders[PAID]["merchant_order_id"])
        event = events.filter(event="checkout.order.completed").first()
        if event is not None and "sent again" not in self.progress.notes:
            status = webhook_request(self.door, bytes(event.body), webhook_digest()).status
            worker.tick()
            event.refresh_from_db()
            self._note("sent again", {"status": status, "deliveries": event.deliveries})

    def _note(self, name: str, seen: Any) -> None:
        self.progress.notes[name] = seen
        self.progress.save()


def _sentence(answer: Answer) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP {answer.status}"
