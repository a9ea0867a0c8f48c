"""Where PhonePe sends the payer back: a small page without personal data, and a reason to ask."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.models import Cause, PaymentTransaction, Reconciliation, Status
from core.services.payments import poll_after, state_for_payer, was_asked_about
from core.views.throttles import ReturnThrottle, throttled

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
@throttled(ReturnThrottle)
def return_page(request: HttpRequest, merchant_order_id: str) -> HttpResponse:
    """Show that a payment is being confirmed, paid or failed, and the way back to the app."""
    order = PaymentTransaction.objects.filter(merchant_order_id=merchant_order_id).first()
    if order is None:
        raise Http404
    if was_asked_about(order, cause=Cause.RETURN):
        order.refresh_from_db()
    purpose = order.purpose
    context = {
        "refunded": purpose.status == Status.REFUNDED,
        "under_review": order.reconciliation_status == Reconciliation.MISMATCH,
        "state": state_for_payer(purpose).value,
        "again_after": poll_after(order, now=timezone.now()),
        "app_url": settings.APP_URL,
    }
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex"}
    response = render(request, "payments/return.html", context)
    for name, value in headers.items():
        response[name] = value
    return response
