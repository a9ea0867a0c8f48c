"""Refunds as an owner asks for them."""

from core.models import Payment, Refund
from tests.people import Caller


def refunds(owner: Caller, payment: Payment, amount: str, reason: str = "The lift did not work") -> Refund:
    answer = owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": amount, "reason": reason})
    assert answer.status_code == 202, answer.content
    return Refund.objects.get(merchant_refund_id=answer.json()["merchant_refund_id"])
