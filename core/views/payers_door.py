"""A short way for the app's most frequent question: how does my payment stand?"""

import re
from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from django.utils import timezone
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.renderers import JSONRenderer

from core.db.connection import unasked
from core.models import ChangeCause, OwnerSubscriptionPayment, Payable, Payment
from core.serializers.attempts import StandingSerializer
from core.serializers.payments import VerifiedSerializer
from core.serializers.subscriptions import VerifiedSubscriptionSerializer
from core.services.payments.for_payer import has_failed, is_known, standing_of, was_asked_about
from core.views.authentication import opens
from core.views.throttles import EveryoneThrottle

_PATH = re.compile(r"/api/([a-z-]+)/verify-payment/([A-Za-z0-9_-]{1,63})/", re.ASCII)
_TOKEN = re.compile(r"token ([0-9a-f]{64})", re.ASCII | re.IGNORECASE)
_KINDS: MappingProxyType[str, tuple[type[Payable], type[StandingSerializer]]] = MappingProxyType(
    {
        "payments": (Payment, VerifiedSerializer),
        "owner-subscriptions": (OwnerSubscriptionPayment, VerifiedSubscriptionSerializer),
    }
)


class PayersDoor:
    """Middleware that answers a payer's verify, in one statement where PhonePe does not have to be asked.

    It answers as the view would, or not at all: whatever is otherwise (somebody else asks, the token is none, there are
    refunds or a failure to explain, too many calls) goes on to the view, which decides everything anew; a call that is
    found to be so only after PhonePe was asked is counted twice. An app asks this more often than all else together.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request) or self._get_response(request)

    def _answer(self, request: HttpRequest) -> HttpResponse | None:
        path = _PATH.fullmatch(request.path_info)
        token = _TOKEN.fullmatch(request.META.get("HTTP_AUTHORIZATION", ""))
        if path is None or path[1] not in _KINDS or token is None or not _is_plain(request):
            return None
        request.get_host()  # refuses one that is not ours, as Django does on the longer way
        kind, serializer = _KINDS[path[1]]
        payment = _payment_of(kind, path[2], token[1])
        if payment is None or has_failed(payment):
            return None
        user = request.user = payment.payer_user
        if not EveryoneThrottle().allow_request(cast("Any", request), None):
            return None
        if not is_known(payment, now=timezone.now()):
            was_asked_about(payment.transaction, cause=ChangeCause.VERIFY)
            payment = _payment_of(kind, path[2], token[1])
            if payment is None or has_failed(payment):
                return None
        now, request.resolver_match = timezone.now(), _route(path[1])
        body = JSONRenderer().render(serializer.shown(standing_of(payment, now=now), user))
        headers = {"Allow": "GET, HEAD, OPTIONS", "Content-Length": str(len(body))}
        return HttpResponse(body, content_type="application/json", headers=headers)


def _is_plain(request: HttpRequest) -> bool:
    """Tell whether nothing is asked for but the answer as it usually is."""
    accepts = request.META.get("HTTP_ACCEPT", "*/*")
    return request.method == "GET" and not request.META.get("QUERY_STRING") and accepts in ("*/*", "application/json")


def _payment_of(kind: type[Payable], merchant_order_id: str, token: str) -> Any:
    """Return the payment, if the token is that of a log-in of its payer."""
    digest, now = hash_token(token), timezone.now()
    key = token[: CONSTANTS.TOKEN_KEY_LENGTH]
    for payment in unasked(lambda: kind.of_payer_with_token(key, merchant_order_id)):
        found = cast("Any", payment)
        if opens(digest, found.token_digest, found.token_expiry, now=now) and found.payer_user.is_active:
            return found
    return None


@cache
def _route(kind: str) -> ResolverMatch:
    """Return the view that would have answered: requests are counted under its name."""
    return resolve(f"/api/{kind}/verify-payment/-/")
