"""Tax invoices and credit notes as PDFs: of what was kept with them, and of nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.gst import PERCENT, STATES
from core.india import in_india
from core.models import BillingPeriod, Invoice, InvoiceKind, Purpose
from core.money import rupees_for_people
from core.services.documents.pdf import typeset
from core.services.documents.receipts import amount_in_words

FOOTER = "Made by Zelton; valid without a signature."


def invoice_pdf(invoice: Invoice) -> bytes:
    """Return a paper as a PDF; it is always the same bytes."""
    said = invoice.said
    return typeset(
        "receipt",
        {
            "title": "Tax invoice" if invoice.kind == InvoiceKind.TAX_INVOICE else "Credit note",
            "number": invoice.number,
            "amount": rupees_for_people(invoice.total_paise),
            "in_words": amount_in_words(invoice.total_paise),
            "date_is": "Issued on",
            "date": f"{in_india(invoice.issued_at):%d %B %Y}",
            "parties": [("From", _party(said["seller"])), ("To", _party(said["buyer"]))],
            "items": _items(invoice),
            "items_are": f"SAC {said['sac']}",
            "facts": _facts(invoice),
            "footer": FOOTER,
        },
    )


def _party(party: Mapping[str, str]) -> list[str]:
    state = party["state"]
    numbers = [(name.upper(), party.get(name, "")) for name in ("gstin", "pan")]
    return [
        party["name"],
        *party["address"].splitlines(),
        *([f"State: {STATES.get(state, 'unknown')} ({state})"] if state else []),
        *(f"{name}: {number}" for name, number in numbers if number),
    ]


def _items(invoice: Invoice) -> list[tuple[str, str]]:
    half = f"{PERCENT / 2:g} %"
    taxes = [
        (f"CGST {half}", invoice.cgst_paise),
        (f"SGST {half}", invoice.sgst_paise),
        (f"IGST {PERCENT} %", invoice.igst_paise),
    ]
    items = [(_what(invoice.said), invoice.taxable_paise), *((name, paise) for name, paise in taxes if paise)]
    return [(name, rupees_for_people(paise)) for name, paise in items]


def _what(said: Mapping[str, Any]) -> str:
    what = f"Zelton {said['plan']} plan, {BillingPeriod(said['period']).label.lower()}"
    return f"{what}, rest of the period" if said["purpose"] == Purpose.UPGRADE else what


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    said = invoice.said
    place = said["place_of_supply"]
    facts = [
        ("Place of supply", f"{said['place_of_supply_name']} ({place})" if place else "not known"),
        *([("Period", f"{_day(said['starts_at'])} to {_day(said['ends_at'])}")] if said["starts_at"] else []),
        ("Paid on", _day(said["paid_at"])),
        ("Order", said["order"]),
        ("Reverse charge", "No"),
    ]
    if invoice.credits is not None:
        facts.insert(
            0, ("Credits invoice", f"{invoice.credits.number} of {_day(invoice.credits.issued_at.isoformat())}")
        )
        facts.insert(1, ("Reason", said["reason"]))
    return facts


def _day(instant: str) -> str:
    return f"{in_india(datetime.fromisoformat(instant)):%d %B %Y}"
