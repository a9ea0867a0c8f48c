"""What people, workers and operators can do with Zelton: over HTTP, as the app and PhonePe do, or by its services."""

from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.utils import timezone

from core.errors import DomainError, NotUnderReview, WebhookRefused
from core.india import day_in_india
from core.models import (
    PAID,
    BillingPeriod,
    ChangeCause,
    Channel,
    Payable,
    Payment,
    PaymentStatus,
    PaymentTransaction,
    Refund,
    Tenancy,
    payables,
)
from core.money import rupees
from core.services import audit, idempotency, worker
from core.services.payments import mismatches
from core.services.payments.checkout import PaymentRequest
from core.services.payments.for_payer import was_asked_about
from core.services.refunds import by_hand
from core.services.refunds.requesting import request_refund
from core.services.rent.charges import raise_charges
from core.services.rent.checkout import start_rent_payment
from core.services.subscriptions.checkout import start_subscription_payment
from core.services.webhooks import inbox
from phonepe_simulator import WebhookDelivery
from zelton_backend.simulation.people import Payer, People
from zelton_backend.simulation.processes import Processes
from zelton_backend.simulation.violation import Violation

EXPECTED = {200, 201, 202, 400, 404, 409, 422, 429, 502, 503}
WEBHOOK_EXPECTED = {200, 400, 401, 503}
OUTSTANDING = """
    SELECT (SELECT COALESCE(SUM(amount_paise), 0) FROM core_rentcharge
            WHERE tenancy_id = %s AND reversed_at IS NULL)
         - (SELECT COALESCE(SUM(orders.captured_paise - orders.refunding_paise), 0)
            FROM core_payment rent JOIN core_paymenttransaction orders ON orders.id = rent.transaction_id
            WHERE rent.tenancy_id = %s)
"""
KEPT_FOR = timedelta(hours=24)


class Actions:
    """Everything returns a few words about what came of it."""

    def __init__(self, people: People, processes: Processes) -> None:
        self._people, self._processes = people, processes
        self._kept: dict[str, tuple[datetime, int, Any]] = {}

    # People.

    def pays_rent(self, who: Payer, paise: int, *, channel: str, key: str | None, over_http: bool) -> str:
        if who.tenancy is None:
            raise LookupError(f"{who} rents nothing")
        if over_http:
            body = {"amount": rupees(paise), "channel": channel}
            return self.posts(who.token, "/api/payments/initiate-rent-payment/", body, key)
        try:
            started = start_rent_payment(
                tenant=who.tenancy.tenant_id, tenancy=who.tenancy.pk, wanted=PaymentRequest(paise, Channel(channel))
            )
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"
        if started.payable.transaction.amount_paise != paise:
            raise Violation(f"{started.payable} was handed out to somebody who wants to pay {paise} paise")
        return f"{201 if started.is_new else 200} {started.payable}"

    def subscribes(self, who: Payer, plan: int, period: str, *, key: str | None, over_http: bool) -> str:
        chosen = self._people.plans[plan]
        if over_http:
            body = {"pricing_plan_id": chosen.pk, "period": period}
            return self.posts(who.token, "/api/owner-subscriptions/initiate-payment/", body, key)
        try:
            started = start_subscription_payment(
                owner=who.owner, plan=chosen, period=BillingPeriod(period), channel=Channel.REDIRECT
            )
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"
        return f"{201 if started.is_new else 200} {started.payable}"

    def outstanding(self, who: Payer) -> int:
        """Return what a tenant owes now, in paise."""
        if who.tenancy is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(OUTSTANDING, [who.tenancy.pk, who.tenancy.pk])
            return int(cursor.fetchone()[0])

    def charges(self, who: Payer, months: int) -> str:
        """Let rent fall due."""
        if who.tenancy is None:
            return "nothing is let"
        last = Tenancy.objects.get(pk=who.tenancy.pk).charges.order_by("month").last()
        through = (last.month if last else day_in_india(timezone.now())) + relativedelta(months=months)
        return f"{raise_charges(through=through, among=Tenancy.objects.filter(pk=who.tenancy.pk)).new} charges"

    def refunds(self, name: str, paise: int | None, *, by_owner: bool, key: str | None, over_http: bool) -> str:
        payable = payable_of(name)
        by_owner = by_owner and isinstance(payable, Payment)
        if over_http:
            kind = "payments" if isinstance(payable, Payment) else "owner-subscriptions"
            token = self._people.operator_token
            if by_owner and isinstance(payable, Payment):
                owner = payable.tenancy.unit.property.owner
                token = next(each.token for each in self._people.owners if each.owner == owner)
            body = {"reason": "Asked for", **({} if paise is None else {"amount": rupees(paise)})}
            return self.posts(token, f"/api/{kind}/{payable.pk}/refund/", body, key)
        try:
            refund = request_refund(
                payable, amount_paise=paise, reason="Asked for", user=self._people.operator, now=timezone.now()
            )
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"
        return f"202 {refund}"

    def verifies(self, name: str, *, over_http: bool) -> str:
        if not over_http:
            order = PaymentTransaction.objects.get(merchant_order_id=name)
            if was_asked_about(order, cause=ChangeCause.VERIFY):
                order.refresh_from_db()
            return str(order.state)
        payable = payable_of(name)
        kind = "payments" if isinstance(payable, Payment) else "owner-subscriptions"
        answer = self._gets(self._people.operator_token, f"/api/{kind}/verify-payment/{name}/")
        told = answer.json().get("state")
        payable.refresh_from_db()
        # Neither is undone by what happened since: who was told that it is paid has paid, and no failure opens again.
        if (told == "COMPLETED") > (payable.status in PAID) or (told == "FAILED") > (
            payable.status != PaymentStatus.PENDING
        ):
            raise Violation(f"{name} is {payable.status}, and its payer was told {told}")
        return f"{answer.status_code} {told}"

    def returns(self, name: str) -> str:
        return f"{self._gets(None, f'/payments/return/{name}/').status_code}"

    def calls_back(self, name: str) -> str:
        body = {"merchant_order_id": name, "state": "COMPLETED"}
        return self.posts(None, "/api/payments/handle-payment-callback/", body, None)

    # Operators.

    def decides(self, name: str, *, accept: bool) -> str:
        user = self._people.operator
        try:
            if accept:
                mismatches.accept(name, by=user, reason="It is what was meant", now=timezone.now())
            else:
                mismatches.send_back(name, by=user, reason="Wrong amount", now=timezone.now())
        except NotUnderReview:
            return "nothing to decide"
        return "kept" if accept else "sent back"

    def closes(self, name: str) -> str:
        """A refund that PhonePe has lost, and does not take any more, is closed as the runbook says."""
        refund, now = Refund.objects.get(merchant_refund_id=name), timezone.now()
        try:
            by_hand.close_refund(
                refund, is_paid=False, by=self._people.operator, reason="PhonePe lost it", now=now, timeout=3
            )
        except DomainError as refusal:
            return refusal.code
        return "closed"

    def asks_about(self, name: str) -> str:
        order = PaymentTransaction.objects.get(merchant_order_id=name)
        return worker.ORDERS.ask_now(order, cause=ChangeCause.OPERATOR).value

    def asks_about_all(self) -> str:
        for works in ((worker.ORDERS,), (worker.REFUNDS, worker.REPORTED_REFUNDS)):  # as the two commands do
            worker.run(*works, everything=True)
        return "asked"

    def checks_books(self) -> str:
        idempotency.forget_old(now=timezone.now())
        if found := audit.check_and_alert(now=timezone.now()):
            raise Violation(f"the books differ: {found[0]}")
        return "the books balance"

    # Workers, and PhonePe.

    def ticks(self) -> str:
        worker.tick()
        return "ticked"

    def hears(self, letter: WebhookDelivery, *, over_http: bool) -> int:
        """Take a webhook; return the HTTP status."""
        if over_http:
            answer = self._processes.here.client.post(
                "/api/webhooks/phonepe-webhook/",
                letter.body,
                content_type="application/json",
                headers=dict(letter.headers),
            )
            if answer.status_code not in WEBHOOK_EXPECTED:
                raise Violation(f"a webhook is answered {answer.status_code}")
            return int(answer.status_code)
        try:
            inbox.verify(letter.headers.get("Authorization", ""))
        except WebhookRefused:
            return 401
        inbox.receive(letter.body, now=timezone.now())
        return 200

    # HTTP.

    def _gets(self, token: str | None, path: str) -> Any:
        answer = self._processes.here.client.get(path, headers=_headers(token))
        if answer.status_code not in EXPECTED:
            raise Violation(f"{path} answers {answer.status_code}")
        return answer

    def posts(self, token: str | None, path: str, body: dict[str, Any], key: str | None = None) -> str:
        headers = {**_headers(token), **({"Idempotency-Key": key} if key else {})}
        answer = self._processes.here.client.post(path, body, content_type="application/json", headers=headers)
        told = answer.json()
        if answer.status_code not in EXPECTED:
            raise Violation(f"{path} answers {answer.status_code}: {told}")
        if key:
            self._compare(f"{token} {path} {sorted(body.items())} {key}", answer.status_code, told)
        word = next((told[name] for name in ("merchant_order_id", "merchant_refund_id", "code") if name in told), "")
        return f"{answer.status_code} {word}".strip()

    def _compare(self, asked: str, status: int, told: Any) -> None:
        """Check that a repeated Idempotency-Key gets the answer that its first success got."""
        now = timezone.now()
        since, first, before = self._kept.get(asked, (now, 0, None))
        if first and now - since < KEPT_FOR:
            if (first, before) != (status, told):
                raise Violation(f"a repeated Idempotency-Key got {status} {told} after {first} {before}")
        elif status < 300:
            self._kept[asked] = (now, status, told)


def payable_of(name: str) -> Payable:
    """Return what an order of that name pays for."""
    return payables.payable_of(PaymentTransaction.objects.get(merchant_order_id=name))


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Token {token}"} if token else {}
