"""Take the indexes for patterns off what is written most: nobody asks for what begins with something.

The ledger's `source` keeps its own: the books are checked by what it begins with.
"""

from django.db import migrations

from core.db.online_migrations import RemovePatternIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0007_webhook_not_archived")]

    operations = [
        RemovePatternIndex("paymenttransaction", "merchant_order_id"),
        RemovePatternIndex("paymenttransaction", "phonepe_order_id"),
        RemovePatternIndex("payment", "merchant_order_id"),
        RemovePatternIndex("ownersubscriptionpayment", "merchant_order_id"),
        RemovePatternIndex("refund", "merchant_refund_id"),
        RemovePatternIndex("refund", "refund_id"),
        RemovePatternIndex("webhookevent", "digest"),
        RemovePatternIndex("webhookevent", "merchant_order_id"),
        RemovePatternIndex("ledgerline", "account"),
    ]
