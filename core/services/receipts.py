"""A receipt as a PDF: number, parties, amount in figures and words, UTR and date."""

from datetime import date
from functools import cache
from io import BytesIO

import fontpkg_noto_sans
from num2words import num2words
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.errors import DomainError
from core.india import in_india
from core.models import Payment
from core.money import rupees_for_people

FONT = "NotoSans"
MARGIN, LINE = 14 * mm, 7 * mm
LONGEST_TEXT = 48  # characters that fit on a line
FINANCIAL_YEAR_STARTS = 4  # April


class NotPaid(DomainError):
    code = "not_paid"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("There is a receipt once the payment has gone through.")


def receipt_number(payment: Payment) -> str:
    """Return the receipt's number: one for one payment, within the Indian financial year it was paid in."""
    paid = in_india(payment.transaction.paid_at or payment.created_at).date()
    return f"R-{financial_year(paid)}-{payment.pk:07d}"


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
    rows = [
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
        rows.append(("Refunded", rupees_for_people(order.refunding_paise)))
    return _draw("Rent receipt", rows)


@cache
def _font() -> str:
    files = fontpkg_noto_sans.ROOT / "files"
    pdfmetrics.registerFont(TTFont(FONT, str(files / "NotoSans[wdth,wght].ttf")))  # has the rupee sign
    return FONT


def _draw(title: str, rows: list[tuple[str, str]]) -> bytes:
    font, buffer = _font(), BytesIO()
    canvas = Canvas(buffer, pagesize=A5, invariant=True)
    canvas.setTitle(title)
    top = A5[1] - MARGIN - LINE
    canvas.setFont(font, 18)
    canvas.drawString(MARGIN, top, title)
    canvas.line(MARGIN, top - 4 * mm, A5[0] - MARGIN, top - 4 * mm)
    y = top - 14 * mm
    for label, value in rows:
        canvas.setFont(font, 9)
        canvas.drawString(MARGIN, y, label)
        for line in _lines(value):
            canvas.setFont(font, 10)
            canvas.drawString(MARGIN + 28 * mm, y, line)
            y -= LINE
    canvas.setFont(font, 8)
    canvas.drawString(MARGIN, MARGIN, "Made by Zelton from PhonePe's confirmation; valid without a signature.")
    canvas.save()
    return buffer.getvalue()


def _lines(text: str) -> list[str]:
    lines = [""]
    for word in text.split() or [""]:
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= LONGEST_TEXT or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
