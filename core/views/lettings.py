"""What an owner keeps of their own: properties and units."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.errors import NotFound
from core.models import IdempotencyKey, Owner, Property, Unit
from core.serializers.lettings import NewUnitSerializer, PropertySerializer, UnitSerializer
from core.services.lettings.property import HasPast, TooManyUnits, add_unit, delete, refuse_name_twice
from core.views.idempotency import IDEMPOTENCY_KEY, create_once
from core.views.permissions import IsOwner
from core.views.schema import refuses


class OwnViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet[Any]
):
    """Base: an owner lists, adds and changes what is theirs; what is another's is not there."""

    permission_classes = [IsOwner]
    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
    filter_backends = []
    pagination_class = None
    lookup_value_regex = r"[0-9]{1,18}"

    @property
    def owner(self) -> Owner:
        owner: Owner = cast("Any", self.request.user).owner  # IsOwner let nobody else in
        return owner

    @extend_schema(responses={204: OpenApiResponse(description="It is gone.")}, extensions=refuses(HasPast))
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Delete what nothing belongs to; what has a past stays, and can be renamed."""
        delete(self.get_object())
        return Response(status=204)


class PropertyViewSet(OwnViewSet):
    """An owner's own properties."""

    serializer_class = PropertySerializer
    queryset = Property.objects.none()

    def get_queryset(self) -> QuerySet[Property]:
        return Property.objects.filter(owner=self.owner).order_by("name", "pk")

    @extend_schema(request=PropertySerializer, responses={201: PropertySerializer}, parameters=[IDEMPOTENCY_KEY])
    def create(self, request: Request) -> Response:
        """Add a property."""

        def create(_: IdempotencyKey | None) -> Response:
            body = PropertySerializer(data=request.data)
            body.is_valid(raise_exception=True)
            body.save(owner=self.owner)
            return Response(body.data, status=201)

        return create_once(request, create)


class UnitViewSet(OwnViewSet):
    """The units of an owner's properties: flats, shops, rooms."""

    serializer_class = UnitSerializer
    queryset = Unit.objects.none()

    def get_queryset(self) -> QuerySet[Unit]:
        return Unit.objects.filter(property__owner=self.owner).order_by("property__name", "name", "pk")

    @extend_schema(
        request=NewUnitSerializer,
        responses={201: UnitSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(TooManyUnits, NotFound),
    )
    def create(self, request: Request) -> Response:
        """Add a unit to a property, if the owner's plan has one more."""

        def create(_: IdempotencyKey | None) -> Response:
            body = NewUnitSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            house = Property.objects.filter(owner=self.owner, pk=body.validated_data["property"]).first()
            if house is None:
                raise NotFound("property")
            unit = add_unit(house, body.validated_data["name"], now=timezone.now())
            return Response(UnitSerializer(unit).data, status=201)

        return create_once(request, create)

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        unit = cast("Unit", serializer.instance)
        refuse_name_twice(unit.property, serializer.validated_data.get("name", unit.name), but=unit)
        serializer.save()
