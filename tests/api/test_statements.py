"""GET /api/statements/"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from core.models import EntryKind, JournalEntry, LedgerLine, Payment, PaymentTransaction, Refund, Tenancy, User
from core.models.ledger_accounts import PHONEPE_CLEARING, owner_payable, tenancy_receivable
from core.services import worker
from core.services.documents import pdf, statement_files
from core.services.documents.statement_files import harmless
from core.services.ledger import posting
from core.services.ledger.statements import Days as StatementDays
from core.services.ledger.statements import DoesNotAddUp, Statement, Subject
from core.services.rent.charges import raise_charges
from core.services.rent.corrections import change_dates
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.pdfs import reader_of, text_of
from tests.people import Caller, make_owner, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe, order_id_of

APRIL = "from=2026-04-01&to=2026-04-30"


def asks(caller: Caller, query: str = APRIL, **headers: str) -> Any:
    return caller.get(f"/api/statements/?{query}", **headers)


def shown(caller: Caller, query: str = APRIL) -> dict[str, Any]:
    answer = asks(caller, query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert_adds_up(body)
    return body


def paise(amount: str) -> int:
    return int(amount.replace(".", ""))


def assert_adds_up(statement: dict[str, Any]) -> None:
    """Check opening + movements = closing, every running balance on the way, and the totals."""
    balance = opening = paise(statement["opening_balance"])
    for movement in statement["movements"]:
        balance += paise(movement["amount"])
        assert paise(movement["balance"]) == balance
    assert balance == paise(statement["closing_balance"])
    assert balance - opening == sum(paise(total) for total in statement["totals"].values())


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.content[:200]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def gives_back(owner: Caller, merchant_order_id: str, amount: str, days: Days, *, reason: str) -> str:
    payment = Payment.objects.get(merchant_order_id=merchant_order_id)
    answer = owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": amount, "reason": reason})
    assert answer.status_code == 202, answer.content
    return str(answer.json()["merchant_refund_id"])


def an_hour_later(days: Days) -> None:
    days.pass_by(3600)
    worker.tick()


@pytest.fixture
def month(tenant: Caller, owner: Caller, phonepe: PhonePe, days: Days) -> dict[str, str]:
    """April: rent falls due, is paid once and by mistake again, a part goes back, and once a refund fails."""
    first, second = (order_id_of(tenant.starts_rent(amount)) for amount in ("15000.00", "14000.00"))
    for order in (first, second):
        phonepe.pays(order)
        days.pass_by(5)
        tenant.verifies(order)
    an_hour_later(days)  # the surplus goes back
    surplus = Refund.objects.get().merchant_refund_id
    an_hour_later(days)
    partial = gives_back(owner, first, "5000.00", days, reason="The lift did not work")
    an_hour_later(days)
    failed = gives_back(owner, first, "1000.00", days, reason="Goodwill")
    phonepe.simulator.conclude_refund(failed, "failure")
    an_hour_later(days)
    states = dict(Refund.objects.values_list("merchant_refund_id", "state"))
    assert states == {surplus: "COMPLETED", partial: "COMPLETED", failed: "FAILED"}
    return {"first": first, "second": second, "surplus": surplus, "partial": partial, "failed": failed}


class TestATenantsMonth:
    def test_it_tells_everything_that_moved(self, tenant: Caller, tenancy: Tenancy, month: dict[str, str]) -> None:
        statement = shown(tenant)

        moved = [(each["kind"], each["reference"], each["amount"]) for each in statement["movements"]]
        assert moved == [
            ("charge", "2026-04", "15000.00"),
            ("payment", month["first"], "-15000.00"),
            ("payment", month["second"], "-14000.00"),
            ("refund", month["surplus"], "14000.00"),
            ("refund", month["partial"], "5000.00"),
            ("refund", month["failed"], "1000.00"),
            ("refund", month["failed"], "-1000.00"),
        ]
        rent = "Rent for House of asha the owner, Flat of ravi the tenant"
        assert [each["description"] for each in statement["movements"]] == [
            "Rent for April 2026",
            "Payment: Rent for House of asha the owner, Flat of ravi the tenant",
            "Payment: Rent for House of asha the owner, Flat of ravi the tenant",
            f"Refund: More came than was due ({rent})",
            f"Refund: The lift did not work ({rent})",
            f"Refund: Goodwill ({rent})",
            "Refund failed",
        ]
        assert statement["totals"] == {
            "charges": "15000.00",
            "reversals": "0.00",
            "payments": "-29000.00",
            "refunds": "19000.00",
            "other": "0.00",
        }
        assert (statement["opening_balance"], statement["closing_balance"]) == ("0.00", "5000.00")
        assert {each["tenancy"] for each in statement["movements"]} == {tenancy.pk}

    def test_it_says_whose_and_which_days(self, tenant: Caller, tenancy: Tenancy) -> None:
        statement = shown(tenant)

        assert (statement["subject"], statement["name"]) == ("tenancy", "ravi the tenant")
        assert statement["units"] == ["House of asha the owner, Flat of ravi the tenant"]
        assert (statement["from"], statement["to"]) == ("2026-04-01", "2026-04-30")

    def test_it_closes_at_what_is_outstanding(self, tenant: Caller, tenancy: Tenancy, month: dict[str, str]) -> None:
        assert paise(shown(tenant)["closing_balance"]) == tenancy.outstanding_paise() == 5_000_00

    def test_a_refund_under_way_is_owed_again_as_everywhere(
        self, tenant: Caller, owner: Caller, paid: Payment, days: Days
    ) -> None:
        gives_back(owner, paid.merchant_order_id, "400.00", days, reason="Goodwill")

        assert shown(tenant)["closing_balance"] == "400.00"
        assert tenant.get("/api/tenancies/").json()[0]["outstanding"] == "400.00"

    def test_what_was_paid_ahead_is_negative(self, tenant: Caller, tenancy: Tenancy, paid: Payment, days: Days) -> None:
        lines = {tenancy_receivable(tenancy.pk): -50, PHONEPE_CLEARING: 50}
        posting.post(EntryKind.SUSPENSE, "gift", "Goodwill", lines, at=days.now())

        statement = shown(tenant)

        assert statement["closing_balance"] == "-0.50"
        assert (statement["movements"][-1]["kind"], statement["totals"]["other"]) == ("other", "-0.50")

    def test_what_an_operator_placed_is_no_month_of_rent_although_its_number_is_one_of_a_charge(
        self, tenant: Caller, tenancy: Tenancy, days: Days
    ) -> None:
        number = str(tenancy.charges.get().pk)
        lines = {tenancy_receivable(tenancy.pk): -100, PHONEPE_CLEARING: 100}
        posting.post(EntryKind.PLACEMENT, number, "Named by the bank", lines, at=days.now())

        rent, placed = shown(tenant)["movements"]
        assert (rent["kind"], rent["reference"]) == ("charge", "2026-04")
        assert (placed["kind"], placed["reference"]) == ("payment", number)


class TestAnOwnersMonth:
    def test_it_tells_what_was_collected_and_paid_back(self, owner: Caller, month: dict[str, str]) -> None:
        statement = shown(owner)

        assert [(each["reference"], each["amount"]) for each in statement["movements"]] == [
            (month["first"], "15000.00"),
            (month["second"], "14000.00"),
            (month["surplus"], "-14000.00"),
            (month["partial"], "-5000.00"),
            (month["failed"], "-1000.00"),
            (month["failed"], "1000.00"),
        ]
        assert (statement["subject"], statement["name"]) == ("owner", "asha the owner")
        assert statement["totals"]["payments"] == "29000.00"
        assert statement["totals"]["refunds"] == "-19000.00"
        assert statement["closing_balance"] == "10000.00"

    def test_it_closes_at_what_was_captured_less_refunds_that_have_not_failed(
        self, owner: Caller, tenancy: Tenancy, other_tenancy: Tenancy, month: dict[str, str], phonepe: PhonePe
    ) -> None:
        neighbour = make_tenancy(tenancy.unit.property.owner, make_tenant("lata"), starts_on=date(2026, 4, 1))
        for somebody in (neighbour, other_tenancy):
            payer = Caller(somebody.tenant.user)
            order = order_id_of(payer.starts_rent("2500.00"))
            phonepe.pays(order)
            payer.verifies(order)

        mine = PaymentTransaction.objects.filter(payment__tenancy__unit__property__owner=neighbour.unit.property.owner)
        sums = mine.aggregate(captured=Sum("captured_paise"), refunding=Sum("refunding_paise"))

        closing = paise(shown(owner)["closing_balance"])
        assert closing == sums["captured"] - sums["refunding"] == 12_500_00


class TestReversals:
    """An early move-out: half of April is owed, and what was charged for it is reversed and charged anew."""

    @pytest.fixture
    def moved_out(self, tenancy: Tenancy, operator: Caller, days: Days) -> None:
        reason = "=Moved out early"
        starts_on, ends_on = tenancy.starts_on, date(2026, 4, 15)
        change_dates(tenancy, starts_on=starts_on, ends_on=ends_on, reason=reason, by=operator.user, now=days.now())

    def test_each_is_a_line_of_its_own(self, tenant: Caller, moved_out: None) -> None:
        statement = shown(tenant)

        lines = [[each[name] for name in ("kind", "reference", "amount")] for each in statement["movements"]]
        assert lines == [
            ["charge", "2026-04", "15000.00"],
            ["reversal", "2026-04", "-15000.00"],
            ["charge", "2026-04", "7500.00"],
        ]
        assert [each["description"] for each in statement["movements"]][1:] == [
            "Reversal of rent for April 2026: =Moved out early",
            "Rent for April 2026 (15 of 30 days)",
        ]
        assert (statement["totals"]["charges"], statement["totals"]["reversals"]) == ("22500.00", "-15000.00")
        assert statement["closing_balance"] == "7500.00"

    def test_in_a_spreadsheet_and_on_paper_too(self, tenant: Caller, moved_out: None) -> None:
        rows = rows_of(asks(tenant, f"{APRIL}&format=csv"))
        assert [rows[2][name] for name in ("kind", "amount", "balance")] == ["reversal", "-15000.00", "0.00"]

        text = text_of(asks(tenant, f"{APRIL}&format=pdf"))
        assert "Reversals -₹15,000.00" in text
        assert "Reversal of rent for April 2026: =Moved out early" in text

    def test_what_is_held_for_the_owner_stays(self, owner: Caller, moved_out: None) -> None:
        assert shown(owner)["movements"] == []


class TestDays:
    def test_they_are_inclusive_and_indias(
        self, tenant: Caller, tenancy: Tenancy, traveller: Traveller, days: Days
    ) -> None:
        midnight = datetime(2026, 4, 30, 18, 30, tzinfo=UTC)  # the first moment of 1 May in India
        for name, at in (("last", midnight - timedelta(microseconds=1)), ("first", midnight)):
            lines = {tenancy_receivable(tenancy.pk): 100, PHONEPE_CLEARING: -100}
            posting.post(EntryKind.SUSPENSE, name, name, lines, at=at)

        april, may = shown(tenant), shown(tenant, "from=2026-05-01&to=2026-05-01")

        assert [each["description"] for each in april["movements"]] == ["Rent for April 2026", "last"]
        assert april["movements"][-1]["date"] == "2026-04-30"
        assert [(each["description"], each["date"]) for each in may["movements"]] == [("first", "2026-05-01")]

    def test_one_month_opens_where_the_last_one_closed(
        self, tenant: Caller, owner: Caller, month: dict[str, str], traveller: Traveller
    ) -> None:
        traveller.move_to(datetime(2026, 5, 4, tzinfo=UTC))
        raise_charges(through=date(2026, 5, 4))

        for caller, closing in ((tenant, "20000.00"), (owner, "10000.00")):
            april, may = shown(caller), shown(caller, "from=2026-05-01&to=2026-05-31")
            both = shown(caller, "from=2026-04-01&to=2026-05-31")
            assert april["closing_balance"] == may["opening_balance"]
            assert may["closing_balance"] == both["closing_balance"] == closing
            assert both["movements"] == april["movements"] + may["movements"]

    def test_days_without_movements_still_have_a_balance(self, tenant: Caller, month: dict[str, str]) -> None:
        before, after = shown(tenant, "from=2026-03-01&to=2026-03-31"), shown(tenant, "from=2026-06-01&to=2026-06-01")

        assert (before["closing_balance"], before["movements"]) == ("0.00", [])
        assert (after["opening_balance"], after["closing_balance"], after["movements"]) == ("5000.00", "5000.00", [])

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "from"),
            ("from=2026-04-01", "to"),
            ("from=&to=2026-04-30", "from"),
            ("from=yesterday&to=2026-04-30", "from"),
            ("from=2026-02-30&to=2026-04-30", "from"),
            ("from=20260401&to=2026-04-30", "from"),
            ("from=2026-04-01T00:00:00Z&to=2026-04-30", "from"),
            ("from=0001-01-01&to=0001-01-02", "from"),
            ("from=2026-04-01&to=9999-12-31", "to"),
            ("from=2026-04-02&to=2026-04-01", "to"),
            ("from=2026-04-01&to=2027-05-06", "to"),  # 401 days
            (f"{APRIL}&tenancy=first", "tenancy"),
            (f"{APRIL}&tenancy=0", "tenancy"),
            (f"{APRIL}&tenancy=99999999999999999999", "tenancy"),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_sentence(self, tenant: Caller, query: str, field: str) -> None:
        assert_problem(asks(tenant, query), 400, "invalid", field=field)

    def test_400_days_are_not_too_many(self, tenant: Caller) -> None:
        assert shown(tenant, "from=2026-04-01&to=2027-05-05")["closing_balance"] == "15000.00"


class TestWhose:
    def test_a_tenant_of_two_units_gets_both_or_one(self, tenant: Caller, tenancy: Tenancy) -> None:
        second = make_tenancy(make_owner("meera"), tenancy.tenant, starts_on=date(2026, 4, 1), rent_paise=700_00)
        for row in (tenancy, tenancy.unit, tenancy.unit.property):
            row.save()  # to PostgreSQL it comes last now

        both, one = shown(tenant), shown(tenant, f"{APRIL}&tenancy={second.pk}")

        assert both["closing_balance"] == "15700.00"
        assert both["units"] == [
            "House of asha the owner, Flat of ravi the tenant",
            "House of meera the owner, Flat of ravi the tenant",
        ]
        assert [each["description"] for each in both["movements"]] == [
            "Rent for April 2026 (House of asha the owner, Flat of ravi the tenant)",
            "Rent for April 2026 (House of meera the owner, Flat of ravi the tenant)",
        ]
        assert (one["closing_balance"], one["units"]) == (
            "700.00",
            ["House of meera the owner, Flat of ravi the tenant"],
        )

    def test_a_strangers_does_not_exist(
        self, tenant: Caller, owner: Caller, other_tenancy: Tenancy, operator: Caller
    ) -> None:
        other_owner = other_tenancy.unit.property.owner
        for caller in (tenant, owner):
            assert_problem(asks(caller, f"{APRIL}&tenancy={other_tenancy.pk}"), 404, "not_found")
            assert_problem(asks(caller, f"{APRIL}&owner={other_owner.pk}"), 404, "not_found")
        assert_problem(asks(operator, f"{APRIL}&tenancy=999999"), 404, "not_found")

    def test_a_strangers_movements_are_nowhere(
        self, stranger: Caller, other_owner: Caller, month: dict[str, str]
    ) -> None:
        assert shown(stranger)["totals"]["payments"] == "0.00"
        assert shown(other_owner)["movements"] == []

    def test_an_owner_may_look_at_a_tenancy_of_theirs(
        self, owner: Caller, tenancy: Tenancy, month: dict[str, str]
    ) -> None:
        statement = shown(owner, f"{APRIL}&tenancy={tenancy.pk}")

        assert (statement["subject"], statement["closing_balance"]) == ("tenancy", "5000.00")

    def test_staff_say_whose(self, operator: Caller, tenancy: Tenancy, month: dict[str, str]) -> None:
        owner = tenancy.unit.property.owner

        assert shown(operator, f"{APRIL}&tenancy={tenancy.pk}")["closing_balance"] == "5000.00"
        assert shown(operator, f"{APRIL}&owner={owner.pk}")["closing_balance"] == "10000.00"
        assert_problem(asks(operator), 400, "invalid", field="tenancy")
        assert_problem(asks(operator, f"{APRIL}&tenancy={tenancy.pk}&owner={owner.pk}"), 400, "invalid", field="owner")

    def test_a_tenant_who_has_moved_nowhere_yet_owes_nothing(self, db: None) -> None:
        assert shown(Caller(make_tenant("nila").user))["closing_balance"] == "0.00"

    def test_nobody_has_none(self, db: None) -> None:
        assert_problem(Client().get(f"/api/statements/?{APRIL}"), 401)
        assert_problem(asks(Caller(User.objects.create(username="nobody"))), 403, "permission_denied")


class TestForms:
    def test_csv(self, tenant: Caller, tenancy: Tenancy, month: dict[str, str]) -> None:
        answer = asks(tenant, f"{APRIL}&tenancy={tenancy.pk}&format=csv")

        rows = rows_of(answer)
        name = f"statement-tenancy-{tenancy.pk}-2026-04-01-to-2026-04-30.csv"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert (rows[0]["kind"], rows[0]["balance"]) == ("opening", "0.00")
        assert (rows[-1]["kind"], rows[-1]["date"], rows[-1]["balance"]) == ("closing", "2026-04-30", "5000.00")
        assert rows[1] == {
            "date": "2026-04-10",
            "kind": "charge",
            "description": "Rent for April 2026",
            "reference": "2026-04",
            "tenancy": str(tenancy.pk),
            "amount": "15000.00",
            "balance": "15000.00",
        }
        assert (rows[2]["kind"], rows[2]["amount"], rows[2]["balance"]) == ("payment", "-15000.00", "0.00")

    def test_a_file_says_in_its_name_whose_it_is(self, tenant: Caller, owner: Caller, tenancy: Tenancy) -> None:
        for caller, whose in (
            (tenant, f"tenant-{tenancy.tenant_id}"),
            (owner, f"owner-{tenancy.unit.property.owner_id}"),
        ):
            answer = asks(caller, f"{APRIL}&format=pdf")
            assert f'"statement-{whose}-2026-04-01-to-2026-04-30.pdf"' in answer.headers["Content-Disposition"]

    def test_pdf(self, tenant: Caller, month: dict[str, str]) -> None:
        answer = asks(tenant, f"{APRIL}&format=pdf")

        text = text_of(answer)
        assert "For ravi the tenant" in text
        assert "House of asha the owner, Flat of ravi the tenant" in text
        assert "01 April 2026 to 30 April 2026" in text
        assert "Closing balance ₹5,000.00" in text
        assert "10 Apr 2026 Rent for April 2026 2026-04 ₹15,000.00 ₹15,000.00" in text
        assert "Refund: The lift did not work" in text
        assert month["partial"] in text.replace(" ", "")
        assert "-₹29,000.00" in text
        assert "is owed by the tenant" in text
        assert "Page 1 of 1." in text

    def test_every_line_of_a_pdf_has_its_amount_before_its_balance(self, tenant: Caller, month: dict[str, str]) -> None:
        text = text_of(asks(tenant, "from=2026-04-10&to=2026-04-11&format=pdf"))

        assert "10 Apr 2026 Opening balance ₹0.00 10 Apr 2026 Rent" in text
        assert "11 Apr 2026 Closing balance ₹5,000.00" in text
        without_breaks = text.replace(" ", "")  # a line may end within an id
        for name, amount, balance in (
            ("first", "-₹15,000.00", "₹0.00"),
            ("second", "-₹14,000.00", "-₹14,000.00"),
            ("surplus", "₹14,000.00", "₹0.00"),
            ("failed", "-₹1,000.00", "₹5,000.00"),
        ):
            assert f"{month[name]}{amount}{balance}" in without_breaks, name

    def test_a_pdf_sums_up_each_kind(self, tenant: Caller, month: dict[str, str], traveller: Traveller) -> None:
        first = text_of(asks(tenant, f"{APRIL}&format=pdf"))
        traveller.move_to(datetime(2026, 5, 4, tzinfo=UTC))
        raise_charges(through=date(2026, 5, 4))
        second = text_of(asks(tenant, "from=2026-05-01&to=2026-05-31&format=pdf"))

        sums = "Charges ₹15,000.00 Payments -₹29,000.00 Refunds ₹19,000.00"
        assert f"both inclusive Opening balance ₹0.00 {sums} Closing balance ₹5,000.00 A positive" in first
        assert "Opening balance ₹5,000.00 Charges ₹15,000.00 Closing balance ₹20,000.00 A positive" in second

    def test_what_an_operator_accepted_is_a_payment(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
        phonepe.pays(payment)
        days.tick_for(25)
        call_command("resolve_mismatch", payment.merchant_order_id, "--accept")

        statement = shown(tenant)
        assert statement["totals"]["payments"] == "-14000.00"
        assert [(each["kind"], each["amount"]) for each in statement["movements"]][-1] == ("payment", "-14000.00")
        text = text_of(asks(tenant, f"{APRIL}&format=pdf"))
        assert "Payments -₹14,000.00" in text
        assert "Other" not in text

    def test_an_owners_pdf_says_what_positive_means(self, owner: Caller, month: dict[str, str]) -> None:
        text = text_of(asks(owner, f"{APRIL}&format=pdf"))

        assert "is held by Zelton for the owner" in text
        assert "Closing balance ₹10,000.00" in text

    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("text/csv", "text/csv; charset=utf-8"),
            ("application/pdf", "application/pdf"),
            ("application/json", "application/json"),
            ("*/*", "application/json"),
            ("text/html, application/pdf;q=0.8", "application/pdf"),
        ],
    )
    def test_accept_chooses(self, tenant: Caller, accept: str, content_type: str) -> None:
        answer = asks(tenant, Accept=accept)

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
        assert "Accept" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_link_chooses_whatever_its_reader_accepts(self, tenant: Caller) -> None:
        assert rows_of(asks(tenant, f"{APRIL}&format=csv", Accept="application/json"))

    def test_what_is_wrong_is_told_in_json_whatever_was_asked_for(
        self, tenant: Caller, operator: Caller, db: None
    ) -> None:
        for form in ("csv", "pdf"):
            assert_problem(asks(tenant, f"from=2026-04-01&format={form}"), 400, "invalid", field="to")
            assert_problem(asks(operator, f"{APRIL}&format={form}&owner=77"), 404, "not_found")
            assert_problem(tenant.post(f"/api/statements/?format={form}"), 405)
            assert_problem(Client().get(f"/api/statements/?{APRIL}&format={form}"), 401)
        assert_problem(asks(tenant, APRIL, Accept="image/png"), 406)
        assert_problem(asks(tenant, f"{APRIL}&format=xlsx"), 400, "invalid", field="format")

    def test_the_same_statement_is_the_same_file(self, tenant: Caller, month: dict[str, str]) -> None:
        for form in ("csv", "pdf"):
            assert asks(tenant, f"{APRIL}&format={form}").content == asks(tenant, f"{APRIL}&format={form}").content

    def test_a_spreadsheet_sees_that_it_is_utf_8(self, tenant: Caller) -> None:
        """Excel takes a file without this mark for Windows' letters, and shows à¥§ in place of १."""
        content = asks(tenant, f"{APRIL}&format=csv").content

        assert content.startswith(b"\xef\xbb\xbfdate,kind,")
        assert content.count(b"\xef\xbb\xbf") == 1

    def test_a_reason_is_no_formula(self, tenant: Caller, owner: Caller, tenancy: Tenancy, days: Days) -> None:
        lines = {tenancy_receivable(tenancy.pk): 100, PHONEPE_CLEARING: -100}
        for subject, description in (("=1+1", "=HYPERLINK(1)"), ("x", '@SUM(1), "quoted"\nand more')):
            posting.post(EntryKind.REFUND_STARTED, subject, description, lines, at=days.now())

        rows = rows_of(asks(tenant, f"{APRIL}&format=csv"))

        assert (rows[2]["description"], rows[2]["reference"]) == ("'=HYPERLINK(1)", "'=1+1")
        assert rows[3]["description"] == '\'@SUM(1), "quoted"\nand more'
        assert [row["amount"] for row in rows[1:4]] == ["15000.00", "1.00", "1.00"]

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "|calc", "＝1"])  # noqa: RUF001
    def test_every_beginning_of_a_formula_is_made_harmless(self, text: str) -> None:
        assert harmless(text) == f"'{text}"

    def test_other_text_stays(self) -> None:
        assert harmless("Rent, 1+1 = 2") == "Rent, 1+1 = 2"


class TestMany:
    MANY = 10_000

    @pytest.fixture
    def long(self, tenancy: Tenancy, days: Days) -> Iterator[None]:
        """Ten thousand movements of one tenancy, and of its owner."""
        accounts = (tenancy_receivable(tenancy.pk), owner_payable(tenancy.unit.property.owner_id))
        entries = JournalEntry.objects.bulk_create(
            JournalEntry(
                source=f"capture:ORDER-{number:022d}",
                kind="capture",
                subject=f"ORDER-{number:022d}",
                description="Rent for a flat",
                at=days.now(),
            )
            for number in range(self.MANY)
        )
        LedgerLine.objects.bulk_create(
            LedgerLine(entry=entry, account=account, amount_paise=amount)
            for entry in entries
            for account, amount in zip(accounts, (100, -100), strict=True)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # PostgreSQL would plan for the empty tables of a moment ago

    def _queries(self, caller: Caller, query: str) -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as queries:
            answer = asks(caller, query)
        assert answer.status_code == 200
        return len(queries), answer

    def test_it_asks_the_database_no_more_than_for_few(
        self, tenant: Caller, owner: Caller, request: pytest.FixtureRequest
    ) -> None:
        few = {caller.user.pk: self._queries(caller, APRIL)[0] for caller in (tenant, owner)}
        request.getfixturevalue("long")

        for caller, charges in ((tenant, 1), (owner, 0)):
            count, answer = self._queries(caller, APRIL)
            assert count <= few[caller.user.pk] <= 8
            assert len(answer.json()["movements"]) == self.MANY + charges
            assert_adds_up(answer.json())

    def test_as_csv_and_over_many_pages(self, tenant: Caller, long: None) -> None:
        count, answer = self._queries(tenant, f"{APRIL}&format=csv")
        assert (count <= 8, len(rows_of(answer))) == (True, self.MANY + 3)

        count, answer = self._queries(tenant, f"{APRIL}&format=pdf")
        pages = reader_of(answer).pages
        assert count <= 8
        assert f"Page {len(pages)} of {len(pages)}." in pages[-1].extract_text()
        assert "Closing balance" in pages[-1].extract_text()
        assert "Reference" in pages[1].extract_text()


class TestLongPDFs:
    def test_more_movements_than_a_pdf_holds_are_refused_with_a_sentence(
        self, tenant: Caller, month: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statement_files, "LONGEST", 6)

        answer = asks(tenant, f"{APRIL}&format=pdf")

        assert_problem(answer, 400, "too_long_for_pdf")
        assert "7 movements" in answer.json()["detail"]
        assert "format=csv" in answer.json()["detail"]
        assert rows_of(asks(tenant, f"{APRIL}&format=csv"))
        monkeypatch.setattr(statement_files, "LONGEST", 7)
        assert text_of(asks(tenant, f"{APRIL}&format=pdf"))

    def test_who_cannot_have_it_drawn_in_time_is_told_to_come_again(
        self, tenant: Caller, month: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statement_files, "LONG", 6)
        monkeypatch.setattr(pdf, "SECONDS_TO_WAIT", 0.01)
        with pdf._apart:
            answer = asks(tenant, f"{APRIL}&format=pdf")

        assert_problem(answer, 503, "documents_busy")
        assert answer.headers["Retry-After"]
        assert text_of(asks(tenant, f"{APRIL}&format=pdf"))


def test_what_does_not_add_up_is_not_shown() -> None:
    days = StatementDays(date(2026, 4, 1), date(2026, 4, 30))

    with pytest.raises(DoesNotAddUp):
        Statement(Subject.TENANCY, "ravi", "tenancy-1", (), days, 0, [], 1)
