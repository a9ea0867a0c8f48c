"""Read a delivery again that was read before, or that could not be read."""

from datetime import datetime

from django.db import transaction

from core.errors import CannotBeDoneNow
from core.models import PaymentTransaction, WebhookEvent, WebhookOutcome
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import note_action
from core.services.webhooks.processing import process


@requires("core.replay_webhook")
def replay_webhook(event: WebhookEvent, *, by: Operator, reason: str, now: datetime) -> WebhookEvent:
    """Read a delivery as if it had come just now; what it is about is asked about by the next tick.

    :raises CannotBeDoneNow: if its body has left the database
    """
    with transaction.atomic():
        fresh = {"processed_at": None, "next_try_at": None, "tries": 0, "outcome": WebhookOutcome.WAITING}
        if not WebhookEvent.objects.filter(pk=event.pk, archived_at=None).update(**fresh, archive=""):
            raise CannotBeDoneNow(f"Its body is in the file {event.archive} now, so it cannot be read again here.")
        order = PaymentTransaction.objects.filter(merchant_order_id=event.merchant_order_id).first()
        note_action("replay_webhook", by=by, reason=reason, about=f"webhook:{event.pk}", order=order, now=now)
    process([event.pk], now=now)
    event.refresh_from_db(fields=["event", "outcome", "merchant_order_id", "processed_at", "next_try_at", "tries"])
    return event
