"""Log in, log out, change a password."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.serializers.auth import (
    ChangeMeSerializer,
    ChangePasswordSerializer,
    ChoosePasswordSerializer,
    DoneSerializer,
    LoggedInSerializer,
    LoginSerializer,
    MeSerializer,
    PasswordResetSerializer,
)
from core.services.notices.switches import switch
from core.services.operations.log_ins import log_in, log_out_everywhere
from core.services.operations.passwords import TokenNotValid, choose_password, reset_password
from core.services.subscriptions.billing import change_billing
from core.views.schema import refuses
from core.views.throttles import (
    EveryoneThrottle,
    LoginGuessThrottle,
    LoginThrottle,
    OldPasswordThrottle,
    PasswordResetThrottle,
)

if TYPE_CHECKING:
    from core.models import User


class LoginView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle, LoginGuessThrottle]

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Token"  # without it DRF would answer a wrong password with 403

    @extend_schema(request=LoginSerializer, responses=LoggedInSerializer, extensions=refuses("wrong_credentials"))
    def post(self, request: Request) -> Response:
        """Exchange a name and a password for a token. It expires, and is stored hashed.

        An e-mail address or a phone number that several people have is refused as a wrong name is.
        """
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = authenticate(request, **body.validated_data)
        if user is None:
            raise AuthenticationFailed("The user name or the password is wrong.", code="wrong_credentials")
        LoginGuessThrottle().was_right(request)
        instance, token = log_in(user)
        return Response(
            LoggedInSerializer({"success": True, "token": token, "expiry": instance.expiry, "user": user}).data
        )


class LogoutView(APIView):
    @extend_schema(request=None, responses={204: OpenApiResponse(description="The token is revoked.")})
    def post(self, request: Request) -> Response:
        """Revoke the token that this request came with."""
        request.auth.delete()
        return Response(status=204)


class PasswordResetView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle, PasswordResetThrottle]

    @extend_schema(request=PasswordResetSerializer, responses=DoneSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Mail a link to choose a new password. The answer is the same whether anybody has the address or not."""
        body = PasswordResetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        reset_password(body.validated_data["email"], now=timezone.now())
        sentence = "If somebody has this e-mail address here, a link is on its way. It works once, for an hour."
        return Response({"success": True, "detail": sentence})


class PasswordResetConfirmView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle]

    @extend_schema(
        request=ChoosePasswordSerializer, responses=DoneSerializer, auth=[], extensions=refuses(TokenNotValid)
    )
    def post(self, request: Request) -> Response:
        """Choose a password with the token of a mail or an invitation. Every log-in of that person ends."""
        body = ChoosePasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        choose_password(body.validated_data["token"], body.validated_data["password"])
        return Response({"success": True, "detail": "The password is set. Log in with it."})


class LogoutAllView(APIView):
    @extend_schema(request=None, responses={204: OpenApiResponse(description="Every token is revoked.")})
    def post(self, request: Request) -> Response:
        """Revoke every token of whoever asks, on every device, this one included."""
        log_out_everywhere(cast("User", request.user))
        return Response(status=204)


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Tell who is logged in, what they are, and what messages they want."""
        return Response(MeSerializer(cast("User", request.user)).data)

    @extend_schema(request=ChangeMeSerializer, responses=MeSerializer, extensions=refuses("permission_denied"))
    def patch(self, request: Request) -> Response:
        """Change what invoices say of an owner from now on, or which messages somebody wants."""
        body = ChangeMeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = cast("User", request.user)
        given = dict(body.validated_data)
        switches = given.pop("notifications", {})
        with transaction.atomic():
            if given:
                if not hasattr(user, "owner"):
                    raise PermissionDenied("Only an owner can do this.")
                change_billing(user.owner, given)
            switch(user, switches)
        return Response(MeSerializer(user).data)


class ChangePasswordView(APIView):
    throttle_classes = [EveryoneThrottle, OldPasswordThrottle]

    @extend_schema(
        request=ChangePasswordSerializer, responses={204: OpenApiResponse(description="Every token is revoked.")}
    )
    def post(self, request: Request) -> Response:
        """Change the password and revoke every token of the user, so that all log in anew."""
        body = ChangePasswordSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        user = cast("User", request.user)
        user.set_password(body.validated_data["new_password"])
        user.save(update_fields=["password"])
        OldPasswordThrottle().was_right(request)
        return Response(status=204)
