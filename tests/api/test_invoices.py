"""Tax invoices and credit notes: numbers, tax by state, what they say and keep, and GET …/invoices/."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from prometheus_client import REGISTRY
from time_machine import Traveller

from core.db.append_only import unprotect
from core.gst import tax_within
from core.india import INDIA
from core.models import (
    CreditNote,
    Invoice,
    InvoiceSeries,
    LedgerLine,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    PricingPlan,
    Refund,
)
from core.services import audit
from core.services.documents.invoices import invoice_pdf
from core.services.ledger import posting
from core.services.papers.issuing import issue_credit_note, issue_invoice
from tests.api.answers import assert_problem
from tests.clocks import START
from tests.pdfs import text_of
from tests.people import Caller, make_owner, make_plan
from tests.phonepe import Days, PhonePe
from tests.subscriptions import ROOT, is_refunded, pays_a_period, subscribes, verifies

Pay = Callable[..., OwnerSubscriptionPayment]


@pytest.fixture
def pays(owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> Pay:
    return lambda period="monthly": pays_a_period(owner, plan, phonepe, period)


def papers(owner: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Caller(owner.user).get(f"{ROOT}/invoices/").json()["results"]
    return found


def books_are_right() -> bool:
    return list(audit.differences()) == []


class TestTax:
    def test_in_the_sellers_state_it_is_split(self, owner: Caller, pays: Pay) -> None:
        Owner.objects.update(state="29")
        pays()

        (paper,) = papers(owner)
        assert paper["number"] == "ZS/26-27/000001"
        assert (paper["kind"], paper["issued_on"]) == ("tax_invoice", "2026-04-10")
        assert [paper[name] for name in ("taxable_amount", "cgst", "sgst", "igst", "total")] == [
            "422.88", "38.06", "38.06", "0.00", "499.00"
        ]  # fmt: skip
        assert books_are_right()

    def test_elsewhere_it_is_not(self, owner: Caller, pays: Pay) -> None:
        Owner.objects.update(state="27")
        pays("yearly")

        (paper,) = papers(owner)
        assert [paper[name] for name in ("taxable_amount", "cgst", "sgst", "igst", "total")] == [
            "4228.81", "0.00", "0.00", "761.19", "4990.00"
        ]  # fmt: skip
        assert books_are_right()

    @pytest.mark.parametrize("amount", [100, 101, 49_900, 499_000, 1, 1_18, 99_99_99_999])
    def test_halves_are_the_same_and_all_is_within_a_paisa(self, amount: int) -> None:
        split, whole = tax_within(amount, is_split=True), tax_within(amount, is_split=False)

        assert split % 2 == 0
        assert abs(split - whole) <= 1
        assert abs(whole * 118 - amount * 18) <= 59


class TestCreditNotes:
    def test_a_refund_has_one_that_names_its_invoice(
        self, owner: Caller, pays: Pay, operator: Caller, days: Days
    ) -> None:
        payment = pays()
        is_refunded(payment, "100.00", operator, days)
        is_refunded(payment, None, operator, days)

        second, first, invoice = papers(owner)
        assert [first["number"], second["number"]] == ["ZC/26-27/000001", "ZC/26-27/000002"]
        assert [note.number for note in CreditNote.objects.all()] == [second["number"], first["number"]]
        assert [note["credits"] for note in (first, second)] == [invoice["number"]] * 2
        assert (first["total"], second["total"]) == ("100.00", "399.00")
        posted = LedgerLine.objects.filter(account="gst").values_list("amount_paise", flat=True)
        assert sum(posted) == 0
        taxes = [Invoice.objects.get(pk=note["id"]) for note in (first, second)]
        assert sum(note.total_paise - note.taxable_paise for note in taxes) == 76_12
        assert books_are_right()

    def test_its_halves_are_the_same_in_every_part_and_all_parts_sum_to_the_invoice(
        self, owner: Caller, pays: Pay, operator: Caller, days: Days
    ) -> None:
        payment = pays()
        for amount in ("100.00", "33.33", "1.01", "120.07", None):
            is_refunded(payment, amount, operator, days)

        invoice, *notes = Invoice.objects.order_by("pk")
        assert [note.cgst_paise - note.sgst_paise for note in notes] == [0] * 5
        for name in ("taxable_paise", "cgst_paise", "sgst_paise", "total_paise"):
            assert sum(getattr(note, name) for note in notes) == getattr(invoice, name)
        assert all(abs(note.total_paise * 18 - 2 * note.cgst_paise * 118) <= 4 * 118 for note in notes)
        assert books_are_right()

    def test_tax_that_has_no_halves_goes_back_to_the_paisa_too(
        self, owner: Caller, pays: Pay, operator: Caller, days: Days
    ) -> None:
        Owner.objects.update(state="27")
        payment = pays("yearly")
        for amount in ("100.00", "1234.56", None):
            is_refunded(payment, amount, operator, days)

        invoice, *notes = Invoice.objects.order_by("pk")
        assert sum(note.igst_paise for note in notes) == invoice.igst_paise == 761_19
        assert [note.igst_paise for note in notes] == [15_25, 188_33, 557_61]
        assert sum(LedgerLine.objects.filter(account="gst").values_list("amount_paise", flat=True)) == 0
        assert books_are_right()

    def test_it_names_the_invoice_of_what_was_paid_back_and_no_later_one(
        self, owner: Caller, pays: Pay, operator: Caller, days: Days
    ) -> None:
        april, _ = pays(), pays()

        is_refunded(april, "100.00", operator, days)

        note, _, invoice = papers(owner)
        assert (note["kind"], note["credits"], note["total"]) == ("credit_note", invoice["number"], "100.00")
        kept = {**Invoice.objects.get(number=invoice["number"]).said, "reason": "Asked for"}
        assert (CreditNote.objects.get().payment, CreditNote.objects.get().said) == (april, kept)

    def test_one_that_fails_has_none(
        self, owner: Caller, pays: Pay, operator: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        payment = pays()
        answer = operator.post(f"{ROOT}/{payment.pk}/refund/", {"reason": "Asked for"})
        assert answer.status_code == 202
        phonepe.simulator.conclude_refund(Refund.objects.get().merchant_refund_id, "failure")
        days.tick_for(30)
        assert Refund.objects.get().state == "FAILED"

        assert [paper["kind"] for paper in papers(owner)] == ["tax_invoice"]


class TestNumbers:
    def test_each_financial_year_begins_with_one(self, owner: Caller, pays: Pay, traveller: Traveller) -> None:
        for moment in ("2027-03-31T23:59:59", "2027-04-01T00:00:01"):
            traveller.move_to(datetime.fromisoformat(moment).replace(tzinfo=INDIA))
            pays()

        assert [paper["number"] for paper in papers(owner)] == ["ZS/27-28/000001", "ZS/26-27/000001"]

    def test_one_that_is_rolled_back_was_never_taken(self, pays: Pay, days: Days) -> None:
        pays()
        with transaction.atomic():
            InvoiceSeries.objects.select_for_update().get().take()
            transaction.set_rollback(True)

        assert InvoiceSeries.objects.get().last_number == 1

    def test_nothing_is_issued_twice(self, pays: Pay, operator: Caller, days: Days) -> None:
        payment = pays()
        is_refunded(payment, "100.00", operator, days)

        issue_invoice(payment, now=days.now())
        issue_credit_note(Refund.objects.get(), payment, now=days.now())

        assert [series.last_number for series in InvoiceSeries.objects.all()] == [1, 1]
        assert [paper.number for paper in Invoice.objects.all()] == ["ZC/26-27/000001", "ZS/26-27/000001"]

    def test_each_kind_is_counted(
        self, pays: Pay, operator: Caller, days: Days, django_capture_on_commit_callbacks: Any
    ) -> None:
        def counted() -> list[float]:
            kinds = ("tax_invoice", "credit_note")
            return [REGISTRY.get_sample_value("zelton_papers_total", {"kind": kind}) or 0 for kind in kinds]

        before = counted()
        with django_capture_on_commit_callbacks(execute=True):
            payment = pays()
            for amount in ("100.00", "50.00"):
                is_refunded(payment, amount, operator, days)

        assert [after - was for was, after in zip(before, counted(), strict=True)] == [1, 2]

    def test_the_books_miss_a_number(self, pays: Pay) -> None:
        pays()
        InvoiceSeries.objects.update(last_number=2)

        assert "Series ZS/26-27 has 1 papers, and its last number is 2." in list(audit.differences())


class TestTheBooks:
    """Two months are paid for, and of the first everything was paid back."""

    @pytest.fixture
    def months(self, pays: Pay, operator: Caller, days: Days) -> list[OwnerSubscriptionPayment]:
        months = [pays(), pays()]
        is_refunded(months[0], None, operator, days)
        assert books_are_right()
        return months

    @pytest.fixture(autouse=True)
    def papers_can_be_changed(self, db: None) -> None:
        unprotect(connection)  # until the test's transaction is rolled back

    def test_each_paper_is_compared_with_its_money_and_its_tax(self, months: list[OwnerSubscriptionPayment]) -> None:
        one_more = {"total_paise": F("total_paise") + 1, "sgst_paise": F("sgst_paise") + 1}
        Invoice.objects.filter(payment=months[1]).update(**one_more)
        CreditNote.objects.update(**one_more)

        said = set(audit.differences())

        assert said == {
            "Invoice ZS/26-27/000002 is over ₹499.01, its order captured another amount.",
            "ZS/26-27/000002 says ₹76.13 of tax, the ledger ₹76.12.",
            "Credit note ZC/26-27/000001 is over ₹499.01, its refund is another amount.",
            "ZC/26-27/000001 says ₹76.13 of tax, the ledger ₹76.12.",
        }

    def test_a_paper_that_is_missing_is_named(self, months: list[OwnerSubscriptionPayment]) -> None:
        CreditNote.objects.all().delete()
        Invoice.objects.filter(payment=months[1]).delete()
        refund, late = Refund.objects.get(), months[1].merchant_order_id

        said = list(audit.differences())

        assert f"Refund {refund.merchant_refund_id} has no credit note." in said
        assert [each for each in said if "has no invoice" in each] == [f"Subscription payment {late} has no invoice."]

    def test_each_paper_that_is_missing_is_named_once(
        self, months: list[OwnerSubscriptionPayment], operator: Caller, days: Days
    ) -> None:
        for amount in ("100.00", "50.00"):
            is_refunded(months[1], amount, operator, days)
        missing = CreditNote.objects.get(total_paise=100_00)
        name = Refund.objects.get(credit_note=missing).merchant_refund_id
        Invoice.objects.filter(pk=missing.pk).delete()

        assert list(audit.differences()) == [
            f"Refund {name} has no credit note.",
            "Series ZC/26-27 has 2 papers, and its last number is 3.",
        ]

    def test_one_that_is_missing_between_others_is_named(self, pays: Pay, days: Days) -> None:
        payments = []
        for _ in range(3):
            payments.append(pays())
            days.pass_by(3600)
        Invoice.objects.filter(payment=payments[1]).delete()

        assert list(audit.differences()) == [
            f"Subscription payment {payments[1].merchant_order_id} has no invoice.",
            "Series ZS/26-27 has 2 papers, and its last number is 3.",
        ]

    def test_what_is_still_on_its_way_back_has_no_credit_note_yet(
        self, months: list[OwnerSubscriptionPayment], operator: Caller
    ) -> None:
        answer = operator.post(f"{ROOT}/{months[1].pk}/refund/", {"reason": "Asked for"})

        assert (answer.status_code, CreditNote.objects.count()) == (202, 1)
        assert books_are_right()

    def test_a_series_of_which_no_number_was_taken_is_complete(self, months: list[OwnerSubscriptionPayment]) -> None:
        InvoiceSeries.objects.create(prefix="ZS", financial_year="27-28")

        assert books_are_right()

    def test_tax_that_was_never_posted_is_named(self, months: list[OwnerSubscriptionPayment]) -> None:
        posted = LedgerLine.objects.filter(account="gst", entry__subject=months[1].merchant_order_id)
        posted.update(account="elsewhere")

        assert "ZS/26-27/000002 says ₹76.12 of tax, the ledger ₹0.00." in list(audit.differences())

    def test_what_was_paid_before_the_first_paper_needs_none(self, pays: Pay, days: Days) -> None:
        """Not even if PhonePe says later that another amount came with it."""
        before = pays()
        Invoice.objects.all().delete()
        InvoiceSeries.objects.all().delete()
        days.pass_by(3600)
        pays()
        assert books_are_right()

        posting.record_suspense(before.merchant_order_id, 500_00, at=days.now())

        assert [each for each in audit.differences() if "invoice" in each] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
class TestAtOnce:
    def test_numbers_have_no_gap_whoever_rolls_back(self, transactional_db: None, days: Days) -> None:
        """Forty threads issue at once, and every third transaction fails after it has its number."""
        plan = make_plan()
        payments = [_paid(plan, number) for number in range(40)]

        def issue(job: tuple[int, OwnerSubscriptionPayment]) -> None:
            number, payment = job
            with transaction.atomic():
                issue_invoice(payment, now=days.now())
                transaction.set_rollback(number % 3 == 0)
            connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(issue, enumerate(payments)))

        taken = sorted(Invoice.objects.values_list("sequence", flat=True))
        assert taken == list(range(1, 27))
        assert InvoiceSeries.objects.get().last_number == 26


def _paid(plan: PricingPlan, number: int) -> OwnerSubscriptionPayment:
    order = PaymentTransaction.objects.create(
        merchant_order_id=f"ZLT-{number}",
        amount_paise=499_00,
        captured_paise=499_00,
        state="COMPLETED",
        reconciliation_status="settled",
        initiated_at=START,
        paid_at=START,
        expire_at=START.replace(hour=7),
    )
    subscription = OwnerSubscription.objects.create(owner=make_owner(f"owner{number}"))
    return OwnerSubscriptionPayment.objects.create(
        subscription=subscription,
        transaction=order,
        merchant_order_id=order.merchant_order_id,
        plan=plan,
        period="monthly",
        status="completed",
        receipt={"plan": plan.name, "period": "monthly", "starts_at": "", "ends_at": ""},
    )


class TestThePaper:
    def test_it_says_what_the_law_wants(self, owner: Caller, pays: Pay) -> None:
        owner.patch("/api/me/", {"billing_name": "Asha Rao Properties", "address": "12 Lake Road\nPune 411001",
                                 "gstin": "27ABCPE1234F1ZB"})  # fmt: skip
        pays("yearly")

        said = text_of(owner.get(f"{ROOT}/invoices/{papers(owner)[0]['id']}/"))

        for words in (
            "Tax invoice", "ZS/26-27/000001", "10 April 2026", "Zelton Sandbox Private Limited", "29AAACZ0000A1Z5",
            "Asha Rao Properties", "12 Lake Road", "Maharashtra (27)", "27ABCPE1234F1ZB", "997331", "IGST 18 %",
            "₹761.19", "₹4,990.00", "Rupees four thousand, nine hundred and ninety only",
        ):  # fmt: skip
            assert words in said

    def test_whoever_has_given_nothing_is_named_as_we_call_them_and_supplied_where_we_are(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        started = subscribes(owner, plan)
        days.pass_by(600)
        phonepe.pays(started)
        verifies(owner, started)

        seller = {"name": "Zelton Sandbox Private Limited", "state": "29", "gstin": "29AAACZ0000A1Z5"}
        assert Invoice.objects.get().said == {
            "seller": {**seller, "address": settings.INVOICE_SELLER_ADDRESS},
            "buyer": {"name": "asha the owner", "address": "", "state": "", "gstin": "", "pan": ""},
            "place_of_supply": "29",
            "place_of_supply_name": "Karnataka",
            "is_split": True,
            "sac": "997331",
            "plan": "Starter",
            "period": "monthly",
            "purpose": "first",
            "starts_at": "2026-04-10T06:40:00+00:00",
            "ends_at": "2026-05-10T06:40:00+00:00",
            "paid_at": "2026-04-10T06:40:00+00:00",
            "order": started.json()["merchant_order_id"],
        }

    def test_a_new_name_changes_no_paper_that_was_issued(self, owner: Caller, pays: Pay) -> None:
        pays()
        path = f"{ROOT}/invoices/{papers(owner)[0]['id']}/"
        before = owner.get(path).content

        owner.patch("/api/me/", {"billing_name": "Somebody Else", "state": "27"})
        PricingPlan.objects.update(name="Renamed")

        assert owner.get(path).content == before

    @pytest.mark.parametrize("name", ["आशा राव", "ఆశా రావు", "ஆஷா ராவ்", "আশা রাও", "𓀀 Ltd"])
    def test_a_name_in_any_script_is_drawn_or_replaced(self, owner: Caller, pays: Pay, name: str) -> None:
        owner.patch("/api/me/", {"billing_name": name})
        pays()

        assert b"%PDF" in invoice_pdf(Invoice.objects.get())

    def test_it_is_ones_own(self, owner: Caller, other_owner: Caller, tenant: Caller, pays: Pay) -> None:
        pays()
        path = f"{ROOT}/invoices/{papers(owner)[0]['id']}/"

        for caller in (other_owner, tenant):
            assert_problem(caller.get(path), 404, "not_found")
        assert papers(other_owner) == []
