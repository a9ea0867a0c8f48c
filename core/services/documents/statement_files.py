"""A statement of account as a file: CSV for a spreadsheet, PDF for a person."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from core.errors import DomainError
from core.money import rupees, rupees_for_people
from core.services.documents.pdf import typeset
from core.services.ledger.statements import Kind, Statement, Subject

HEADINGS = ("date", "kind", "description", "reference", "tenancy", "amount", "balance")
# What a spreadsheet takes for the beginning of a formula, also after blanks and in full width.
FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n]")  # noqa: RUF001
FOOTER = "Made by Zelton from its books; days are those of India."
LABELS = {
    Kind.CHARGE: "Charges",
    Kind.REVERSAL: "Reversals",
    Kind.PAYMENT: "Payments",
    Kind.REFUND: "Refunds",
    Kind.OTHER: "Other",
}
LONG, LONGEST = 50, 12_000  # movements; drawing takes 50 KB of memory for each
POSITIVE_MEANS = {
    Subject.TENANCY: "is owed by the tenant; a negative one was paid, or paid ahead.",
    Subject.OWNER: "is held by Zelton for the owner; a negative one went back to a tenant.",
}


class TooLongForPDF(DomainError):
    """A statement has more movements than a PDF holds; CSV holds any number."""

    code = "too_long_for_pdf"
    status_code = 400
    figures = ("movements", "most")

    def __init__(self, movements: int) -> None:
        super().__init__(
            f"This statement has {movements} movements; a PDF holds at most {LONGEST}. "
            "Ask for fewer days, or for CSV (format=csv).",
            params={"movements": movements, "most": LONGEST},
        )


def file_name(statement: Statement, extension: str) -> str:
    """Return "statement-tenancy-7-2026-04-01-to-2026-04-30.pdf"."""
    return f"statement-{statement.slug}-{statement.days.first}-to-{statement.days.last}.{extension}"


def statement_csv(statement: Statement) -> bytes:
    """Return one row for each movement, between the opening and the closing balance."""
    text = StringIO()
    csv.writer(text).writerows(_csv_rows(statement))
    return text.getvalue().encode("utf-8-sig")  # with the mark by which Excel knows UTF-8


def _csv_rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    days = statement.days
    yield HEADINGS
    yield (f"{days.first}", "opening", "Opening balance", "", "", "", rupees(statement.opening_paise))
    for movement in statement.movements:
        texts = (harmless(movement.description), harmless(movement.reference), str(movement.tenancy or ""))
        amounts = (rupees(movement.amount_paise), rupees(movement.balance_paise))
        yield (f"{movement.day}", movement.kind.value, *texts, *amounts)
    yield (f"{days.last}", "closing", "Closing balance", "", "", "", rupees(statement.closing_paise))


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def statement_pdf(statement: Statement) -> bytes:
    """Return a document of as many pages as it needs; the same statement always gives the same bytes.

    :raises TooLongForPDF: if it has more movements than a PDF is drawn for
    """
    if len(statement.movements) > LONGEST:
        raise TooLongForPDF(len(statement.movements))
    shown = {"title": "Statement of account", "facts": _facts(statement), "rows": list(_pdf_rows(statement))}
    return typeset("statement", {**shown, "footer": FOOTER}, is_long=len(statement.movements) > LONG)


def _facts(statement: Statement) -> list[tuple[str, str]]:
    days, totals = statement.days, statement.totals
    return [
        ("For", statement.name),
        *(("Unit", unit) for unit in statement.units),
        ("Days", f"{days.first:%d %B %Y} to {days.last:%d %B %Y}, both inclusive"),
        ("Opening balance", rupees_for_people(statement.opening_paise)),
        *((LABELS[kind], rupees_for_people(total)) for kind, total in totals.items() if total),
        ("Closing balance", rupees_for_people(statement.closing_paise)),
        ("", f"A positive amount {POSITIVE_MEANS[statement.subject]}"),
    ]


def _pdf_rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    days = statement.days
    yield (f"{days.first:%d %b %Y}", "Opening balance", "", "", rupees_for_people(statement.opening_paise))
    for movement in statement.movements:
        texts = (movement.description, movement.reference)
        amounts = (rupees_for_people(movement.amount_paise), rupees_for_people(movement.balance_paise))
        yield (f"{movement.day:%d %b %Y}", *texts, *amounts)
    yield (f"{days.last:%d %b %Y}", "Closing balance", "", "", rupees_for_people(statement.closing_paise))
