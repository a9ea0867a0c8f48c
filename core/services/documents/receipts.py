"""Receipts as PDFs: number, parties, amount in figures and words, what for and when.

Names, months and plan are those that were kept with the payment when its money was captured.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from num2words import num2words

from core.errors import DomainError
from core.gst import hidden_pan
from core.india import in_india
from core.models import BillingPeriod, OwnerSubscriptionPayment, Payable, Payment, Refund
from core.money import rupees_for_people
from core.services.documents.pdf import typeset

FINANCIAL_YEAR_STARTS = 4  # April
FOOTER = "Made by Zelton from PhonePe's confirmation; valid without a signature."


class NotPaid(DomainError):
    """The payment has not gone through, so there is no receipt of it."""

    code = "not_paid"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("There is a receipt once the payment has gone through.")


class NotPaidBack(DomainError):
    """PhonePe has not paid the refund back yet, so there is no receipt of it."""

    code = "not_paid_back"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("There is a receipt once PhonePe has paid the money back.")


def receipt_number(payment: Payment) -> str:
    """Return the receipt's number: one for one payment, within the Indian financial year it was paid in."""
    paid = in_india(payment.transaction.paid_at or payment.created_at).date()
    return f"R-{financial_year(paid)}-{payment.pk:07d}"


def subscription_receipt_number(payment: OwnerSubscriptionPayment) -> str:
    """Return the receipt's number: one for one payment, within the Indian financial year it was paid in."""
    paid = in_india(payment.transaction.paid_at or payment.created_at).date()
    return f"RS-{financial_year(paid)}-{payment.pk:07d}"


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


def receipt_pdf(payment: Payment, *, shows_pan: bool = True) -> bytes:
    """Return the receipt of a paid rent payment; until it is refunded, it is always the same bytes.

    :param shows_pan: print the landlord's PAN, if it was known when the money came; otherwise most of it is hidden
    """
    said = payment.receipt or payment.names()  # none was kept by the release that did not know of it
    return _receipt(
        payment,
        "Rent receipt",
        receipt_number(payment),
        parties=[("Received from", [said["payer"]]), _landlord(said, shows_pan=shows_pan), _place(said)],
        items=_months(said, payment.transaction.captured_paise),
        items_are="Rent for",
    )


def subscription_receipt_pdf(payment: OwnerSubscriptionPayment) -> bytes:
    """Return the receipt of a paid subscription payment; until it is refunded, it is always the same bytes."""
    said = payment.receipt or payment.names()
    plan = f"{said['plan']} plan, {BillingPeriod(said['period']).label.lower()}"
    return _receipt(
        payment,
        "Subscription receipt",
        subscription_receipt_number(payment),
        parties=[("Received from", [said["payer"]]), ("Received by", ["Zelton"])],
        items=[(f"{plan}{_span(said)}", rupees_for_people(payment.transaction.captured_paise))],
        items_are="For",
    )


def refund_receipt_pdf(payment: Payment, refund: Refund) -> bytes:
    """Return the receipt of a refund that was paid back; the same refund always gives the same bytes."""
    said = payment.receipt or payment.names()
    return typeset(
        "receipt",
        {
            "title": "Refund receipt",
            "number": refund_receipt_number(refund),
            **_amount(refund.amount_paise),
            **_date("Paid back on", refund.finished_at or refund.created_at),
            "parties": [("Paid back to", [said["payer"]]), ("On behalf of", [said["payee"]]), _place(said)],
            "items": [],
            "facts": [
                ("Refund of", f"Rent for {said['unit']}"),
                ("Reason", refund.reason),
                ("PhonePe's id", refund.refund_id or "not given by PhonePe"),
                ("Refund", refund.merchant_refund_id),
                ("Order", payment.merchant_order_id),
                ("Its receipt", receipt_number(payment)),
            ],
            "footer": FOOTER,
        },
    )


def _receipt(payment: Payable, title: str, number: str, **what: Any) -> bytes:
    order = payment.transaction
    facts = [
        ("Paid by", order.payment_mode.replace("_", " ").title().replace("Upi", "UPI") or "PhonePe"),
        ("UTR", order.utr or "not given by the bank"),
        ("Order", order.merchant_order_id),
    ]
    if order.refunding_paise:
        facts.append(("Refunded", rupees_for_people(order.refunding_paise)))
    return typeset(
        "receipt",
        {
            "title": title,
            "number": number,
            **_amount(order.captured_paise),
            **_date("Received on", order.paid_at or payment.created_at),
            **what,
            "facts": facts,
            "footer": FOOTER,
        },
    )


def _landlord(said: Mapping[str, Any], *, shows_pan: bool) -> tuple[str, list[str]]:
    pan = said.get("payee_pan", "")
    lines = [f"PAN {pan if shows_pan else hidden_pan(pan)}"] if pan else []
    return "On behalf of", [said["payee"], *lines]


def _place(said: Mapping[str, Any]) -> tuple[str, list[str]]:
    return "Property", [said["unit"], *said["address"].splitlines()]


def _months(said: Mapping[str, Any], captured_paise: int) -> list[tuple[str, str]]:
    """Return each month and what was paid for it, and what came beyond; nothing where that was not noted."""
    items, left = [], captured_paise
    for paid in said.get("months", ()):
        month, paise, whole = f"{date.fromisoformat(paid['month'] + '-01'):%B %Y}", paid["paise"], paid["of_paise"]
        items.append((month if paise == whole else f"{month} (part of {rupees_for_people(whole)})", paise))
        left -= paise
    if left and "months" in said:
        items.append(("More than was due", left))
    return [(what, rupees_for_people(paise)) for what, paise in items]


def _span(said: Mapping[str, Any]) -> str:
    """Return when the period runs; nothing if none was opened."""
    if "starts_at" not in said:
        return ""
    starts, ends = (in_india(datetime.fromisoformat(said[name])) for name in ("starts_at", "ends_at"))
    return f", {starts:%d %B %Y, %H:%M} to {ends:%d %B %Y, %H:%M}"


def _amount(paise: int) -> dict[str, str]:
    return {"amount": rupees_for_people(paise), "in_words": amount_in_words(paise)}


def _date(label: str, moment: datetime) -> dict[str, str]:
    return {"date_is": label, "date": f"{in_india(moment):%d %B %Y, %H:%M} IST"}
