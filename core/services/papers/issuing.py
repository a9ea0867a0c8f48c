"""Issue tax invoices and credit notes: in the transaction of their cause, numbered without gaps.

A number is taken under the lock of its series, the last lock that such a transaction takes. If the transaction fails,
the number was never taken.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, CharField, Count, F, Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.db.prepared import Param, Prepared, insert
from core.gst import STATES
from core.india import day_in_india
from core.models import (
    PAID,
    CreditNote,
    EntryKind,
    Invoice,
    InvoiceKind,
    InvoiceSeries,
    JournalEntry,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payable,
    Refund,
    RefundState,
)
from core.models.ledger_accounts import GST
from core.money import rupees_for_people
from core.services.ledger.posting import posted_by
from core.services.operations import metrics

APRIL = 4
CREDIT_PREFIX = "C"  # after the first letter of the invoices' own


def financial_year(day: date) -> str:
    """Return "26-27" for a day from April 2026 to March 2027."""
    start = day.year if day.month >= APRIL else day.year - 1
    return f"{start % 100:02d}-{(start + 1) % 100:02d}"


def issue_invoice(payable: Payable, *, now: datetime) -> None:
    """Issue the tax invoice of a captured subscription payment, once; rent needs none from us.

    Money that goes back whole has none, and so no credit note: nothing was supplied for it. Called under the payer's
    lock, after the capture was posted and what it was for was delivered.
    """
    order = payable.transaction
    if not isinstance(payable, OwnerSubscriptionPayment) or order.surplus_paise == order.captured_paise:
        return
    if _PAPERS.rows(payment=payable.pk):
        return
    total = order.captured_paise
    tax = -payable.capture_lines(total)[GST]
    said = _said(payable)
    amounts = _amounts(total, tax, is_split=said["is_split"])
    _issue(InvoiceKind.TAX_INVOICE, payable, amounts, said, now=now)


def issue_credit_note(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Issue the credit note of a refund that PhonePe has paid, once, over the tax that the books took back with it.

    It names its invoice and says of the parties what that said. Called under the payer's lock.
    """
    invoice = Invoice.objects.filter(payment__transaction=refund.transaction_id, kind=InvoiceKind.TAX_INVOICE).first()
    if invoice is None or not isinstance(payable, OwnerSubscriptionPayment):
        return
    if Invoice.objects.filter(refund=refund).exists():
        return
    started = posted_by(EntryKind.REFUND_STARTED, subject=refund.merchant_refund_id)
    tax = started.filter(account=GST).aggregate(sum=Sum("amount_paise"))["sum"]
    said = {**invoice.said, "reason": refund.reason}
    amounts = _amounts(refund.amount_paise, tax, is_split=said["is_split"])
    _issue(InvoiceKind.CREDIT_NOTE, payable, amounts, said, now=now, refund=refund, credits=invoice)


def _issue(
    kind: InvoiceKind,
    payment: OwnerSubscriptionPayment,
    amounts: dict[str, int],
    said: dict[str, Any],
    *,
    now: datetime,
    **of: Any,
) -> None:
    year, own = financial_year(day_in_india(now)), settings.INVOICE_PREFIX
    prefix = own if kind == InvoiceKind.TAX_INVOICE else f"{own[0]}{CREDIT_PREFIX}"
    series = _locked_series(prefix, year)
    sequence = series.take()
    number = f"{prefix}/{year}/{sequence:06d}"
    transaction.on_commit(metrics.PAPERS.labels(kind).inc)
    insert(
        Invoice(
            kind=kind,
            series=series,
            sequence=sequence,
            number=number,
            issued_at=now,
            payment=payment,
            said=said,
            **amounts,
            **of,
        )
    )


def _locked_series(prefix: str, year: str) -> InvoiceSeries:
    if found := _SERIES.rows(prefix=prefix, year=year):
        return found[0]
    InvoiceSeries.objects.get_or_create(prefix=prefix, financial_year=year)
    return _SERIES.one(prefix=prefix, year=year)


_PAPERS = Prepared(lambda: Invoice.objects.filter(payment=Param("payment", BigIntegerField())))
_SERIES = Prepared(
    lambda: InvoiceSeries.objects.select_for_update().filter(
        prefix=Param("prefix", CharField()), financial_year=Param("year", CharField())
    )
)


def _amounts(total: int, tax: int, *, is_split: bool) -> dict[str, int]:
    central = tax // 2 if is_split else 0
    state = tax - central if is_split else 0
    return {
        "total_paise": total,
        "taxable_paise": total - tax,
        "cgst_paise": central,
        "sgst_paise": state,
        "igst_paise": 0 if is_split else tax,
    }


def _said(payment: OwnerSubscriptionPayment) -> dict[str, Any]:
    """Return what an invoice says beside its amounts: as parties are called now, for good."""
    owner, paid_at = payment.subscription.owner, payment.transaction.paid_at
    receipt: Any = payment.receipt  # was written when what was paid for was delivered
    assert paid_at is not None  # noqa: S101 - the order has captured money
    seller_state = settings.INVOICE_SELLER_STATE
    buyer_state = (
        owner.state or seller_state
    )  # of one without an address on record, the seller's is the place of supply
    return {
        "seller": {
            "name": settings.INVOICE_SELLER_NAME,
            "address": settings.INVOICE_SELLER_ADDRESS,
            "state": seller_state,
            "gstin": settings.INVOICE_SELLER_GSTIN,
        },
        "buyer": {
            "name": owner.billing_name or owner.name,
            "address": owner.address,
            "state": owner.state,
            "gstin": owner.gstin,
            "pan": owner.pan,
        },
        "place_of_supply": buyer_state,
        "place_of_supply_name": STATES.get(buyer_state, ""),
        "is_split": buyer_state == seller_state,
        "sac": settings.INVOICE_SAC,
        "plan": receipt["plan"],
        "period": receipt["period"],
        "purpose": payment.purpose,
        "starts_at": receipt["starts_at"],
        "ends_at": receipt["ends_at"],
        "paid_at": paid_at.astimezone(UTC).isoformat(),
        "order": payment.merchant_order_id,
    }


def differences() -> Iterator[str]:
    """Yield a sentence for every paper that does not agree with the books, or that is missing."""
    first = Invoice.objects.order_by("issued_at").values("issued_at")[:1]  # what came before has none
    for invoice in Invoice.objects.filter(kind=InvoiceKind.TAX_INVOICE).exclude(
        total_paise=F("payment__transaction__captured_paise")
    ):
        total = rupees_for_people(invoice.total_paise)
        yield f"Invoice {invoice.number} is over {total}, its order captured another amount."
    for note in CreditNote.objects.exclude(total_paise=F("refund__amount_paise")):
        yield f"Credit note {note.number} is over {rupees_for_people(note.total_paise)}, its refund is another amount."
    yield from _other_tax(
        InvoiceKind.TAX_INVOICE, (EntryKind.CAPTURE, EntryKind.PLACING), "payment__merchant_order_id", -1
    )
    yield from _other_tax(InvoiceKind.CREDIT_NOTE, (EntryKind.REFUND_STARTED,), "refund__merchant_refund_id", 1)
    posted = JournalEntry.objects.filter(kind__in=(EntryKind.CAPTURE, EntryKind.PLACING), at__gte=Subquery(first))
    without = OwnerSubscriptionPayment.objects.filter(
        status__in=PAID,
        merchant_order_id__in=posted.values("subject"),
        opened_period__isnull=False,
        papers__isnull=True,
    )
    for payment in without:
        yield f"Subscription payment {payment.merchant_order_id} has no invoice."
    paid_back = Refund.objects.filter(
        state=RefundState.COMPLETED, transaction__subscription_payment__papers__isnull=False, credit_note__isnull=True
    )
    for refund in paid_back.distinct():
        yield f"Refund {refund.merchant_refund_id} has no credit note."
    for series in InvoiceSeries.objects.annotate(many=Count("papers"), highest=Coalesce(Max("papers__sequence"), 0)):
        if not series.many == series.last_number == series.highest:
            yield f"Series {series} has {series.many} papers, and its last number is {series.last_number}."


def _other_tax(kind: InvoiceKind, entries: tuple[EntryKind, ...], subject: str, sign: int) -> Iterator[str]:
    lines = LedgerLine.objects.filter(entry__kind__in=entries, entry__subject=OuterRef(subject), account=GST)
    sums = lines.values("account").annotate(sum=Sum("amount_paise")).values("sum")  # PhonePe may have corrected it
    posted = Coalesce(Subquery(sums), Value(0), output_field=BigIntegerField())
    papers: Any = Invoice.objects.filter(kind=kind).annotate(posted=posted * sign)
    for paper in papers.exclude(posted=F("cgst_paise") + F("sgst_paise") + F("igst_paise")):
        tax = paper.total_paise - paper.taxable_paise
        yield f"{paper.number} says {rupees_for_people(tax)} of tax, the ledger {rupees_for_people(paper.posted)}."
