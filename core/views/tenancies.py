"""Tenancies: what is let, and what is outstanding."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, viewsets

from core.india import day_in_india
from core.models import Tenancy
from core.serializers.payments import TenancySerializer


class TenancyViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Tenancy]):
    """A tenant's own tenancies, an owner's let units, all of them for staff."""

    serializer_class = TenancySerializer
    queryset = Tenancy.objects.none()
    pagination_class = None

    def get_queryset(self) -> QuerySet[Tenancy]:
        visible = Tenancy.objects.visible_to(self.request.user).with_outstanding()  # type: ignore[arg-type]
        return visible.select_related("unit__property").prefetch_related("charges").order_by("pk")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": day_in_india(timezone.now())}
