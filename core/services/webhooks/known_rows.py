"""Find which of our rows webhooks are about: for many of them at once, by our ids, or by PhonePe's."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from core.models import Mandate, PaymentTransaction, Refund, ReportedRefund, Settlement
from core.services.phonepe.fields import text
from core.services.phonepe.responses import LONGEST_ID


class KnownRows:
    """The orders, refunds and settlements that some payloads name, as far as they are ours."""

    def __init__(self, payloads: Iterable[Any]) -> None:
        payloads = list(payloads)
        orders, refunds = PaymentTransaction.objects.all(), Refund.objects.select_related("transaction")
        unnamed = [payload for payload in payloads if not _id(payload, "merchantOrderId")]
        self._orders = _found(orders, "merchant_order_id", payloads, "merchantOrderId")
        self._refunded_orders = _found(orders, "merchant_order_id", payloads, "originalMerchantOrderId")
        self._orders_at_phonepe = _found(orders, "phonepe_order_id", unnamed, "orderId")
        self._refunds = _found(refunds, "merchant_refund_id", payloads, "merchantRefundId")
        self._refunds_at_phonepe = _found(refunds, "refund_id", payloads, "refundId")
        self._reported = _found(ReportedRefund.objects.all(), "merchant_refund_id", payloads, "merchantRefundId")
        self._mandates = _found(Mandate.objects.all(), "merchant_subscription_id", payloads, "merchantSubscriptionId")
        self._settlements = _found(Settlement.objects.all(), "settlement_id", payloads, "settlementId")

    def order(self, payload: Any) -> PaymentTransaction | None:
        """Return the order that a payload names; PhonePe's id counts only where ours is left out."""
        if name := _id(payload, "merchantOrderId"):
            return self._orders.get(name)
        return self._orders_at_phonepe.get(_id(payload, "orderId"))

    def refund(self, payload: Any) -> Refund | None:
        """Return the refund that a payload names: webhooks of failed refunds leave our id out."""
        ours = self._refunds.get(_id(payload, "merchantRefundId"))
        return ours or self._refunds_at_phonepe.get(_id(payload, "refundId"))

    def reported_refund(self, payload: Any) -> ReportedRefund | None:
        """Return what we have about a refund that was not requested here."""
        return self._reported.get(_id(payload, "merchantRefundId"))

    def refunded_order(self, payload: Any) -> PaymentTransaction | None:
        return self._refunded_orders.get(_id(payload, "originalMerchantOrderId"))

    def mandate(self, payload: Any) -> Mandate | None:
        return self._mandates.get(_id(payload, "merchantSubscriptionId"))

    def settlement(self, payload: Any) -> Settlement | None:
        return self._settlements.get(_id(payload, "settlementId"))


def _id(payload: Any, key: str) -> str:
    return text(payload, key)[:LONGEST_ID]


def _found(rows: QuerySet[Any], field: str, payloads: list[Any], key: str) -> dict[str, Any]:
    """Return rows by the value of a field that a payload names; of several the oldest."""
    names = {name for payload in payloads if (name := _id(payload, key))}
    newest_first = rows.filter(**{f"{field}__in": names}).order_by("-pk") if names else ()
    return {getattr(row, field): row for row in newest_first}
