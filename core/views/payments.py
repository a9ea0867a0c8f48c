"""Rent payments: start one, ask how it stands, list them, get the receipt."""

from datetime import UTC
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from core.models import (
    PAID,
    Cause,
    IdempotencyKey,
    OrderState,
    Payment,
    PaymentTransaction,
    Purpose,
    Tenancy,
    Tenant,
    User,
)
from core.serializers.payments import (
    CallbackSerializer,
    CalledBackSerializer,
    PaymentSerializer,
    StartedSerializer,
    StartRentPaymentSerializer,
    VerifiedSerializer,
)
from core.services.payments import poll_after, state_for_payer, was_asked_about
from core.services.receipts import NotPaid, receipt_pdf
from core.services.rent import start_rent_payment
from core.views.negotiation import OneForm
from core.views.once import IDEMPOTENCY_KEY, answer_once
from core.views.permissions import IsOwnerOrStaff, IsTenant
from core.views.refunds import answer_refund, refund_schema
from core.views.throttles import CallbackThrottle


class NewestFirst(CursorPagination):
    page_size = 50
    ordering = ("-created_at", "-id")

    def decode_cursor(self, request: Request) -> Any:
        """:raises exceptions.NotFound: also for a position that is no instant, which the database could not compare"""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not _is_instant(str(cursor.position)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    def clean(self, value: Any) -> Any:
        instant = super().clean(value)
        if instant is not None and not _is_instant(instant.isoformat()):
            raise ValidationError(self.error_messages["invalid"])
        return instant


class InstantFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantField


def _is_instant(written: str) -> bool:
    """Tell whether a text is an instant that is one in UTC too: the first and last hours of the calendar are not."""
    try:
        instant = parse_datetime(written)
        return instant is not None and instant.tzinfo is not None and bool(instant.astimezone(UTC))
    except (ValueError, OverflowError):
        return False


def _own_tenancies(request: Request | None) -> QuerySet[Tenancy]:
    user = request.user if request is not None else None
    return Tenancy.objects.visible_to(user) if isinstance(user, User) else Tenancy.objects.none()


class PaymentFilter(filters.FilterSet):  # type: ignore[misc]
    created_from = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_to = InstantFilter(field_name="created_at", lookup_expr="lt")

    # A stranger's tenancy and one that does not exist are the same: neither is a choice.
    tenancy = filters.ModelChoiceFilter(queryset=_own_tenancies)

    class Meta:
        model = Payment
        fields = ["status", "tenancy"]


class PaymentViewSet(viewsets.ReadOnlyModelViewSet[Payment]):
    """A tenant's own payments, those of an owner's properties, all of them for staff."""

    serializer_class = PaymentSerializer
    queryset = Payment.objects.none()
    filterset_class = PaymentFilter
    pagination_class = NewestFirst
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Payment]:
        visible = Payment.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return visible.select_related("transaction").prefetch_related("transaction__refunds")

    @extend_schema(
        request=StartRentPaymentSerializer,
        responses={200: StartedSerializer, 201: StartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=False, methods=["post"], url_path="initiate-rent-payment", permission_classes=[IsTenant])
    def initiate_rent_payment(self, request: Request) -> Response:
        """Start a rent payment, or get the current one back."""

        def start(key: IdempotencyKey | None) -> Response:
            body = StartRentPaymentSerializer(data=request.data, context=self.get_serializer_context())
            body.is_valid(raise_exception=True)
            tenant: Tenant = cast("Any", request.user).tenant  # IsTenant let nobody else in
            wanted = body.validated_data.get("tenancy")
            started = start_rent_payment(tenant=tenant.pk, tenancy=wanted, wish=body.wish(), key=key)
            return Response(StartedSerializer(started).data, status=201 if started.is_new else 200)

        return answer_once(request, start)

    @extend_schema(responses=VerifiedSerializer, filters=False)
    @action(detail=False, url_path=r"verify-payment/(?P<merchant_order_id>[A-Za-z0-9_-]{1,63})")
    def verify_payment(self, request: Request, merchant_order_id: str) -> Response:
        """Tell how a payment stands; asks PhonePe unless that is final or was done just now."""
        return Response(VerifiedSerializer(verified(Payment, merchant_order_id, request)).data)

    @extend_schema(request=CallbackSerializer, responses=CalledBackSerializer, auth=[])
    @action(
        detail=False,
        methods=["post"],
        url_path="handle-payment-callback",
        authentication_classes=[],
        permission_classes=[AllowAny],
        throttle_classes=[CallbackThrottle],
    )
    def handle_payment_callback(self, request: Request) -> Response:
        """Take the app's word as a reason to ask PhonePe, and for nothing else.

        Known and unknown ids get the same answer after the same statements; the next tick asks.
        """
        body = cast("dict[str, object]", request.data)
        given = body.get("merchant_order_id") or body.get("orderId")
        name = (given.replace("\0", "")[:64] if isinstance(given, str) else "") or "-"
        meant = PaymentTransaction.objects.filter(Q(merchant_order_id=name) | Q(phonepe_order_id=name))
        meant.unsettled().hasten(now=timezone.now())
        state = meant.values_list("state", flat=True).first() or OrderState.PENDING
        return Response({"success": True, "state": state})

    @refund_schema
    @action(detail=True, methods=["post"], permission_classes=[IsOwnerOrStaff])
    def refund(self, request: Request, pk: str | None = None) -> Response:  # noqa: ARG002 - DRF's signature
        """Pay back a part of a payment, or all that is left of it."""
        payment = Payment.objects.refundable_by(cast("User", request.user)).filter(pk=self.get_object().pk).first()
        if payment is None:
            raise NotFound("payment")
        return answer_refund(request, payment)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, content_negotiation_class=OneForm)
    def receipt(self, request: Request, pk: str | None = None) -> HttpResponse:  # noqa: ARG002 - DRF's signature
        """Get the receipt of a paid payment as a PDF."""
        payment = self.get_object()
        if payment.status not in PAID:
            raise NotPaid
        name = f"receipt-{payment.pk}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(receipt_pdf(payment), content_type="application/pdf", headers=headers)


def verified(attempts: type[Purpose], merchant_order_id: str, request: Request) -> dict[str, Any]:
    """Return how a payment that the asker may see stands now.

    :raises NotFound: if there is none
    """
    purpose = _seen(attempts, merchant_order_id, request)
    if was_asked_about(purpose.transaction, cause=Cause.VERIFY):
        purpose = _seen(attempts, merchant_order_id, request)
    order, state = purpose.transaction, state_for_payer(purpose)
    if order.captured_paise:
        prefetch_related_objects([order], "refunds")
    answer = {"success": True, "merchant_order_id": merchant_order_id, "state": state, "payment": purpose}
    return answer if state != OrderState.PENDING else {**answer, "poll_after": poll_after(order, now=timezone.now())}


def _seen(attempts: type[Purpose], merchant_order_id: str, request: Request) -> Purpose:
    purpose = attempts.seen_by(cast("User", request.user), merchant_order_id)
    if purpose is None:
        raise NotFound("payment")
    return purpose
