"""Rent payments: start one, ask how it stands, list them, get the receipt."""

from datetime import UTC
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.db.replica import from_replica
from core.errors import (
    AlreadyPaid,
    AmountAboveDue,
    NotFound,
    PhonePeDidNotAnswer,
    PhonePeRefused,
    RestTooSmall,
    UnderReview,
)
from core.india import INDIA
from core.models import (
    PAID,
    IdempotencyKey,
    OrderState,
    Payment,
    PaymentStatus,
    PaymentTransaction,
    Tenancy,
    Tenant,
    User,
)
from core.models.taken_back import with_taken_back
from core.serializers.payments import (
    CallbackSerializer,
    CalledBackSerializer,
    PaymentSerializer,
    StartedSerializer,
    StartRentPaymentSerializer,
    VerifiedSerializer,
)
from core.services.documents.receipts import NotPaid, receipt_pdf
from core.services.payments.failures import explain
from core.services.payments.for_payer import verify
from core.services.rent.checkout import start_rent_payment
from core.views.idempotency import IDEMPOTENCY_KEY, answer_once
from core.views.negotiation import OneForm
from core.views.pages import Pages
from core.views.permissions import IsTenant, RefundsPayments, SeesPayments
from core.views.receipts import answer_pdf
from core.views.refunds import answer_refund, refund_schema
from core.views.schema import refuses
from core.views.throttles import CallbackThrottle


class NewestFirst(Pages):
    ordering = ("-created_at", "-id")

    def is_position(self, written: str) -> bool:
        return _is_instant(written)


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """A time; without a zone it is India's, and a day stands for the moment it begins."""

    default_error_messages = {
        "invalid": "{name} must be a day in India, for example 2026-04-30, or a time such as 2026-04-30T18:30:00Z."
    }

    def clean(self, value: Any) -> Any:
        with timezone.override(INDIA):
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


def _tenancies_of_payments(request: Request | None) -> QuerySet[Tenancy]:
    """Return the tenancies whose payments somebody may ask for: also those of property that they have sold."""
    user = request.user if request is not None else None
    if not isinstance(user, User):
        return Tenancy.objects.none()
    if user.may("core.view_payment"):
        return Tenancy.objects.all()
    current, sold = Tenancy.objects.concerning(user.pk), Tenancy.objects.filter(payments__owner__user=user)
    return Tenancy.objects.filter(Q(pk__in=current.values("pk")) | Q(pk__in=sold.values("pk")))


NO_SUCH = {"invalid_choice": "There is no such {words}."}


class PaymentFilter(filters.FilterSet):  # type: ignore[misc]
    created_from = InstantFilter(
        field_name="created_at",
        lookup_expr="gte",
        help_text="Made at this time or later; a day without a zone is India's, from its first moment on. "
        "2026-11-27, or 2026-11-26T18:30:00Z.",
    )
    created_to = InstantFilter(
        field_name="created_at",
        lookup_expr="lt",
        help_text="Made before this time, which is not itself included; a day without a zone is India's: 2026-11-28 is "
        "the end of the 27th.",
    )

    # A stranger's tenancy and one that does not exist are the same: neither is a choice.
    tenancy = filters.ModelChoiceFilter(queryset=_tenancies_of_payments, error_messages=NO_SUCH)
    status = filters.ChoiceFilter(choices=PaymentStatus.choices, error_messages=NO_SUCH)

    class Meta:
        model = Payment
        fields = ["status", "tenancy"]

    def is_valid(self) -> bool:
        """Refuse an empty value too: whoever sends one meant to narrow the list, and would get all of it."""
        for name in self.filters:
            if self.form.is_bound and self.data.get(name) == "" and name not in self.form.errors:
                self.form.add_error(name, f"Give {name} a value, or leave it out.")
        return bool(super().is_valid())


@extend_schema_view(
    list=extend_schema(summary="List payments, newest first"), retrieve=extend_schema(summary="Get one payment")
)
class PaymentViewSet(viewsets.ReadOnlyModelViewSet[Payment]):
    """A tenant's own payments, those of an owner's properties, all of them for staff who may see payments."""

    permission_classes = [SeesPayments]
    serializer_class = PaymentSerializer
    queryset = Payment.objects.none()
    filterset_class = PaymentFilter
    pagination_class = NewestFirst
    lookup_value_regex = r"[0-9]{1,18}"

    list = from_replica(viewsets.ReadOnlyModelViewSet.list)
    retrieve = from_replica(viewsets.ReadOnlyModelViewSet.retrieve)

    def get_queryset(self) -> QuerySet[Payment]:
        visible = Payment.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        shown = with_taken_back(visible.select_related("transaction", *Payment.display_relations))
        return shown.prefetch_related("transaction__refunds")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        explain(page or [])
        return page

    def get_object(self) -> Payment:
        payment = super().get_object()
        explain([payment])
        return payment

    @extend_schema(
        request=StartRentPaymentSerializer,
        responses={200: StartedSerializer, 201: StartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(
            AmountAboveDue, RestTooSmall, NotFound, AlreadyPaid, UnderReview, PhonePeRefused, PhonePeDidNotAnswer
        ),
    )
    @action(detail=False, methods=["post"], url_path="initiate-rent-payment", permission_classes=[IsTenant])
    def initiate_rent_payment(self, request: Request) -> Response:
        """Start a rent payment, or get the current one back."""

        def start(key: IdempotencyKey | None) -> Response:
            body = StartRentPaymentSerializer(data=request.data, context=self.get_serializer_context())
            body.is_valid(raise_exception=True)
            tenant: Tenant = cast("Any", request.user).tenant  # IsTenant let nobody else in
            wanted = body.validated_data.get("tenancy")
            started = start_rent_payment(tenant=tenant.pk, tenancy=wanted, wanted=body.wanted(), key=key)
            return Response(StartedSerializer(started).data, status=201 if started.is_new else 200)

        return answer_once(request, start)

    @extend_schema(responses=VerifiedSerializer, filters=False)
    @action(detail=False, url_path=r"verify-payment/(?P<merchant_order_id>[A-Za-z0-9_-]{1,63})")
    def verify_payment(self, request: Request, merchant_order_id: str) -> Response:
        """Tell how a payment stands; asks PhonePe unless that is final or was done just now."""
        standing = verify(Payment, merchant_order_id, user=cast("User", request.user))
        explain([standing.payment])
        return Response(VerifiedSerializer(standing, context={"request": request}).data)

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
        meant.not_closed().make_due(now=timezone.now())
        state = meant.values_list("state", flat=True).first() or OrderState.PENDING
        return Response({"success": True, "state": state})

    @refund_schema
    @action(detail=True, methods=["post"], permission_classes=[RefundsPayments])
    def refund(self, request: Request, pk: str) -> Response:
        """Pay back a part of a payment, or all that is left of it."""
        payment = Payment.objects.refundable_by(cast("User", request.user)).filter(pk=pk).first()
        if payment is None:
            raise NotFound("payment")
        return answer_refund(request, payment)

    @extend_schema(
        responses={(200, "application/pdf"): OpenApiTypes.BINARY}, filters=False, extensions=refuses(NotPaid)
    )
    @action(detail=True, content_negotiation_class=OneForm)
    def receipt(self, request: Request, pk: str | None = None) -> HttpResponse:  # noqa: ARG002 - DRF's signature
        """Get the receipt of a paid payment as a PDF."""
        payment = self.get_object()
        if payment.status not in PAID:
            raise NotPaid
        user = cast("User", request.user)
        return answer_pdf(receipt_pdf(payment, shows_pan=payment.may_show_pan_to(user)), f"receipt-{payment.pk}.pdf")
