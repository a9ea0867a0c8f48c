"""Where PhonePe sends the payer back: a small page without personal data, and a reason to ask."""

from secrets import token_urlsafe

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.browser_rules import with_style
from core.models import ChangeCause, PaymentStatus, PaymentTransaction
from core.models.payables import payable_of
from core.services.payments.for_payer import is_under_review, poll_after, state_for_payer, was_asked_about
from core.views.problems import SAFE, takes
from core.views.throttles import ReturnThrottle, throttled


@takes(*SAFE)
@throttled(ReturnThrottle)
def return_page(request: HttpRequest, merchant_order_id: str) -> HttpResponse:
    """Show that a payment is being confirmed, paid or failed, and the way back to it in the app."""
    order = PaymentTransaction.objects.filter(merchant_order_id=merchant_order_id).first()
    if order is None:
        raise Http404
    if was_asked_about(order, cause=ChangeCause.RETURN):
        order.refresh_from_db()
    payable = payable_of(order)
    nonce = token_urlsafe(16)
    context = {
        "refunded": payable.status == PaymentStatus.REFUNDED,
        "under_review": is_under_review(payable),
        "state": state_for_payer(payable).value,
        "again_after": poll_after(order, now=timezone.now()),
        "app_url": f"{settings.APP_URL}/{merchant_order_id}",
        "nonce": nonce,
    }
    headers = {"Content-Security-Policy": with_style(nonce), "X-Robots-Tag": "noindex"}
    response = render(request, "payments/return.html", context)
    for name, value in headers.items():
        response[name] = value
    return response
