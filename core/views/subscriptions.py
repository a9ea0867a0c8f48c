"""Owner subscriptions: plans, payments for them, and what runs."""

from typing import Any, cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.db.replica import from_replica
from core.errors import (
    AlreadyPaid,
    NoSubscription,
    NotFound,
    NothingDue,
    OtherPlanRunning,
    PaymentWaits,
    PhonePeDidNotAnswer,
    PhonePeRefused,
    SetupWaits,
    UnderReview,
)
from core.models import (
    PAID,
    BillingPeriod,
    Channel,
    IdempotencyKey,
    Invoice,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PricingPlan,
    User,
)
from core.models.taken_back import with_taken_back
from core.serializers.subscriptions import (
    ActiveSubscriptionSerializer,
    ChangePlanSerializer,
    InvoiceSerializer,
    PlanChangeSerializer,
    PricingPlanSerializer,
    StartedSubscriptionSerializer,
    StartSubscriptionPaymentSerializer,
    SubscriptionPaymentSerializer,
    SubscriptionSerializer,
    VerifiedSubscriptionSerializer,
)
from core.services.documents.invoices import invoice_pdf
from core.services.documents.receipts import NotPaid, subscription_receipt_pdf
from core.services.mandates.cancelling import cancel_subscription
from core.services.payments.failures import explain
from core.services.payments.for_payer import verify
from core.services.subscriptions.changing import Change, change_plan, current, resume, what_would_change
from core.services.subscriptions.checkout import StartedSubscription, running_period, start_subscription_payment
from core.views.idempotency import IDEMPOTENCY_KEY, answer_once
from core.views.negotiation import OneForm
from core.views.payments import NewestFirst
from core.views.permissions import IsOwner, RefundsSubscriptionPayments, SeesSubscriptionPayments
from core.views.receipts import answer_pdf
from core.views.refunds import answer_refund, refund_schema
from core.views.schema import refuses


@extend_schema_view(get=extend_schema(summary="List the plans on offer"))
class PricingPlanView(generics.ListAPIView[PricingPlan]):
    """The plans on offer."""

    queryset = PricingPlan.objects.filter(is_offered=True)
    serializer_class = PricingPlanSerializer
    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = []


class PapersNewestFirst(NewestFirst):
    ordering = ("-issued_at", "-id")


def _owner(request: Request) -> Owner:
    return Owner.objects.get(user=request.user.pk)


class OwnerSubscriptionViewSet(viewsets.GenericViewSet[OwnerSubscriptionPayment]):
    queryset = OwnerSubscriptionPayment.objects.none()
    permission_classes = [IsOwner]
    filter_backends = []
    pagination_class = None
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        request=StartSubscriptionPaymentSerializer,
        responses={200: StartedSubscriptionSerializer, 201: StartedSubscriptionSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(
            OtherPlanRunning,
            NothingDue,
            SetupWaits,
            AlreadyPaid,
            UnderReview,
            PhonePeRefused,
            PhonePeDidNotAnswer,
        ),
    )
    @action(detail=False, methods=["post"], url_path="initiate-payment")
    def initiate_payment(self, request: Request) -> Response:
        """Start paying for a period of a plan, or get the current payment back.

        The plan that runs is extended, by a month or by a year. One that costs more begins at once, for the rest of the
        period: `credit` is what is left of the present plan. A smaller one waits: see change-plan.
        """

        def start(key: IdempotencyKey | None) -> Response:
            body = StartSubscriptionPaymentSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            started = start_subscription_payment(
                owner=_owner(request),
                plan=body.validated_data["pricing_plan_id"],
                period=BillingPeriod(body.validated_data["period"]),
                channel=Channel(body.validated_data["channel"]),
                key=key,
            )
            return Response(StartedSubscriptionSerializer(started).data, status=201 if started.is_new else 200)

        return answer_once(request, start)

    @extend_schema(responses=SubscriptionSerializer)
    def list(self, request: Request) -> Response:
        """Tell how the subscription stands: its plan and period, what waits, and what is due."""
        owner = _owner(request)
        stands = current(owner, now=timezone.now()) or OwnerSubscription(owner=owner)
        return Response(SubscriptionSerializer(stands).data)

    @extend_schema(
        request=ChangePlanSerializer,
        responses={200: PlanChangeSerializer, 201: StartedSubscriptionSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(
            NoSubscription,
            PaymentWaits,
            OtherPlanRunning,
            AlreadyPaid,
            UnderReview,
            PhonePeRefused,
            PhonePeDidNotAnswer,
        ),
    )
    @action(detail=False, methods=["post"], url_path="change-plan")
    def change_plan(self, request: Request) -> Response:
        """Change the plan or the period, or with `preview` only tell what that does.

        A plan that costs more, or a longer period, begins at once: 201 with a pay page for the rest of the period, less
        what is left of what was paid. Everything else begins when what is paid has ended: 200.
        """

        def change(key: IdempotencyKey | None) -> Response:
            body = ChangePlanSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            plan, period = body.validated_data["pricing_plan_id"], BillingPeriod(body.validated_data["period"])
            owner, now, is_preview = _owner(request), timezone.now(), body.validated_data["preview"]
            if is_preview:
                done: Change | StartedSubscription = what_would_change(owner, plan, period, now=now)
            else:
                channel = Channel(body.validated_data["channel"])
                done = change_plan(owner, plan, period, channel=channel, now=now, key=key)
            if isinstance(done, Change):
                return Response(PlanChangeSerializer(done, context={"preview": is_preview}).data)
            return Response(StartedSubscriptionSerializer(done).data, status=201 if done.is_new else 200)

        return answer_once(request, change)

    @extend_schema(request=None, responses=SubscriptionSerializer, extensions=refuses(NoSubscription))
    @action(detail=False, methods=["post"])
    def cancel(self, request: Request) -> Response:
        """Let the subscription end with what is paid, and cancel AutoPay.

        Nothing is refunded. `resume` takes it back until then; AutoPay has to be set up anew.
        """
        return Response(SubscriptionSerializer(cancel_subscription(_owner(request), now=timezone.now())).data)

    @extend_schema(request=None, responses=SubscriptionSerializer, extensions=refuses(NoSubscription))
    @action(detail=False, methods=["post"])
    def resume(self, request: Request) -> Response:
        """Take a cancellation back before the subscription has ended."""
        return Response(SubscriptionSerializer(resume(_owner(request), now=timezone.now())).data)

    @extend_schema(
        summary="List the subscription's payments, newest first", responses=SubscriptionPaymentSerializer(many=True)
    )
    @action(detail=False, pagination_class=NewestFirst)
    @from_replica
    def payments(self, request: Request) -> Response:
        """The attempts of an owner to pay for the subscription."""
        own = OwnerSubscriptionPayment.objects.concerning(request.user.pk)  # type: ignore[arg-type]
        shown = own.select_related("transaction", "subscription__owner", *OwnerSubscriptionPayment.display_relations)
        page = self.paginate_queryset(with_taken_back(shown).prefetch_related("transaction__refunds")) or []
        explain(page)
        rows = SubscriptionPaymentSerializer(page, many=True, context={"request": request}).data
        return self.get_paginated_response(rows)

    @extend_schema(summary="List invoices and credit notes, newest first", responses=InvoiceSerializer(many=True))
    @action(detail=False, pagination_class=PapersNewestFirst)
    @from_replica
    def invoices(self, request: Request) -> Response:
        """The tax papers of an owner's subscription."""
        own = Invoice.objects.filter(payment__subscription__owner__user=request.user.pk).select_related("credits")
        page: Any = self.paginate_queryset(cast("Any", own)) or []
        return self.get_paginated_response(InvoiceSerializer(page, many=True).data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, extensions=refuses(NotFound))
    @action(
        detail=False,
        url_path=r"invoices/(?P<invoice_id>[0-9]{1,18})",
        permission_classes=[SeesSubscriptionPayments],
        content_negotiation_class=OneForm,
    )
    def invoice(self, request: Request, invoice_id: str) -> HttpResponse:
        """Get an invoice or a credit note as a PDF."""
        visible = Invoice.objects.visible_to(cast("User", request.user)).select_related("credits")
        invoice = visible.filter(pk=invoice_id).first()
        if invoice is None:
            raise NotFound("invoice")
        return answer_pdf(invoice_pdf(invoice), f"{invoice.number.replace('/', '-')}.pdf")

    @extend_schema(responses=VerifiedSubscriptionSerializer)
    @action(
        detail=False,
        url_path=r"verify-payment/(?P<merchant_order_id>[A-Za-z0-9_-]{1,63})",
        permission_classes=[SeesSubscriptionPayments],
    )
    def verify_payment(self, request: Request, merchant_order_id: str) -> Response:
        """Tell how a subscription payment stands; asks PhonePe unless that is final or was done just now."""
        standing = verify(OwnerSubscriptionPayment, merchant_order_id, user=cast("User", request.user))
        explain([standing.payment])
        return Response(VerifiedSubscriptionSerializer(standing, context={"request": request}).data)

    @refund_schema
    @action(detail=True, methods=["post"], permission_classes=[RefundsSubscriptionPayments])
    def refund(self, request: Request, pk: str) -> Response:
        """Pay back a part of a subscription payment, or all that is left; the opened period shortens by that share."""
        payment = OwnerSubscriptionPayment.objects.filter(pk=pk).first()
        if payment is None:
            raise NotFound("payment")
        return answer_refund(request, payment)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, extensions=refuses(NotPaid))
    @action(detail=True, permission_classes=[SeesSubscriptionPayments], content_negotiation_class=OneForm)
    def receipt(self, request: Request, pk: str) -> HttpResponse:
        """Get the receipt of a paid subscription payment as a PDF."""
        visible = OwnerSubscriptionPayment.objects.visible_to(cast("User", request.user))
        payment = visible.select_related("transaction", "plan", "subscription__owner").filter(pk=pk).first()
        if payment is None:
            raise NotFound("payment")
        if payment.status not in PAID:
            raise NotPaid
        return answer_pdf(subscription_receipt_pdf(payment), f"subscription-receipt-{payment.pk}.pdf")

    @extend_schema(responses=ActiveSubscriptionSerializer, extensions=refuses(NotFound))
    @action(detail=False)
    def active(self, request: Request) -> Response:
        """Tell which paid period runs now."""
        period = running_period(_owner(request), timezone.now())
        if period is None:
            raise NotFound("running subscription")
        return Response(ActiveSubscriptionSerializer(period).data)
