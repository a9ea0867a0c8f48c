"""Take locks in the one order: payer (tenancy or subscription), then payable, then order, then refund.

On PostgreSQL these are row locks; on SQLite the transaction itself lets one writer in at a time.
"""

from django.db import connection
from django.db.models import CharField

from core.db.prepared import Param, Prepared
from core.models import Payable, PaymentTransaction
from core.models.payables import payable_of, payable_relations


def lock_payable(merchant_order_id: str) -> Payable:
    """Lock what an order belongs to and the order, and return them as they are now.

    :raises PaymentTransaction.DoesNotExist: if the order is not ours
    """
    payable = payable_of(_ORDER.one(merchant_order_id=merchant_order_id))
    payable.lock_payer()
    return payable.locked()


_ORDER = Prepared(
    lambda: PaymentTransaction.objects.select_related(*payable_relations()).filter(
        merchant_order_id=Param("merchant_order_id", CharField())
    )
)


def wait_turn(name: str) -> None:
    """Let one transaction at a time pass here, until it ends: where there is no row whose lock could do it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
