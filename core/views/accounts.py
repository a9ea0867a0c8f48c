"""Log in, log out, change a password."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.models import get_token_model
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.serializers.accounts import ChangePasswordSerializer, LoggedInSerializer, LoginSerializer
from core.views.throttles import LoginNameThrottle, LoginThrottle

if TYPE_CHECKING:
    from core.models import User


class LoginView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle, LoginNameThrottle]

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Token"  # without it DRF would answer a wrong password with 403

    @extend_schema(request=LoginSerializer, responses=LoggedInSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a name and a password for a token. It expires, and is stored hashed."""
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = authenticate(request, **body.validated_data)
        if user is None:
            raise AuthenticationFailed("The user name or the password is wrong.", code="wrong_credentials")
        instance, token = get_token_model().objects.create(user)
        return Response(LoggedInSerializer({"token": token, "expiry": instance.expiry, "user": user}).data)


class LogoutView(APIView):
    @extend_schema(request=None, responses={204: OpenApiResponse(description="The token is revoked.")})
    def post(self, request: Request) -> Response:
        """Revoke the token that this request came with."""
        request.auth.delete()
        return Response(status=204)


class ChangePasswordView(APIView):
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
        get_token_model().objects.filter(user=user).delete()
        return Response(status=204)
