"""Charges of rent, and what tenants and owners see first."""

from datetime import date
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.db.replica import from_replica
from core.models import RentCharge, Tenancy, User
from core.serializers.rent import ChargeSerializer, OwnerDashboardSerializer, TenantDashboardSerializer
from core.services.rent.dashboards import OwnerDashboard, dashboard_for
from core.views.pages import Pages
from core.views.permissions import SeesCharges
from core.views.schema import refuses


class NewestMonthFirst(Pages):
    ordering = ("-month", "-id")

    def is_position(self, written: str) -> bool:
        try:
            return bool(date.fromisoformat(written))
        except ValueError:
            return False


def _tenancies_of_charges(request: Request | None) -> QuerySet[Tenancy]:
    user = request.user if request is not None else None
    if not isinstance(user, User):
        return Tenancy.objects.none()
    return Tenancy.objects.all() if user.may("core.view_rentcharge") else Tenancy.objects.concerning(user.pk)


class ChargeFilter(filters.FilterSet):  # type: ignore[misc]
    # A stranger's tenancy and one that does not exist are the same: neither is a choice.
    tenancy = filters.ModelChoiceFilter(queryset=_tenancies_of_charges)

    class Meta:
        model = RentCharge
        fields = ["tenancy"]


class ChargeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[RentCharge]):
    """A tenant's own charges, those of an owner's tenants, all for staff who may see charges; not what was reversed."""

    permission_classes = [SeesCharges]
    serializer_class = ChargeSerializer
    queryset = RentCharge.objects.none()
    filterset_class = ChargeFilter
    pagination_class = NewestMonthFirst

    list = from_replica(mixins.ListModelMixin.list)

    def get_queryset(self) -> QuerySet[RentCharge]:
        return RentCharge.objects.visible_to(cast("User", self.request.user)).standing().with_outstanding()


class DashboardView(APIView):
    @extend_schema(
        responses=PolymorphicProxySerializer(
            component_name="Dashboard",
            serializers=[TenantDashboardSerializer, OwnerDashboardSerializer],
            resource_type_field_name=None,
        ),
        extensions=refuses("permission_denied"),
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Tell a tenant what is due and paid, and an owner what came, is outstanding and is held for payout."""
        told = dashboard_for(cast("User", request.user), now=timezone.now())
        kind = OwnerDashboardSerializer if isinstance(told, OwnerDashboard) else TenantDashboardSerializer
        return Response(kind(told, context={"request": request}).data)
