"""What a payer's bank has taken back of a payment, or may yet: a refund beside it would pay the payer twice."""

from core.errors import PaymentDisputed
from core.models import Alert, AlertKind, LineType, PaymentTransaction, SettlementLine


def taken_back_paise(order: PaymentTransaction) -> int:
    """Return what the payer's bank has taken back of a payment, in paise; an open dispute may yet take back all of it.

    :raises PaymentDisputed: if one is open, or is lost and its money not yet seen in a settlement
    """
    disputes = Alert.objects.filter(kind__in=(AlertKind.DISPUTE, AlertKind.DISPUTE_LOST), resolved_at=None)
    if disputes.filter(subject=order.merchant_order_id).exists():
        raise PaymentDisputed
    lines = SettlementLine.objects.filter(merchant_order_id=order.merchant_order_id, type=LineType.CHARGEBACK)
    return -sum(lines.values_list("amount_paise", flat=True))
