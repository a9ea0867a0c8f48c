"""Receipts of refunds. A payment's own receipt stands with the payment."""

from typing import cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import NotFound
from core.models import Payment, RefundState, User
from core.services.documents.receipts import NotPaidBack, refund_receipt_pdf
from core.views.negotiation import OneForm
from core.views.permissions import SeesPayments
from core.views.schema import refuses


def answer_pdf(document: bytes, name: str) -> HttpResponse:
    """Answer with a document that a browser shows, and nobody on the way keeps."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


class RefundReceiptView(APIView):
    """The receipt of one refund of a payment."""

    permission_classes = [SeesPayments]
    content_negotiation_class = OneForm

    @extend_schema(
        operation_id="payments_refunds_receipt_retrieve",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        extensions=refuses(NotPaidBack),
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
        return answer_pdf(refund_receipt_pdf(payment, refund), f"refund-receipt-{refund.pk}.pdf")
