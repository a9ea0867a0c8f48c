"""Owner subscriptions: plans, payments for them, and what runs."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from core.models import Channel, IdempotencyKey, Owner, OwnerSubscriptionPayment, Period, PricingPlan
from core.serializers.payments import StartedSerializer
from core.serializers.subscriptions import (
    ActiveSubscriptionSerializer,
    PricingPlanSerializer,
    StartSubscriptionPaymentSerializer,
    VerifiedSubscriptionSerializer,
)
from core.services.subscriptions import running_period, start_subscription_payment
from core.views.once import IDEMPOTENCY_KEY, answer_once
from core.views.payments import verified
from core.views.permissions import IsOwner, IsStaff
from core.views.refunds import answer_refund, refund_schema


class PricingPlanView(generics.ListAPIView[PricingPlan]):
    """The plans on offer."""

    queryset = PricingPlan.objects.filter(is_offered=True)
    serializer_class = PricingPlanSerializer
    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = []


class OwnerSubscriptionViewSet(viewsets.GenericViewSet[OwnerSubscriptionPayment]):
    queryset = OwnerSubscriptionPayment.objects.none()
    permission_classes = [IsOwner]
    filter_backends = []
    pagination_class = None
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        request=StartSubscriptionPaymentSerializer,
        responses={200: StartedSerializer, 201: StartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=False, methods=["post"], url_path="initiate-payment")
    def initiate_payment(self, request: Request) -> Response:
        """Start paying for a period of a plan, or get the current payment back."""

        def start(key: IdempotencyKey | None) -> Response:
            body = StartSubscriptionPaymentSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            started = start_subscription_payment(
                owner=Owner.objects.get(user=request.user.pk),
                plan=body.validated_data["pricing_plan_id"],
                period=Period(body.validated_data["period"]),
                channel=Channel(body.validated_data["channel"]),
                key=key,
            )
            return Response(StartedSerializer(started).data, status=201 if started.is_new else 200)

        return answer_once(request, start)

    @extend_schema(responses=VerifiedSubscriptionSerializer)
    @action(
        detail=False,
        url_path=r"verify-payment/(?P<merchant_order_id>[A-Za-z0-9_-]{1,63})",
        permission_classes=[IsAuthenticated],
    )
    def verify_payment(self, request: Request, merchant_order_id: str) -> Response:
        """Tell how a subscription payment stands; asks PhonePe unless that is final or was done just now."""
        answer = verified(OwnerSubscriptionPayment, merchant_order_id, request)
        return Response(VerifiedSubscriptionSerializer(answer).data)

    @refund_schema
    @action(detail=True, methods=["post"], permission_classes=[IsStaff])
    def refund(self, request: Request, pk: str) -> Response:
        """Pay back a part of a subscription payment, or all that is left; the opened period shortens by that share."""
        payment = OwnerSubscriptionPayment.objects.filter(pk=pk).first()
        if payment is None:
            raise NotFound("payment")
        return answer_refund(request, payment)

    @extend_schema(responses=ActiveSubscriptionSerializer)
    @action(detail=False)
    def active(self, request: Request) -> Response:
        """Tell which paid period runs now."""
        period = running_period(Owner.objects.get(user=request.user.pk), timezone.now())
        if period is None:
            raise NotFound("running subscription")
        return Response(ActiveSubscriptionSerializer(period).data)
