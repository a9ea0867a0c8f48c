"""UPI AutoPay: set a mandate up, and cancel it."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import (
    AlreadyPaid,
    AutopayNotPossible,
    AutopayRunning,
    NotFound,
    PhonePeDidNotAnswer,
    PhonePeRefused,
    SetupWaits,
    UnderReview,
)
from core.models import BillingPeriod, IdempotencyKey, Owner
from core.serializers.autopay import AutopayCancelledSerializer, AutopaySetupSerializer, SetUpAutopaySerializer
from core.services.mandates.cancelling import cancel_autopay
from core.services.mandates.setup import start_setup
from core.views.idempotency import IDEMPOTENCY_KEY, answer_once
from core.views.permissions import IsOwner
from core.views.schema import refuses


class AutopayView(APIView):
    permission_classes = [IsOwner]

    @extend_schema(
        request=SetUpAutopaySerializer,
        responses={200: AutopaySetupSerializer, 201: AutopaySetupSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(
            AutopayNotPossible,
            AutopayRunning,
            SetupWaits,
            AlreadyPaid,
            UnderReview,
            PhonePeRefused,
            PhonePeDidNotAnswer,
        ),
    )
    def post(self, request: Request) -> Response:
        """Start setting AutoPay up, or get the current setup back.

        The owner approves it in a UPI app within ten minutes. The first period is paid with it; while a period is paid,
        two rupees check the account and go back.
        """

        def start(key: IdempotencyKey | None) -> Response:
            body = SetUpAutopaySerializer(data=request.data)
            body.is_valid(raise_exception=True)
            started = start_setup(
                owner=Owner.objects.get(user=request.user.pk),
                plan=body.validated_data["pricing_plan_id"],
                period=BillingPeriod(body.validated_data["period"]),
                way=body.way(),
                key=key,
            )
            return Response(AutopaySetupSerializer(started).data, status=201 if started.is_new else 200)

        return answer_once(request, start)

    @extend_schema(responses={202: AutopayCancelledSerializer}, extensions=refuses(NotFound))
    def delete(self, request: Request) -> Response:
        """Cancel AutoPay: no debit is begun from now on. The mandate is cancelled at PhonePe as soon as it answers."""
        mandate = cancel_autopay(Owner.objects.get(user=request.user.pk).pk, now=timezone.now())
        return Response({"success": True, "state": mandate.shown_state}, status=202)
