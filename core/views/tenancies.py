"""Tenancies: what is let, and what is outstanding; owners let their units and end that."""

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.db.replica import from_replica
from core.errors import NotFound
from core.india import day_in_india
from core.models import IdempotencyKey, Tenancy, Unit, User
from core.serializers.lettings import (
    EndTenancySerializer,
    InvitationSerializer,
    LetSerializer,
    NewTenancySerializer,
)
from core.serializers.payments import TenancySerializer
from core.services.lettings.invitations import NotInvitable, invite_again
from core.services.lettings.tenancies import AlreadyLet, end, let
from core.views.idempotency import IDEMPOTENCY_KEY, create_once
from core.views.permissions import IsOwner, SeesTenancies
from core.views.schema import refuses
from core.views.throttles import EveryoneThrottle, InvitationThrottle


@extend_schema_view(list=extend_schema(summary="List tenancies, with what is outstanding"))
class TenancyViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Tenancy]):
    """A tenant's own tenancies, an owner's let units, all of them for staff who may see tenancies."""

    permission_classes = [SeesTenancies]
    serializer_class = TenancySerializer
    queryset = Tenancy.objects.none()
    pagination_class = None
    lookup_value_regex = r"[0-9]{1,18}"

    list = from_replica(mixins.ListModelMixin.list)

    def get_permissions(self) -> Sequence[Any]:
        return [IsOwner()] if self.action in ("create", "end", "invite") else super().get_permissions()

    def get_queryset(self) -> QuerySet[Tenancy]:
        visible = Tenancy.objects.visible_to(self.request.user).with_outstanding()  # type: ignore[arg-type]
        return visible.select_related("unit__property", "tenant__user").prefetch_related("charges").order_by("pk")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": day_in_india(timezone.now())}

    @extend_schema(
        request=NewTenancySerializer,
        responses={201: LetSerializer},
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(AlreadyLet, NotFound),
    )
    def create(self, request: Request) -> Response:
        """Let a unit of one's own, and invite who rents it: by mail, or with a link to hand over."""

        def create(_: IdempotencyKey | None) -> Response:
            body = NewTenancySerializer(data=request.data)
            body.is_valid(raise_exception=True)
            own = Unit.objects.filter(property__owner__user=request.user.pk)
            unit = own.filter(pk=body.validated_data["unit"]).first()
            if unit is None:
                raise NotFound("unit")
            tenancy, invited = let(unit, body.person(), body.terms(), now=timezone.now())
            shown: Any = self.get_queryset().get(pk=tenancy.pk)
            shown.invitation = invited
            return Response(LetSerializer(shown, context=self.get_serializer_context()).data, status=201)

        return create_once(request, create)

    @extend_schema(
        request=None,
        responses=InvitationSerializer,
        parameters=[IDEMPOTENCY_KEY],
        extensions=refuses(NotInvitable),
    )
    @action(detail=True, methods=["post"], throttle_classes=[EveryoneThrottle, InvitationThrottle])
    def invite(self, request: Request, pk: str) -> Response:
        """Invite the tenant of a tenancy again, who has no password yet. An earlier link works no more."""
        own = Tenancy.objects.filter(unit__property__owner__user=request.user.pk)

        def invite(_: IdempotencyKey | None) -> Response:
            tenancy = own.select_related("unit__property__owner", "tenant").filter(pk=pk).first()
            if tenancy is None:
                raise NotFound("tenancy")
            return Response(InvitationSerializer(invite_again(tenancy, now=timezone.now())).data)

        return create_once(request, invite)

    @extend_schema(request=EndTenancySerializer, responses=TenancySerializer, extensions=refuses(AlreadyLet))
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a tenancy with its last day; rent that was charged for days after it is owed no more."""
        user = cast("User", request.user)
        tenancy = Tenancy.objects.filter(unit__property__owner__user=user, pk=pk).first()
        if tenancy is None:
            raise NotFound("tenancy")
        body = EndTenancySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        end(tenancy, body.validated_data["ends_on"], by=user, now=timezone.now())
        shown = self.get_queryset().get(pk=tenancy.pk)
        return Response(TenancySerializer(shown, context=self.get_serializer_context()).data)
