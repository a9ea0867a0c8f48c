"""Send refunds that were never sent, and ask PhonePe about those under way, without Celery."""

from core.management.reconciling import ReconcilingCommand
from core.services.worker import REFUNDS, REPORTED_REFUNDS


class Command(ReconcilingCommand):
    help = (
        "Read stored webhooks, send every refund that was never sent and ask PhonePe about those that are due. "
        "Safe to run at any time, any number of times, beside the workers. "
        "Example: manage.py reconcile_pending_refunds --dry-run"
    )
    works = (REFUNDS, REPORTED_REFUNDS)
    things = "refunds"
    id_field = "merchant_refund_id"
