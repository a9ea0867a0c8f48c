"""Receipts as PDFs: number, parties, amount in figures and words, what for and when."""

from datetime import date

from num2words import num2words

from core.errors import DomainError
from core.india import in_india
from core.models import Payment, Refund
from core.money import rupees_for_people
from core.services.documents import slip

FINANCIAL_YEAR_STARTS = 4  # April
FOOTER = "Made by Zelton from PhonePe's confirmation; valid without a signature."


class NotPaid(DomainError):
    code = "not_paid"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("There is a receipt once the payment has gone through.")


class NotPaidBack(DomainError):
    code = "not_paid_back"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("There is a receipt once PhonePe has paid the money back.")


def receipt_number(payment: Payment) -> str:
    """Return the receipt's number: one for one payment, within the Indian financial year it was paid in."""
    paid = in_india(payment.transaction.paid_at or payment.created_at).date()
    return f"R-{financial_year(paid)}-{payment.pk:07d}"


def refund_receipt_number(refund: Refund) -> str:
    """Return the receipt's number: one for one refund, within the Indian financial year it was paid back in."""
    paid_back = in_india(refund.finished_at or refund.created_at).date()
    return f"RR-{financial_year(paid_back)}-{refund.pk:07d}"


def financial_year(day: date) -> str:
    """Return "2026-27" for a day from April 2026 to March 2027."""
    start = day.year if day.month >= FINANCIAL_YEAR_STARTS else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def amount_in_words(paise: int) -> str:
    """Return "Rupees fifteen thousand and fifty paise only", counted as in India."""
    whole, rest = divmod(paise, 100)
    words = f"Rupees {num2words(whole, lang='en_IN')}"
    return f"{words} and {num2words(rest, lang='en_IN')} paise only" if rest else f"{words} only"


def receipt_pdf(payment: Payment) -> bytes:
    """Return the receipt of a paid payment; the same payment always gives the same bytes."""
    order, tenancy = payment.transaction, payment.tenancy
    paid_at = in_india(order.paid_at or payment.created_at)
    facts = [
        ("Receipt", receipt_number(payment)),
        ("Date", f"{paid_at:%d %B %Y, %H:%M} IST"),
        ("Received from", tenancy.tenant.name),
        ("For", payment.payer_sentence()),
        ("On behalf of", tenancy.unit.property.owner.name),
        ("Amount", rupees_for_people(order.captured_paise)),
        ("", amount_in_words(order.captured_paise)),
        ("Paid by", order.payment_mode.replace("_", " ").title() or "PhonePe"),
        ("UTR", order.utr or "not given by the bank"),
        ("Order", order.merchant_order_id),
    ]
    if order.refunding_paise:
        facts.append(("Refunded", rupees_for_people(order.refunding_paise)))
    return slip("Rent receipt", facts, footer=FOOTER)


def refund_receipt_pdf(payment: Payment, refund: Refund) -> bytes:
    """Return the receipt of a refund that was paid back; the same refund always gives the same bytes."""
    tenancy = payment.tenancy
    paid_back_at = in_india(refund.finished_at or refund.created_at)
    facts = [
        ("Receipt", refund_receipt_number(refund)),
        ("Date", f"{paid_back_at:%d %B %Y, %H:%M} IST"),
        ("Paid back to", tenancy.tenant.name),
        ("On behalf of", tenancy.unit.property.owner.name),
        ("Refund of", payment.payer_sentence()),
        ("Reason", refund.reason),
        ("Amount", rupees_for_people(refund.amount_paise)),
        ("", amount_in_words(refund.amount_paise)),
        ("PhonePe's id", refund.refund_id or "not given by PhonePe"),
        ("Refund", refund.merchant_refund_id),
        ("Order", payment.merchant_order_id),
        ("Its receipt", receipt_number(payment)),
    ]
    return slip("Refund receipt", facts, footer=FOOTER)
