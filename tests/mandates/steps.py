"""What happens to a debit, step by step."""

from datetime import timedelta

from django.utils import timezone

from core.models import MandateDebit, OwnerSubscriptionPayment
from core.tasks import renew_subscriptions
from tests.mandates.autopay import Autopay

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def announced(autopay: Autopay) -> OwnerSubscriptionPayment:
    """Let it become three days before the end of what is paid, and the debit be announced."""
    autopay.go_to(autopay.end - 3 * DAY)
    autopay.works()
    autopay.pass_by(minutes=2)
    autopay.works()
    autopay.pass_by(minutes=2)
    autopay.works()
    [debit] = [each for each in autopay.debits if each.status == "pending"]
    assert MandateDebit.objects.get(payment=debit).valid_after is not None
    return debit


def at_the_end(autopay: Autopay) -> None:
    """Let the paid time end, and what is due then be done."""
    autopay.go_to(autopay.end)
    autopay.works()
    autopay.works_until(timezone.now() + HOUR, every=timedelta(minutes=30))


def soon(autopay: Autopay) -> None:
    """Let webhooks come, and what they are about be asked about."""
    for _ in range(2):
        autopay.pass_by(seconds=5)
        autopay.works()


def waits(autopay: Autopay) -> float:
    """Return in how many minutes the mandate is looked at again."""
    again = autopay.mandate.next_check_at
    assert again is not None
    return round((again - timezone.now()).total_seconds() / 60, 3)


def looks(autopay: Autopay) -> float:
    """Let it become the moment at which the mandate is looked at again, and look; return the wait after it."""
    again = autopay.mandate.next_check_at
    assert again is not None
    autopay.go_to(again)
    renew_subscriptions()
    return waits(autopay)
