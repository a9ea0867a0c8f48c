"""What is attached to a message: the receipt of the payment that it tells of."""

from core.models import Notification, OwnerSubscriptionPayment, Payment
from core.services.documents.receipts import receipt_pdf, subscription_receipt_pdf


def attachments_of(notification: Notification) -> list[tuple[str, bytes]]:
    """Return names and contents of PDFs; none for most messages."""
    kind, _, number = str(notification.data.get("receipt", "")).partition(":")
    if kind == "payment":
        payment = Payment.objects.select_related("transaction", *Payment.display_relations).get(pk=number)
        return [(f"receipt-{number}.pdf", receipt_pdf(payment))]
    if kind == "subscription":
        rows = OwnerSubscriptionPayment.objects.select_related("transaction", "plan", "subscription__owner")
        return [(f"subscription-receipt-{number}.pdf", subscription_receipt_pdf(rows.get(pk=number)))]
    return []
