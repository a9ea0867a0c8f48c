"""Ask PhonePe about orders, without Celery."""

from core.management.reconciling import ReconcilingCommand
from core.services.worker import ORDERS


class Command(ReconcilingCommand):
    help = (
        "Read stored webhooks and ask PhonePe about every rent and subscription order that is due. "
        "Safe to run at any time, any number of times, beside the workers. "
        "Example: manage.py reconcile_pending_payments --all, or with the ids of some orders"
    )
    works = (ORDERS,)
    things = "orders"
    id_field = "merchant_order_id"
