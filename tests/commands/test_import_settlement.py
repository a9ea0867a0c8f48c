"""manage.py import_settlement: what PhonePe paid out, compared with the books to the paisa."""

import csv
import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from core import tasks
from core.management.commands import import_settlement
from core.models import (
    Alert,
    JournalEntry,
    LedgerLine,
    Payment,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
    WebhookEvent,
)
from core.services import worker
from core.services.ledger import posting
from core.services.settlements import importing
from core.services.settlements.differences import Imported
from phonepe_simulator import Fault
from tests.bars import bars_of
from tests.dashboard import made_without_us, order_status, refunded_without_us
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of, settles
from tests.refunds import refunds

DAY = 86_400


def balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0


def books() -> dict[str, int]:
    return {name: balance(name) for name in ("phonepe_clearing", "bank", "phonepe_fees", "gst_input", "suspense")}


def check_books() -> None:
    call_command("check_books", stdout=StringIO())


class Accountant:
    """Downloads reports and imports them."""

    def __init__(self, phonepe: PhonePe, folder: Path) -> None:
        self._simulator, self._folder = phonepe.simulator, folder

    def imports(self, content: str | bytes, *options: str) -> str:
        path, out = self._folder / "settlements", StringIO()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("import_settlement", str(path), *options, stdout=out)
        return out.getvalue()

    def report(self, form: str = "csv", settlement_id: str | None = None) -> str:
        return str(self._simulator.settlement_report(settlement_id, form))

    def reads(self, form: str = "csv", *options: str) -> str:
        return self.imports(self.report(form), *options)

    def finds(self, form: str = "json", *options: str) -> Any:
        return json.loads(self.reads(form, "--json", *options))


@pytest.fixture
def accountant(phonepe: PhonePe, tmp_path: Path) -> Accountant:
    return Accountant(phonepe, tmp_path)


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """₹15,000.00 of rent, by card: PhonePe keeps ₹285.00, and ₹51.30 of tax on it."""
    phonepe.pays(payment, mode="CARD")
    days.tick_for(21)
    return Payment.objects.get(pk=payment.pk)


@pytest.fixture
def second(paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days) -> Payment:
    """₹9,000.00 of another tenant's rent, by UPI, without a fee."""
    order = order_id_of(stranger.starts_rent("9000.00"))
    phonepe.pays(order)
    days.tick_for(21)
    return Payment.objects.get(merchant_order_id=order)


class TestACleanSettlement:
    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_everything_reaches_the_bank_but_the_fees(
        self, form: str, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settlement = settles(phonepe, days)

        said = accountant.reads(form, "--strict")

        assert "matched     2 lines" in said
        assert "agree" in said
        assert books() == {
            "phonepe_clearing": 0,
            "bank": settlement.amount,
            "phonepe_fees": 285_00,
            "gst_input": 51_30,
            "suspense": 0,
        }
        assert settlement.amount == 24_000_00 - 285_00 - 51_30
        row = Settlement.objects.get()
        assert (row.settlement_id, row.utr, row.state) == (settlement.settlement_id, settlement.utr, "PROCESSED")
        assert JournalEntry.objects.get(source=f"settlement:{row.settlement_id}").at == row.settled_at
        assert not Alert.objects.exists()
        check_books()

    def test_a_refund_is_settled_with_what_came(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        days.pass_by(3600)
        worker.tick()
        settlement = settles(phonepe, days)

        accountant.reads("csv", "--strict")

        assert (balance("phonepe_clearing"), balance("bank")) == (0, settlement.amount)
        assert SettlementLine.objects.get(type="REFUND").outcome == "matched"
        check_books()

    def test_what_came_afterwards_is_still_with_phonepe(
        self, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        phonepe.pays(stranger.starts_rent("9000.00"))
        days.tick_for(21)

        accountant.reads("csv", "--strict")

        assert balance("phonepe_clearing") == 9_000_00

    def test_two_settlements_each_post_their_own(
        self, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        first = settles(phonepe, days)
        phonepe.pays(stranger.starts_rent("9000.00"))
        days.tick_for(21)
        settles(phonepe, days)

        accountant.reads()

        assert balance("phonepe_clearing") == 0
        posted = LedgerLine.objects.get(entry__source=f"settlement:{first.settlement_id}", account="bank")
        assert posted.amount_paise == first.amount
        assert Settlement.objects.count() == 2
        check_books()

    def test_the_same_file_twice_changes_nothing(
        self, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.charge_back(second.merchant_order_id, 1_000_00)
        phonepe.simulator.faults.add(Fault("report_line_unknown", times=1))
        settles(phonepe, days)
        before = accountant.reads("json")
        rows, entries = SettlementLine.objects.count(), JournalEntry.objects.count()
        Alert.objects.update(resolved_at=days.now())

        for form in ("json", "csv"):
            assert accountant.reads(form) == before

        assert (SettlementLine.objects.count(), JournalEntry.objects.count()) == (rows, entries)
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_a_dry_run_says_the_same_and_writes_nothing(
        self, second: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        twice_in_reports(second, stranger, phonepe, days)
        entries = JournalEntry.objects.count()

        dry = accountant.finds("csv", "--dry-run")

        assert "Nothing was written" in accountant.reads("csv", "--dry-run")
        assert not Settlement.objects.exists()
        assert not Alert.objects.exists()
        assert JournalEntry.objects.count() == entries
        assert len(dry["extra"]) == 1
        assert accountant.finds("csv", "--dry-run", "--days", "0")["missing"] == []  # all of it is in this file
        assert {**dry, "dry_run": False} == accountant.finds("csv")
        assert {**dry, "dry_run": False} == accountant.finds("csv")


def test_a_person_sees_how_far_the_import_has_come(
    second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = bars_of(import_settlement, monkeypatch)
    settles(phonepe, days)

    accountant.reads()

    [bar] = bars
    assert bar.n == bar.total == 2


class TestAMistakeIsNamed:
    """Each is posted so that the entry balances, and what does not fit is in suspense."""

    @pytest.fixture
    def mistaken(self, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant) -> Any:
        def mistaken(kind: str, form: str = "json", **how: Any) -> Any:
            about = second.merchant_order_id
            phonepe.simulator.faults.add(Fault(kind, times=1, merchant_order_id=about, **how))
            settlement = settles(phonepe, days)
            found = accountant.finds(form, "--days", "0")
            assert found["differs"] is True
            check_books()
            if form == "json":
                assert balance("bank") == settlement.amount
            return found

        return mistaken

    def test_another_amount(self, mistaken: Any, second: Payment) -> None:
        found = mistaken("report_wrong_amount", value=1)

        [line] = found["different"]
        assert (line["merchant_order_id"], line["amount"]) == (second.merchant_order_id, "9000.01")
        assert line["remark"] == "₹9,000.00 in our books"
        assert found["settlements"][0]["unexplained"] == "-0.01"
        assert books()["phonepe_clearing"] == 0
        assert "₹9,000.01" in Alert.objects.get(kind="settlement").sentence

    def test_another_amount_where_phonepe_tells_no_sum(self, mistaken: Any) -> None:
        mistaken("report_wrong_amount", form="csv", value=1)

        assert (balance("phonepe_clearing"), balance("suspense")) == (0, -1)

    def test_a_fee_that_was_not_taken(self, mistaken: Any) -> None:
        found = mistaken("report_wrong_fee", value=1)

        assert found["settlements"][0]["unexplained"] == "0.01"
        assert (balance("phonepe_fees"), balance("suspense")) == (285_01, -1)
        assert "PhonePe paid ₹0.01 more than its lines make" in Alert.objects.get().sentence

    @pytest.mark.parametrize(("paise", "net"), [(-1, "₹8,999.99"), (1, "₹9,000.01")])
    def test_a_net_that_does_not_add_up(self, mistaken: Any, paise: int, net: str) -> None:
        [line] = mistaken("report_wrong_net", value=paise)["different"]

        assert line["remark"] == f"its net is {net}, its parts make ₹9,000.00"
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)

    def test_a_line_that_is_not_there(self, mistaken: Any, second: Payment) -> None:
        found = mistaken("report_line_missing")

        assert found["settlements"][0]["unexplained"] == "9000.00"
        assert (balance("phonepe_clearing"), balance("suspense")) == (9_000_00, -9_000_00)

    def test_a_line_about_an_order_that_nobody_made(self, mistaken: Any) -> None:
        [line] = mistaken("report_line_unknown", form="csv")["extra"]

        assert (line["outcome"], line["amount"], line["remark"]) == ("unknown", "9000.00", "not in our books")
        assert line["merchant_order_id"].startswith("NOBODYS-")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, -9_000_00)
        assert line["merchant_order_id"] in Alert.objects.get().sentence

    def test_a_line_that_is_there_twice(self, mistaken: Any) -> None:
        [line] = mistaken("report_line_repeated")["extra"]

        assert (line["outcome"], line["remark"]) == ("repeated", "more than once in this settlement")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)

    def test_a_line_in_two_settlements(
        self, second: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        first = twice_in_reports(second, stranger, phonepe, days)

        [line] = accountant.finds("json")["extra"]

        assert (line["outcome"], line["remark"]) == ("repeated", f"settled before, in {first.settlement_id}")
        assert (line["merchant_order_id"], line["net"]) == (second.merchant_order_id, "9000.00")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        alone = accountant.imports(accountant.report("csv", first.settlement_id), "--strict")
        assert "agree" in alone  # the first one stays the one that counts
        check_books()


class TestMissing:
    @pytest.fixture
    def left_out(self, second: Payment, phonepe: PhonePe, days: Days) -> Payment:
        """₹9,000.00 that no report tells of, and rent that was paid five days later."""
        phonepe.simulator.faults.add(Fault("report_line_missing", times=1, merchant_order_id=second.merchant_order_id))
        settles(phonepe, days)
        return second

    def _later_rent(self, stranger: Caller, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(5 * DAY)
        phonepe.pays(stranger.starts_rent("6000.00"))
        days.tick_for(21)
        settles(phonepe, days)

    def test_what_was_captured_long_ago_and_is_in_no_settlement(
        self, left_out: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        assert accountant.finds("csv")["missing"] == []  # it may come tomorrow
        self._later_rent(stranger, phonepe, days)

        [gone] = accountant.finds("csv")["missing"]

        assert (gone["merchant_order_id"], gone["amount"]) == (left_out.merchant_order_id, "9000.00")
        assert balance("phonepe_clearing") == 9_000_00
        told = json.loads(accountant.report("json"))["settlements"]
        assert len(told) == 2
        backwards = accountant.imports(json.dumps({"settlements": told[::-1]}), "--dry-run", "--json")
        assert json.loads(backwards)["missing"] == [gone]  # the newest line may stand anywhere
        assert f"missing     PAYMENT {left_out.merchant_order_id}" in accountant.reads("csv")
        assert accountant.finds("csv", "--days", "30")["missing"] == []
        with pytest.raises(CommandError, match="differ"):
            accountant.reads("csv", "--strict")

    def test_that_its_refund_was_settled_says_nothing_of_the_payment(
        self,
        left_out: Payment,
        stranger: Caller,
        other_owner: Caller,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
    ) -> None:
        refunds(other_owner, left_out, "100.00")
        self._later_rent(stranger, phonepe, days)

        [gone] = accountant.finds("csv")["missing"]

        assert (gone["type"], gone["amount"]) == ("PAYMENT", "9000.00")
        assert SettlementLine.objects.filter(type="REFUND").exists()

    @pytest.mark.parametrize("options", [(), ("--dry-run",)])
    def test_that_it_was_charged_back_says_nothing_of_it_either(
        self,
        left_out: Payment,
        stranger: Caller,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
        options: tuple[str, ...],
    ) -> None:
        phonepe.simulator.charge_back(left_out.merchant_order_id, 1_000_00)
        self._later_rent(stranger, phonepe, days)

        found = accountant.finds("csv", *options)

        assert [line["merchant_order_id"] for line in found["chargeback"]] == [left_out.merchant_order_id]
        assert [(gone["type"], gone["amount"]) for gone in found["missing"]] == [("PAYMENT", "9000.00")]

    @pytest.mark.parametrize("options", [(), ("--dry-run",)])
    def test_a_line_that_a_corrected_report_does_not_hold_is_missing(
        self,
        paid: Payment,
        second: Payment,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
        options: tuple[str, ...],
    ) -> None:
        settles(phonepe, days)
        whole = json.loads(accountant.report("json"))
        accountant.imports(json.dumps(whole))
        [settlement] = whole["settlements"]
        settlement["transactions"] = settlement["transactions"][1:]

        found = json.loads(accountant.imports(json.dumps(whole), "--days", "0", "--json", *options))

        assert [gone["merchant_order_id"] for gone in found["missing"]] == [paid.merchant_order_id]

    @pytest.mark.parametrize(
        ("days_later", "is_missing"), [((), False), ((-3, None), False), ((-3, 5, None), True), ((5, -3), True)]
    )
    def test_where_no_line_is_ours_the_newest_payout_says_what_is_missing(
        self, days_later: tuple[int | None, ...], is_missing: bool, paid: Payment, days: Days, accountant: Accountant
    ) -> None:
        strange = {"type": "PAYMENT", "merchantOrderId": "NOBODYS", "amount": 1, "fee": 0, "tax": 0, "net": 1}
        told = [
            {
                "settlementId": f"S-{number}",
                "state": "PROCESSED",
                "date": None if later is None else (days.now() + timedelta(days=later)).isoformat(),
                "transactions": [{**strange, "phonepeId": f"OMO{number}"}],
            }
            for number, later in enumerate(days_later)
        ]
        empty = {"settlementId": "EMPTY", "state": "PROCESSED", "transactions": []}

        found = json.loads(
            accountant.imports(
                json.dumps([*told, {**empty, "date": (days.now() + timedelta(days=9)).isoformat()}]), "--json"
            )
        )

        assert [gone["merchant_order_id"] for gone in found["missing"]] == [paid.merchant_order_id] * is_missing

    def test_an_orders_answer_makes_nothing_missing(
        self, left_out: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        days.pass_by(5 * DAY)
        later = order_id_of(stranger.starts_rent("6000.00"))
        phonepe.pays(later)
        days.tick_for(21)
        settles(phonepe, days)

        found = json.loads(accountant.imports(json.dumps(order_status(phonepe, later)), "--json"))

        assert found["matched"] == 1
        assert found["missing"] == []

    def test_a_late_payout_makes_nothing_missing_that_came_after_what_it_pays(
        self, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.faults.add(Fault("report_line_missing", times=1, merchant_order_id=second.merchant_order_id))
        days.pass_by(5 * DAY)
        settles(phonepe, days)

        assert accountant.finds("csv")["missing"] == []

    def test_a_corrected_report_corrects_the_books(
        self, left_out: Payment, phonepe: PhonePe, accountant: Accountant
    ) -> None:
        wrong = accountant.report("json")
        accountant.imports(wrong)
        assert (balance("phonepe_clearing"), balance("suspense")) == (9_000_00, -9_000_00)
        [settlement] = json.loads(wrong)["settlements"]
        order = phonepe.simulator.orders[left_out.merchant_order_id]
        line = {"type": "PAYMENT", "merchantOrderId": order.merchant_order_id, "phonepeId": order.order_id}
        settlement["transactions"].append({**line, "amount": 900000, "fee": 0, "tax": "0", "net": "900000"})

        said = accountant.imports(json.dumps({"settlements": [settlement]}), "--strict")

        assert "agree" in said
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        assert Settlement.objects.get().entries == 2
        check_books()

    def test_a_refund_that_no_report_tells_of(
        self, owner: Caller, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.faults.add(Fault("report_line_missing", call="REFUND", times=1))
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        days.pass_by(3600)
        worker.tick()
        settles(phonepe, days)
        assert accountant.finds("csv")["missing"] == []  # it may come tomorrow
        left_out = Refund.objects.get().merchant_refund_id
        refunds(owner, paid, "100.00")  # which is settled
        days.tick_for(60)
        self._later_rent(stranger, phonepe, days)

        [gone] = accountant.finds("csv")["missing"]

        assert gone["merchant_refund_id"] == left_out
        assert gone["amount"] == "-5000.00"
        assert SettlementLine.objects.get(type="REFUND").amount_paise == -100_00
        told = json.loads(accountant.report("json"))
        other = {"type": "ADJUSTMENT", "phonepeId": "OMA1", "merchantRefundId": gone["merchant_refund_id"]}
        told["settlements"][1]["transactions"].append({**other, "amount": 1, "fee": 0, "tax": 0, "net": 1})
        found = json.loads(accountant.imports(json.dumps(told), "--json"))
        assert found["missing"] == [gone]  # only a refund settles it
        Refund.objects.update(state="FAILED")
        assert accountant.finds("csv")["missing"] == []

    def test_the_oldest_is_named_first(
        self,
        payment: Payment,
        owner: Caller,
        stranger: Caller,
        other_owner: Caller,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
    ) -> None:
        late, early = payment, Payment.objects.get(merchant_order_id=order_id_of(stranger.starts_rent("9000.00")))
        for each in (early, late):
            phonepe.pays(each)
            days.tick_for(26)
        phonepe.simulator.change_settings(refund_outcome="pending")
        late_refund, early_refund = refunds(owner, late, "100.00"), refunds(other_owner, early, "200.00")
        for refund in (early_refund, late_refund):
            phonepe.simulator.conclude_refund(refund.merchant_refund_id, "success")
            days.tick_for(60)
        for left_out in (early, late):
            about = left_out.merchant_order_id
            phonepe.simulator.faults.add(Fault("report_line_missing", times=2, merchant_order_id=about))
        self._later_rent(stranger, phonepe, days)

        gone = accountant.finds("csv")["missing"]

        assert [each["amount"] for each in gone] == ["9000.00", "15000.00", "-200.00", "-100.00"]


class TestWhatPhonePeKnowsAndWeDoNot:
    def test_an_order_that_a_restore_has_lost(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        """PhonePe has an order that our database does not: it was made after the backup."""
        made_without_us(phonepe, "ZL-LOST", 7_000_00)
        phonepe.pays("ZL-LOST", mode="CARD")
        settlement = settles(phonepe, days)

        found = accountant.finds("json")

        [line] = found["extra"]
        assert (line["merchant_order_id"], line["amount"], line["net"]) == ("ZL-LOST", "7000.00", "6843.06")
        assert books() == {
            "phonepe_clearing": 0,
            "bank": settlement.amount,
            "phonepe_fees": 285_00,
            "gst_input": 51_30,
            "suspense": -6_843_06,
        }
        alert = Alert.objects.get(kind="settlement")
        assert alert.subject == settlement.settlement_id
        assert "ZL-LOST" in alert.sentence
        check_books()

    def test_what_was_lost_is_sent_back_on_phonepes_dashboard(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        made_without_us(phonepe, "ZL-LOST", 7_000_00)
        phonepe.pays("ZL-LOST", mode="CARD")
        refunded_without_us(phonepe, "ZL-LOST", "BACK-1", 7_000_00)
        days.pass_by(60)
        settles(phonepe, days)

        found = accountant.finds("json")

        assert [line["type"] for line in found["extra"]] == ["PAYMENT", "REFUND"]
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 156_94)  # PhonePe's fee, and its tax
        check_books()

    @pytest.fixture
    def made_there(self, paid: Payment, phonepe: PhonePe, days: Days) -> Any:
        """₹1,000.00 of the rent was paid back from PhonePe's dashboard, and was settled."""
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(10)
        return settles(phonepe, days)

    def test_a_refund_of_phonepes_dashboard_of_which_its_webhook_told_first(
        self, made_there: Any, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.reachable = True
        days.pass_by(60)
        phonepe.delivers()
        days.tick_for(1)

        accountant.reads("json", "--strict")

        assert Refund.objects.get().kind == "dashboard"
        assert (balance("phonepe_clearing"), balance("bank"), balance("suspense")) == (0, made_there.amount, 0)
        check_books()

    def test_a_refund_of_phonepes_dashboard_of_which_a_settlement_tells_first(
        self, made_there: Any, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        """PhonePe is asked about it; when it is booked on its payment, the settlement agrees by itself."""
        [line] = accountant.finds("json")["extra"]
        assert (line["type"], line["merchant_refund_id"], line["amount"]) == ("REFUND", "DASHBOARD-1", "-1000.00")
        assert line["remark"] == "not in our books; PhonePe is asked about it"
        assert (balance("bank"), balance("suspense")) == (made_there.amount, 1_000_00)
        check_books()

        days.tick_for(1)

        refund = Refund.objects.get()
        assert (refund.kind, refund.state, refund.amount_paise) == ("dashboard", "COMPLETED", 1_000_00)
        assert Payment.objects.get().status == "partially_refunded"
        assert SettlementLine.objects.get(type="REFUND").outcome == "matched"
        assert (balance("phonepe_clearing"), balance("bank"), balance("suspense")) == (0, made_there.amount, 0)
        check_books()
        accountant.reads("csv", "--strict")

    def test_a_refund_that_phonepe_did_not_know_is_asked_about_once_more_when_it_is_settled(
        self, made_there: Any, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status", times=1))
        phonepe.reachable = True
        phonepe.simulator.send_webhook("pg.refund.completed", merchant_refund_id="DASHBOARD-1")
        phonepe.delivers()
        worker.tick()
        assert ReportedRefund.objects.get().outcome == "unknown"
        days.pass_by(3600)

        accountant.reads("json")
        days.tick_for(1)

        assert (ReportedRefund.objects.get().outcome, Refund.objects.get().kind) == ("booked", "dashboard")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        check_books()

    def test_what_a_settlement_tells_of_a_refund_is_not_booked_before_phonepe_confirms_it(
        self, made_there: Any, days: Days, accountant: Accountant
    ) -> None:
        accountant.imports(accountant.report("csv").replace("DASHBOARD-1", "DAMAGED-1"))

        days.tick_for(1)

        assert not Refund.objects.exists()
        assert Alert.objects.get(kind="unknown_webhook").subject == "DAMAGED-1"
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 1_000_00)
        check_books()

    def test_a_refund_of_an_order_that_is_in_no_row_of_ours_waits_in_suspense(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        made_without_us(phonepe, "ZL-LOST", 7_000_00)
        phonepe.pays("ZL-LOST")
        phonepe.reachable = False
        refunded_without_us(phonepe, "ZL-LOST", "BACK-1", 1_000_00)
        days.pass_by(60)
        settlement = settles(phonepe, days)
        accountant.finds("json")
        before = books()

        days.tick_for(1)

        assert books() == before
        line = SettlementLine.objects.get(type="REFUND")
        assert (line.outcome, line.remark) == ("unknown", "made at PhonePe, of no payment in our books")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, -6_000_00)
        assert balance("bank") == settlement.amount
        check_books()

    def test_a_refund_that_failed_here_and_was_taken_there(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        days.pass_by(3600)
        settles(phonepe, days)
        Refund.objects.update(state="FAILED", finished_at=days.now(), reconciliation_status="settled")

        [line] = accountant.finds("csv")["different"]

        assert (line["type"], line["remark"]) == ("REFUND", "FAILED in our books")
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 5_000_00)

    @pytest.mark.parametrize("who", ["the clock", "an operator"])
    def test_a_refund_that_we_still_wait_for_is_asked_about(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant, who: str
    ) -> None:
        phonepe.reachable = False
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        days.pass_by(60)
        settles(phonepe, days)

        [line] = accountant.finds("csv")["different"]

        assert line["remark"].endswith("in our books; PhonePe is asked about it")
        if who == "the clock":
            days.tick_for(4)
        else:
            call_command("reconcile_pending_refunds", Refund.objects.get().merchant_refund_id, stdout=StringIO())
        assert Refund.objects.get().state == "COMPLETED"
        assert SettlementLine.objects.get(type="REFUND").outcome == "matched"
        assert accountant.finds("csv")["differs"] is False
        assert (balance("phonepe_clearing"), balance("refunds_in_flight"), balance("suspense")) == (0, 0, 0)
        check_books()

    def test_another_order_of_phonepes_under_our_name(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        PaymentTransaction.objects.update(phonepe_order_id="OMO-OURS")

        [line] = accountant.finds("csv")["different"]

        assert line["remark"] == "our books know it as OMO-OURS"
        assert balance("phonepe_clearing") == 15_000_00

    @pytest.mark.parametrize("who", ["the clock", "an operator"])
    def test_a_payment_that_we_have_not_heard_of_is_asked_about(
        self, payment: Payment, phonepe: PhonePe, days: Days, accountant: Accountant, who: str
    ) -> None:
        phonepe.reachable = False
        phonepe.pays(payment)
        settles(phonepe, days)
        PaymentTransaction.objects.update(next_check_at=None)

        [line] = accountant.finds("csv")["different"]

        assert "PENDING in our books, not paid; PhonePe is asked" in line["remark"]
        assert (balance("phonepe_clearing"), balance("suspense")) == (-15_000_00, 0)  # it will be captured
        if who == "the clock":
            days.tick_for(4)
        else:
            call_command("reconcile_pending_payments", payment.merchant_order_id, stdout=StringIO())
        assert Payment.objects.get().status == "completed"
        assert SettlementLine.objects.get().outcome == "matched"
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        assert accountant.finds("csv")["differs"] is False
        check_books()

    @pytest.mark.parametrize("who", ["beat", "an operator"])
    @pytest.mark.parametrize("ahead", [0, 3500])  # seconds, of the clock of the machine that imported
    def test_what_a_payer_hears_of_brings_the_settlement_in_line_within_the_hour(
        self,
        tenant: Caller,
        payment: Payment,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
        ahead: int,
        who: str,
    ) -> None:
        phonepe.reachable = False
        phonepe.pays(payment)
        days.pass_by(2)
        settles(phonepe, days)
        days.pass_by(ahead)
        accountant.reads("csv")
        days.pass_by(3 - ahead)
        tenant.verifies(payment.merchant_order_id)
        assert Payment.objects.get().status == "completed"
        assert SettlementLine.objects.get().outcome == "different"

        if who == "beat":
            assert tasks.compare_settlements() == 1
        else:
            call_command("reconcile_pending_payments", stdout=StringIO())

        assert SettlementLine.objects.get().outcome == "matched"
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        assert tasks.compare_settlements() == 0
        check_books()

    def test_a_settlement_is_compared_anew_once_for_all_its_lines_and_not_for_orders_in_others(
        self,
        tenant: Caller,
        payment: Payment,
        stranger: Caller,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
    ) -> None:
        phonepe.reachable = False
        other = order_id_of(stranger.starts_rent("9000.00"))
        phonepe.pays(payment)
        phonepe.pays(other)
        phonepe.simulator.faults.add(Fault("report_line_unknown", times=1, merchant_order_id=other))
        settles(phonepe, days)
        accountant.reads("csv")
        days.pass_by(3)
        tenant.verifies(payment.merchant_order_id)
        stranger.verifies(other)

        assert tasks.compare_settlements() == 1

        outcomes = SettlementLine.objects.order_by("pk").values_list("outcome", flat=True)
        assert list(outcomes) == ["matched", "matched", "unknown"]
        days.pass_by(3602)
        PaymentTransaction.objects.update(updated_at=days.now())
        assert tasks.compare_settlements() == 0

    def test_a_settlement_that_differs_is_compared_anew_only_when_something_has_changed(
        self, payment: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=-1_00))
        phonepe.pays(payment)
        days.tick_for(21)
        days.pass_by(3601)
        settles(phonepe, days)
        accountant.reads("csv")

        assert tasks.compare_settlements() == 0

        assert SettlementLine.objects.get().outcome == "different"

    def test_nothing_is_asked_about_but_the_payments_that_differ_in_their_amount(
        self,
        owner: Caller,
        second: Payment,
        paid: Payment,
        stranger: Caller,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.tick_for(60)
        settles(phonepe, days)
        refunds(owner, paid, "1.00")  # on its way, and in no settlement yet
        stranger.starts_rent("6000.00")
        for model in (PaymentTransaction, Refund):
            model.objects.update(next_check_at=None)
        changes = {
            paid.merchant_order_id: {"net": 1},
            second.merchant_order_id: {"amount": 100, "net": 100},
            Refund.objects.earliest("pk").merchant_refund_id: {"amount": -1, "net": -1},
        }
        told = json.loads(accountant.report("json"))
        for line in told["settlements"][0]["transactions"]:
            for column, paise in changes[line["merchantRefundId"] or line["merchantOrderId"]].items():
                line[column] += paise

        found = json.loads(accountant.imports(json.dumps(told), "--json"))

        assert len(found["different"]) == 3
        [asked] = PaymentTransaction.objects.exclude(next_check_at=None)
        assert asked.merchant_order_id == second.merchant_order_id
        assert not Refund.objects.exclude(next_check_at=None).exists()

    def test_only_the_refund_that_was_settled_is_asked_about(
        self,
        owner: Caller,
        other_owner: Caller,
        paid: Payment,
        second: Payment,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
    ) -> None:
        phonepe.reachable = False
        settled = refunds(owner, paid, "5000.00")
        days.pass_by(60)
        settles(phonepe, days)
        refunds(other_owner, second, "1.00")
        for model in (PaymentTransaction, Refund):
            model.objects.update(next_check_at=None)

        accountant.finds("csv")

        [asked] = Refund.objects.exclude(next_check_at=None)
        assert asked.merchant_refund_id == settled.merchant_refund_id
        assert not PaymentTransaction.objects.exclude(next_check_at=None).exists()

    def test_a_settlement_that_cannot_be_compared_keeps_no_other_from_its_turn(
        self,
        tenant: Caller,
        stranger: Caller,
        payment: Payment,
        phonepe: PhonePe,
        days: Days,
        accountant: Accountant,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        phonepe.reachable = False
        orders = {payment.merchant_order_id: tenant, order_id_of(stranger.starts_rent("9000.00")): stranger}
        for order in orders:
            phonepe.pays(order)
            days.pass_by(2)
            settles(phonepe, days)
        accountant.reads("csv")
        days.pass_by(3)
        for order, caller in orders.items():
            caller.verifies(order)
        first = SettlementLine.objects.earliest("settlement_id")
        keep = importing._keep

        def breaks(imported: Imported, before: Any) -> None:
            if imported.settlement.pk == first.settlement_id:
                raise RuntimeError
            keep(imported, before)

        with monkeypatch.context() as broken:
            broken.setattr(importing, "_keep", breaks)
            tasks.compare_settlements()
        outcomes = SettlementLine.objects.order_by("settlement_id").values_list("outcome", flat=True)
        assert list(outcomes) == ["different", "matched"]

        tasks.compare_settlements()
        assert list(outcomes.all()) == ["matched", "matched"]
        check_books()

    def test_a_line_of_an_order_that_phonepe_had_called_failed_agrees_when_it_has_completed(
        self, payment: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.pays(payment, outcome="pending")
        phonepe.reachable = False
        days.pass_by(1210)
        worker.tick()
        assert PaymentTransaction.objects.get().state == "FAILED"
        phonepe.simulator.conclude(payment.merchant_order_id, "success")
        settles(phonepe, days)
        accountant.reads("csv")
        assert "not paid" in SettlementLine.objects.get().remark

        days.tick_for(4)

        assert Payment.objects.get().status == "completed"
        assert SettlementLine.objects.get().remark == ""
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)

    def test_money_that_an_operator_has_to_place_was_paid_out_too(
        self, payment: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=-1_00))
        phonepe.pays(payment)
        days.tick_for(21)
        settles(phonepe, days)

        [line] = accountant.finds("csv")["different"]

        assert line["remark"] == "₹14,999.00 in our books"
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, -15_000_00)
        check_books()


def asks_for_refund(owner: Caller, payment: Payment, amount: str) -> tuple[int, str | None]:
    answer = owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": amount, "reason": "A repair"})
    return answer.status_code, answer.json().get("code")


class TestChargebacks:
    def test_the_settlement_posts_it_and_an_operator_is_told(
        self, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        for _ in range(2):  # two parts of one payment, alike
            phonepe.simulator.charge_back(second.merchant_order_id, 1_000_00)
        settlement = settles(phonepe, days)

        found = accountant.finds("json")

        assert [line["amount"] for line in found["chargeback"]] == ["-1000.00", "-1000.00"]
        assert found["extra"] == []
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 2_000_00)
        assert balance("bank") == settlement.amount
        assert Alert.objects.get().kind == "chargeback"
        check_books()

    def test_what_was_charged_back_is_not_refunded_as_well(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.charge_back(paid.merchant_order_id, 6_000_00)
        settles(phonepe, days)
        accountant.finds("json")

        assert asks_for_refund(owner, paid, "9000.01") == (422, "refund_above_rest")
        assert asks_for_refund(owner, paid, "9000.00") == (202, None)
        days.tick_for(60)
        assert asks_for_refund(owner, paid, "1.00") == (409, "payment_disputed")

    def test_what_is_in_suspense_is_told_part_by_part(
        self, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.charge_back(second.merchant_order_id, 1_000_00)
        phonepe.simulator.faults.add(Fault("report_line_unknown", call="PAYMENT", times=1))
        settlement = settles(phonepe, days)
        accountant.reads("json")
        source = f"settlement:{settlement.settlement_id}"
        call_command(
            "place_suspense", source, "--to", "written_off", "--amount", "1", "--reason", "x", stdout=StringIO()
        )

        out = StringIO()
        call_command("place_suspense", "--json", stdout=out)
        (waiting,) = json.loads(out.getvalue())["waiting"]

        whole = sum(round(Decimal(part["amount"]) * 100) for part in waiting["parts"])
        assert whole == -balance("suspense")
        told = " ".join(f"{part['amount']} {part['what']}" for part in waiting["parts"])
        assert "-1000.00 CHARGEBACK" in told
        assert "PAYMENT" in told
        assert "placed, written off" in told
        out = StringIO()
        call_command("place_suspense", stdout=out)
        assert "CHARGEBACK" in out.getvalue()


class TestStates:
    def test_what_is_only_initiated_posts_nothing_yet(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.settle()

        said = accountant.reads("json")

        assert "nothing posted before it is PROCESSED" in said
        assert (Settlement.objects.get().state, balance("bank")) == ("INITIATED", 0)
        accountant.reads("csv")  # which tells no state
        assert balance("bank") == 0
        days.pass_by(11)
        accountant.reads("json")
        assert (Settlement.objects.get().state, balance("phonepe_clearing")) == ("PROCESSED", 0)
        check_books()

    def test_an_attempt_that_failed_posts_nothing(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.change_settings(settlement_outcome="failure")
        settlement = settles(phonepe, days)
        accountant.reads("json")
        assert (Settlement.objects.get().state, balance("bank")) == ("ATTEMPT_FAILED", 0)

        phonepe.simulator.conclude_settlement(settlement.settlement_id, "success")
        accountant.reads("json", "--strict")

        assert (balance("phonepe_clearing"), balance("bank")) == (0, settlement.amount)

    def test_a_csv_that_came_too_early_is_taken_back(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        """It lists what has not reached the bank yet, and cannot say so."""
        phonepe.simulator.change_settings(settlement_outcome="failure")
        settlement = phonepe.simulator.settle()
        assert "a CSV does not say" in accountant.reads("csv")
        assert balance("bank") == settlement.amount

        settles(phonepe, days)
        accountant.reads("json")

        assert (balance("phonepe_clearing"), balance("bank"), balance("phonepe_fees")) == (15_000_00, 0, 0)
        check_books()

    def test_what_has_arrived_does_not_fail_afterwards(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settlement = settles(phonepe, days)
        report = accountant.report("json")
        accountant.imports(report)

        said = accountant.imports(report.replace("PROCESSED", "ATTEMPT_FAILED"))

        assert "PhonePe says ATTEMPT_FAILED of a settlement that it had PROCESSED" in said
        assert balance("bank") == settlement.amount
        assert Alert.objects.get().kind == "settlement"
        assert "differ" not in accountant.imports(report.replace("PROCESSED", "INITIATED"))  # merely old


class TestAnswersOfTheSettlementApi:
    def test_a_status_answer_brings_state_and_payout(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settlement = phonepe.simulator.settle()
        accountant.reads("json")
        status = {"settlementId": settlement.settlement_id, "state": "PROCESSED", "utr": "UTR2"}

        accountant.imports(json.dumps({**status, "amount": str(settlement.amount), "new": {"field": 1}}))

        assert (balance("phonepe_clearing"), balance("bank")) == (0, settlement.amount)
        assert Settlement.objects.get().utr == "UTR2"
        check_books()

    def test_a_payout_without_lines_waits_for_its_report(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settlement = settles(phonepe, days)
        status = {"settlementId": settlement.settlement_id, "state": "PROCESSED", "amount": settlement.amount}
        assert "before its report tells its lines" in accountant.imports(json.dumps(status))
        assert balance("bank") == 0

        accountant.reads("csv", "--strict")

        assert (balance("phonepe_clearing"), balance("bank")) == (0, settlement.amount)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("name", "settlements", "lines"),
        [
            ("settlement_range_response", 2, 0),
            ("settlement_status_initiated", 1, 0),
            ("settlement_status_initiated_split", 1, 0),
            ("order_status_completed_with_settlement_upi", 1, 1),
            ("order_status_custom_with_settlement", 1, 1),
            ("order_status_completed_split_settlement_processed", 1, 1),
            ("order_status_completed_split_settlement_pending", 0, 0),
            ("autopay_order_status_with_settlement", 1, 1),
            ("order_status_settlement_block_credit_card", 0, 0),
        ],
    )
    def test_the_documentations_samples(
        self, name: str, settlements: int, lines: int, fixture_body: Any, accountant: Accountant
    ) -> None:
        accountant.imports(fixture_body(name))

        assert (Settlement.objects.count(), SettlementLine.objects.count()) == (settlements, lines)
        assert not JournalEntry.objects.exists()
        check_books()

    @pytest.mark.django_db
    def test_a_sample_that_does_not_add_up_is_named(self, fixture_body: Any, accountant: Accountant) -> None:
        accountant.imports(fixture_body("autopay_order_status_with_settlement"))

        line = SettlementLine.objects.get()
        assert (line.fee_paise, line.tax_paise, line.unexplained_paise) == (-479, -86, 565)

    def test_an_orders_answer_is_a_part_of_a_settlement(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        order = phonepe.simulator.orders[paid.merchant_order_id]
        accountant.imports(json.dumps(order_status(phonepe, order.merchant_order_id)))
        line = SettlementLine.objects.get()
        assert (line.outcome, line.merchant_order_id) == ("matched", paid.merchant_order_id)
        assert balance("bank") == 0

        accountant.reads("json", "--strict")

        assert balance("phonepe_clearing") == 0

    def test_tax_between_two_states_is_tax_too(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        answer = order_status(phonepe, paid.merchant_order_id)
        written = json.dumps(answer)
        taken = json.loads(written[written.index('"settlementDeduction": ') + 23 :].partition("}")[0] + "}")
        across = {**taken, "igst": taken["sgst"] + taken["cgst"], "sgst": 0, "cgst": 0}

        accountant.imports(written.replace(json.dumps(taken), json.dumps(across)))

        line = SettlementLine.objects.get()
        assert (line.outcome, line.tax_paise, line.unexplained_paise) == ("matched", -51_30, 0)


class TestBadFiles:
    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "empty"),
            (b"  \n", "empty"),
            (b"\xff\xfe\x00", "not text in UTF-8"),
            (b"<html>Sorry</html>", "no column settlement_id"),
            (b"a,b\n1,2\n", "no column settlement_id"),
            (b'{"settlements": [{', "not JSON, or it is cut off"),
            (b"[" * 100_000, "not JSON"),
            (b'{"state": "COMPLETED"}', "neither a settlement report nor an answer"),
            (b"[1]", "neither a settlement report nor an answer"),
        ],
    )
    def test_one_sentence_and_nothing_written(self, content: bytes, sentence: str, accountant: Accountant) -> None:
        with pytest.raises(CommandError, match=sentence):
            accountant.imports(content)
        assert not Settlement.objects.exists()

    @pytest.mark.django_db
    def test_a_broken_csv(self, accountant: Accountant) -> None:
        header = accountant.report("csv")
        with pytest.raises(CommandError, match="broken near line"):
            accountant.imports(header + 'S,"U"x,,,,,,,,,\n')
        assert not Settlement.objects.exists()

    @pytest.mark.django_db
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        for path in (tmp_path / "nothing", tmp_path):
            with pytest.raises(CommandError, match="cannot be read"):
                call_command("import_settlement", str(path))

    @pytest.mark.parametrize(
        ("column", "told"),
        [
            ("amount", "9000.00"),
            ("amount", ""),
            ("net", "9" * 30),
            ("fee", "none"),
            ("settlement_id", ""),
            ("settlement_id", "A:2"),
            ("phonepe_id", ""),
            ("merchant_order_id", "Z" * 65),
            ("type", ""),
        ],
    )
    def test_a_line_that_cannot_be_read_is_listed(
        self, column: str, told: str, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        rows = list(csv.DictReader(StringIO(accountant.report())))
        rows[1][column] = told
        spoiled = StringIO()
        writer = csv.DictWriter(spoiled, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

        found = json.loads(accountant.imports(spoiled.getvalue(), "--json"))

        [sentence] = found["unreadable"]
        assert sentence.startswith("Line 3: ")
        assert found["matched"] == 1
        assert balance("phonepe_clearing") == 9_000_00
        check_books()

    @pytest.mark.django_db
    def test_json_with_strange_things_in_it(self, accountant: Accountant) -> None:
        line = {"type": "PAYMENT", "phonepeId": "OMO1", "amount": 1e2, "fee": 0, "tax": 0, "net": 100.0}
        wrong = [{**line, "amount": amount} for amount in (1.5, True, None, [], float("nan"), 10**40)]
        document = {"settlementId": "S", "state": "ON_HOLD", "transactions": [line, *wrong, 7, {}], "amount": None}

        found = json.loads(accountant.imports(json.dumps({"settlements": [document, 3, {}]}), "--json"))

        assert len(found["unreadable"]) == 1 + len(wrong) + 2 + 2
        assert (Settlement.objects.get().state, SettlementLine.objects.get().amount_paise) == ("INITIATED", 100)
        assert not JournalEntry.objects.exists()


class TestWebhooks:
    def test_a_settlements_webhooks_move_nothing(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        days.tick_for(1)

        heard = WebhookEvent.objects.filter(event__startswith="settlement.")
        assert set(heard.values_list("event", "outcome")) == {
            ("settlement.initiated", "noted"),
            ("settlement.processed", "noted"),
        }
        assert balance("bank") == 0
        assert not Alert.objects.exists()
        accountant.reads()
        phonepe.simulator.tick()
        phonepe.simulator.send_webhook(
            "settlement.processed", None, settlement_id=Settlement.objects.get().settlement_id
        )
        days.pass_by(1)
        phonepe.delivers()
        days.tick_for(1)
        assert set(heard.values_list("event", "outcome")) >= {("settlement.processed", "settled")}

    def test_a_payout_that_failed_is_for_a_person(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        phonepe.simulator.change_settings(settlement_outcome="failure")
        settlement = settles(phonepe, days)
        days.tick_for(1)

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject) == ("settlement_failed", settlement.settlement_id)
        assert "₹14,663.70" in alert.sentence

    @pytest.mark.parametrize(
        ("event", "kinds"),
        [
            ("created", ["dispute"]),
            ("action_required", ["dispute"]),
            ("under_review", []),
            ("won", []),
            ("lost", ["dispute_lost"]),
        ],
    )
    def test_a_dispute(
        self, event: str, kinds: list[str], paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        before = JournalEntry.objects.count()
        payload = {"merchantOrderId": paid.merchant_order_id, "disputeId": "D1", "disputeAmount": 1000, "status": "WON"}
        phonepe.simulator.send_webhook(f"payment.dispute.{event}", paid.merchant_order_id, payload=payload)
        days.pass_by(1)
        phonepe.delivers()
        days.tick_for(1)

        heard = WebhookEvent.objects.get(event=f"payment.dispute.{event}")
        assert (heard.outcome, heard.merchant_order_id) == ("noted", paid.merchant_order_id)
        assert [alert.kind for alert in Alert.objects.all()] == kinds
        assert JournalEntry.objects.count() == before
        assert Payment.objects.get().status == "completed"

    def test_a_dispute_stands_in_the_story_of_its_payment_until_it_has_ended(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        def hears(event: str) -> str:
            about = {"merchantOrderId": paid.merchant_order_id, "disputeId": "D2611", "disputeAmount": 1000}
            phonepe.simulator.send_webhook(f"payment.dispute.{event}", paid.merchant_order_id, payload=about)
            days.pass_by(1)
            phonepe.delivers()
            days.tick_for(1)
            out = StringIO()
            call_command("explain", "D2611", stdout=out)  # the id that PhonePe's dashboard shows
            return out.getvalue()

        disputed = hears("action_required")
        assert f"payment:{paid.pk}" in disputed
        assert "Alert: Dispute D2611 about ₹10.00" in disputed
        assert "Do not refund it meanwhile" in disputed

        lost = hears("lost")
        assert "The dispute is lost, so do not refund it" in lost
        assert [alert.kind for alert in Alert.objects.filter(resolved_at=None)] == ["dispute_lost"]

    def test_a_dispute_that_was_won_ends_its_alert_and_until_then_nothing_is_refunded(
        self, paid: Payment, owner: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        about = {"merchantOrderId": paid.merchant_order_id, "disputeId": "D2611", "disputeAmount": 1000}
        for event, answer in (("created", (409, "payment_disputed")), ("won", (202, None))):
            phonepe.simulator.send_webhook(f"payment.dispute.{event}", paid.merchant_order_id, payload=about)
            days.pass_by(1)
            phonepe.delivers()
            days.tick_for(1)
            assert asks_for_refund(owner, paid, "100.00") == answer

        assert Alert.objects.exists()
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_the_documentations_lost_dispute(self, fixture_body: Any, phonepe: PhonePe, db: None, days: Days) -> None:
        phonepe.simulator.send_webhook("x", None, body=fixture_body("webhook_payment_dispute_under_review"))
        phonepe.delivers()
        days.tick_for(1)

        assert WebhookEvent.objects.get().outcome == "unknown"
        assert Alert.objects.get().kind == "dispute_lost"


class TestCheckBooks:
    def test_a_settlement_that_the_ledger_does_not_tell_of(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        accountant.reads()
        out = StringIO()
        Settlement.objects.update(amount_paise=14_663_71)
        with pytest.raises(CommandError):
            call_command("check_books", stdout=out)
        assert "should have posted ₹14,663.71 to bank, the ledger says ₹14,663.70" in out.getvalue()

        SettlementLine.objects.all().delete()
        Settlement.objects.all().delete()
        with pytest.raises(CommandError):
            call_command("check_books", stdout=out)
        assert "is about nothing we know" in out.getvalue()

    def test_a_night_compares_what_was_imported_since(
        self, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        old = settles(phonepe, days)
        accountant.reads()
        days.pass_by(3 * DAY)
        call_command("check_books", "--new", stdout=StringIO())
        days.pass_by(3 * DAY)
        posting.record_unknown_refund((old.settlement_id,), "NOBODYS", 100, at=days.now())  # under the same name
        phonepe.pays(stranger.starts_rent("9000.00"))
        days.tick_for(21)
        settlement = settles(phonepe, days)
        accountant.imports(accountant.report("csv", settlement.settlement_id))

        call_command("check_books", "--new", stdout=StringIO())
        Settlement.objects.update(amount_paise=1)
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("check_books", "--new", stdout=out)

        assert f"Settlement {settlement.settlement_id} should have posted ₹0.01 to bank" in out.getvalue()
        assert out.getvalue().count("should have posted") == 2  # to the bank, and to suspense


def twice_in_reports(payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days) -> Any:
    """Two settlements, of which the second repeats a payment; return the first."""
    about = payment.merchant_order_id
    phonepe.simulator.faults.add(Fault("report_line_in_two", times=1, merchant_order_id=about))
    first = settles(phonepe, days)
    phonepe.pays(stranger.starts_rent("6000.00"))
    days.tick_for(21)
    settles(phonepe, days)
    return first


class TestADateThatChanges:
    def test_a_payout_stays_on_the_day_on_which_it_was_posted(
        self, paid: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settles(phonepe, days)
        first = accountant.report("json")
        accountant.imports(first)
        posted = Settlement.objects.get().settled_at
        later = json.loads(first)
        later["settlements"][0]["date"] = "2027-01-31T10:00:00+05:30"

        accountant.imports(json.dumps(later))

        assert Settlement.objects.get().settled_at == JournalEntry.objects.latest("pk").at == posted


class TestADateThatCannotBeRead:
    """A payout without its day would be posted under today's, and would count as agreeing."""

    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_the_settlement_posts_nothing_until_its_date_is_readable(
        self, form: str, second: Payment, phonepe: PhonePe, days: Days, accountant: Accountant
    ) -> None:
        settlement = settles(phonepe, days)
        good = accountant.report(form)
        column = "settlement_date" if form == "csv" else "date"
        written = (
            next(csv.DictReader(StringIO(good)))[column]
            if form == "csv"
            else str(json.loads(good)["settlements"][0][column])
        )

        with pytest.raises(CommandError):
            accountant.imports(good.replace(written, "27-11-2026 01:30"), "--strict")

        assert books()["bank"] == 0
        said = accountant.imports(good.replace(written, "27-11-2026 01:30"))
        assert "'27-11-2026 01:30' is no date that can be read" in said
        assert not Settlement.objects.exists()

        accountant.imports(good)
        assert books()["bank"] == settlement.amount
