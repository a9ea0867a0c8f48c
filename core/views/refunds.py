"""Ask for a refund of a payment, whatever it was for."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import (
    NothingLeftToRefund,
    NotRefundable,
    OwnPayment,
    PaymentDisputed,
    PhonePeRefusedRefund,
    RefundAboveRest,
    RefundNotApproved,
    RefundRestTooSmall,
    RefundRunning,
)
from core.models import IdempotencyKey, Payable, User
from core.serializers.refunds import AskRefundSerializer, RefundAskedSerializer
from core.services.refunds.requesting import request_refund
from core.views.idempotency import IDEMPOTENCY_KEY, answer_once
from core.views.schema import refuses

refund_schema = extend_schema(
    request=AskRefundSerializer,
    responses={202: RefundAskedSerializer},
    parameters=[IDEMPOTENCY_KEY],
    extensions=refuses(
        NotRefundable, RefundRunning, PaymentDisputed, NothingLeftToRefund, RefundAboveRest, RefundRestTooSmall,
        OwnPayment, RefundNotApproved, PhonePeRefusedRefund,
    ),
)  # fmt: skip


def answer_refund(request: Request, payable: Payable) -> Response:
    """Start a refund once for its Idempotency-Key, and tell how it stands."""

    def refund(key: IdempotencyKey | None) -> Response:
        body = AskRefundSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        started = request_refund(
            payable,
            amount_paise=body.validated_data.get("amount"),
            reason=body.validated_data["reason"],
            user=cast("User", request.user),
            now=timezone.now(),
            key=key,
        )
        return Response(RefundAskedSerializer(started).data, status=202)

    return answer_once(request, refund)
