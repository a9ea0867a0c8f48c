"""Take locks in the one order: root (tenancy or subscription), then purpose, then order, then refund.

On PostgreSQL these are row locks; on SQLite the transaction itself lets one writer in at a time.
"""

from core.models import PaymentTransaction, Purpose


def lock_purpose(merchant_order_id: str) -> Purpose:
    """Lock what an order belongs to and the order, and return them as they are now.

    :raises PaymentTransaction.DoesNotExist: if the order is not ours
    """
    purpose = PaymentTransaction.objects.get(merchant_order_id=merchant_order_id).purpose
    purpose.lock_root()
    locked = purpose.locked()
    locked.transaction = PaymentTransaction.objects.select_for_update().get(pk=purpose.transaction.pk)
    return locked
