"""Ask PhonePe about orders, without Celery."""

from core.management.reconciling import ReconcilingCommand
from core.services.reconciliation import ORDERS


class Command(ReconcilingCommand):
    help = (
        "Read stored webhooks and ask PhonePe about every rent and subscription order that is due. "
        "Safe to run at any time, any number of times, beside the workers."
    )
    work = ORDERS
    things = "orders"
