"""Take locks in the one order: root (tenancy or subscription), then purpose, then order, then refund.

On PostgreSQL these are row locks; on SQLite the transaction itself lets one writer in at a time.
"""

from django.db import connection
from django.db.models import CharField

from core.models import PaymentTransaction, Purpose
from core.prepared import Param, Prepared

_FOUND: Prepared[PaymentTransaction] = Prepared(
    lambda: PaymentTransaction.objects.select_related("payment", "subscription_payment").filter(
        merchant_order_id=Param("merchant_order_id", CharField())
    )
)


def lock_purpose(merchant_order_id: str) -> Purpose:
    """Lock what an order belongs to and the order, and return them as they are now.

    :raises PaymentTransaction.DoesNotExist: if the order is not ours
    """
    purpose = _FOUND.one(merchant_order_id=merchant_order_id).purpose
    purpose.lock_root()
    return purpose.locked()


def wait_turn(name: str) -> None:
    """Let one transaction at a time pass here, until it ends: where there is no row whose lock could do it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
