"""What each figure is measured against."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.authentication import get_authorization_header
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.models import PaymentTransaction
from core.views.authentication import ApiToken

ANSWER = b'{"success": true}'


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store a body: one INSERT, which commits."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_event (body) VALUES (%s)", [request.body])
    return HttpResponse(ANSWER, content_type="application/json", headers={"Content-Length": str(len(ANSWER))})


def one_row(request: HttpRequest, merchant_order_id: str) -> HttpResponse:
    """Look at a token as the product does, and read one row by its key."""
    _, token = get_authorization_header(request).split()
    ApiToken().authenticate_credentials(token)
    order = PaymentTransaction.objects.get(merchant_order_id=merchant_order_id)
    return JsonResponse({"success": True, "merchant_order_id": merchant_order_id, "state": order.state})


class OrderSerializer(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class TwoCommits(APIView):
    """Write an order before a call to PhonePe that is left out, and its page after: nothing is checked or locked."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        body = OrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        order = PaymentTransaction.objects.create(
            merchant_order_id=f"BARE-{secrets.token_urlsafe(16)}",
            amount_paise=int(body.validated_data["amount"] * 100),
            initiated_at=now,
            expire_at=now + timedelta(minutes=20),
        )
        order.redirect_url = "http://127.0.0.1/"
        order.save(update_fields=["redirect_url", "updated_at"])
        answer = {"merchant_order_id": order.merchant_order_id, "redirect_url": order.redirect_url}
        return Response({"success": True, **answer}, status=201)
