"""Receipts of refunds. A payment's own receipt stands with the payment."""

from typing import cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import NotFound
from core.models import Payment, RefundState, User
from core.services.receipts import NotPaidBack, refund_receipt_pdf
from core.views.negotiation import OneForm


class RefundReceiptView(APIView):
    """The receipt of one refund of a payment."""

    content_negotiation_class = OneForm

    @extend_schema(
        operation_id="payments_refunds_receipt_retrieve",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        tags=["payments"],
    )
    def get(self, request: Request, payment_id: int, merchant_refund_id: str) -> HttpResponse:
        """Get the receipt of a refund that PhonePe has paid back, as a PDF."""
        payments = Payment.objects.visible_to(cast("User", request.user))
        payment = payments.select_related("transaction").filter(pk=payment_id).first()
        if payment is None:
            raise NotFound("payment")
        refund = payment.transaction.refunds.filter(merchant_refund_id=merchant_refund_id).first()
        if refund is None:
            raise NotFound("refund")
        if refund.state != RefundState.COMPLETED:
            raise NotPaidBack
        name = f"refund-receipt-{refund.pk}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(refund_receipt_pdf(payment, refund), content_type="application/pdf", headers=headers)
