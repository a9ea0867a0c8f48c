"""manage.py import_settlement: a report that says otherwise than an earlier version of it."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from core.models import (
    Alert,
    JournalEntry,
    LedgerLine,
    Payment,
    PaymentTransaction,
    Refund,
    Settlement,
    SettlementLine,
)
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of, settles
from tests.refunds import refunds

ACCOUNTS = ("phonepe_clearing", "bank", "phonepe_fees", "gst_input", "suspense")
FEE, TAX = 285_00, 51_30


def balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0


def books() -> dict[str, int]:
    return {account: balance(account) for account in ACCOUNTS}


def check_books() -> None:
    call_command("check_books", stdout=StringIO())


@pytest.fixture
def second(payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days) -> Payment:
    """₹9,000.00 of another tenant's rent by UPI, after ₹15,000.00 by card: PhonePe keeps ₹336.30 of that."""
    phonepe.pays(payment, mode="CARD")
    days.tick_for(21)
    order = order_id_of(stranger.starts_rent("9000.00"))
    phonepe.pays(order)
    days.tick_for(21)
    return Payment.objects.get(merchant_order_id=order)


@pytest.fixture
def report(second: Payment, phonepe: PhonePe, days: Days) -> Callable[..., str]:
    """The right report on the settlement of both, in one form or the other."""
    settles(phonepe, days)
    return lambda form="csv": str(phonepe.simulator.settlement_report(None, form))


@pytest.fixture
def imports(tmp_path: Path) -> Callable[..., str]:
    def imports(content: str, *options: str) -> str:
        path, out = tmp_path / "settlements", StringIO()
        path.write_text(content)
        call_command("import_settlement", str(path), *options, stdout=out)
        return out.getvalue()

    return imports


@pytest.fixture
def finds(imports: Callable[..., str]) -> Callable[..., Any]:
    return lambda content, *options: json.loads(imports(content, "--json", *options))


def edited(report: str, change: Callable[[list[dict[str, Any]]], Any]) -> str:
    """Return a report whose lines were changed, in the form that it has."""
    if report.startswith("{"):
        document = json.loads(report)
        for settlement in document["settlements"]:
            change(settlement["transactions"])
        return json.dumps(document)
    rows = list(csv.DictReader(StringIO(report)))
    columns = list(rows[0])
    change(rows)
    written = StringIO()
    writer = csv.DictWriter(written, columns)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def damage_ids(lines: list[dict[str, Any]]) -> None:
    """Do to ids what a spreadsheet does."""
    for number, line in enumerate(lines):
        for column in ("phonepe_id", "phonepeId"):
            if column in line:
                line[column] = f"2.6010{number}E+21"


def forget_orders(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        for column in ("merchant_order_id", "merchantOrderId"):
            if column in line:
                line[column] = "LOST"


RIGHT = {"phonepe_clearing": 0, "bank": 24_000_00 - FEE - TAX, "phonepe_fees": FEE, "gst_input": TAX, "suspense": 0}


class TestTheRightReportAfterADamagedOne:
    @pytest.mark.parametrize("form", ["csv", "json"])
    @pytest.mark.parametrize("damage", [damage_ids, forget_orders])
    def test_its_lines_replace_the_damaged_ones(
        self, form: str, damage: Any, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        imports(edited(report(form), damage))
        assert books() != RIGHT
        check_books()

        said = imports(report(form), "--strict")

        assert SettlementLine.objects.count() == 2
        assert set(SettlementLine.objects.values_list("outcome", flat=True)) == {"matched"}
        assert books() == RIGHT
        check_books()
        assert "corrected" in said
        assert "a report carries no version" in said

    def test_the_ledger_keeps_what_was_posted_and_posts_the_difference(
        self, report: Callable[..., str], imports: Callable[..., str], days: Days
    ) -> None:
        imports(edited(report(), damage_ids))
        row, before = Settlement.objects.get(), list(JournalEntry.objects.values_list("source", flat=True))
        first = JournalEntry.objects.latest("pk")
        days.pass_by(3600)

        imports(report())

        [correction] = JournalEntry.objects.exclude(source__in=before)
        assert (first.description, first.at) == (f"PhonePe's payout {row.utr}", row.settled_at)
        assert (correction.source, correction.at) == (f"settlement:{row}:2", days.now())
        assert correction.description == f"Correction of PhonePe's payout {row.utr}"
        posted = dict(correction.lines.values_list("account", "amount_paise"))
        assert posted == {
            "phonepe_clearing": -24_000_00,
            "phonepe_fees": FEE,
            "gst_input": TAX,
            "suspense": 24_000_00 - FEE - TAX,
        }

    def test_an_operator_is_told_that_what_was_posted_has_changed(
        self, report: Callable[..., str], imports: Callable[..., str], days: Days, second: Payment
    ) -> None:
        imports(report())

        imports(edited(report(), lambda lines: lines[1].update(net="8999", amount="8999")))

        sentence = Alert.objects.get().sentence
        assert f"corrected: PAYMENT {second.merchant_order_id}" in sentence
        assert "₹89.99, net ₹89.99 was PAYMENT" in sentence
        assert "net ₹9,000.00" in sentence

    def test_twice_changes_nothing(
        self, report: Callable[..., str], imports: Callable[..., str], finds: Callable[..., Any], days: Days
    ) -> None:
        imports(edited(report(), damage_ids))
        imports(report())
        Alert.objects.update(resolved_at=days.now())
        entries = JournalEntry.objects.count()

        found = finds(report())

        assert found["differs"] is False
        assert (found["settlements"][0]["corrections"], found["settlements"][0]["notes"]) == ([], [])
        assert JournalEntry.objects.count() == entries
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_a_dry_run_says_what_it_would_replace_and_replaces_nothing(
        self, report: Callable[..., str], imports: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        imports(edited(report(), damage_ids))
        before = books()

        dry = finds(report(), "--dry-run")

        assert books() == before
        assert set(SettlementLine.objects.values_list("phonepe_id", flat=True)) == {"2.60100E+21", "2.60101E+21"}
        assert len(dry["settlements"][0]["corrections"]) == 4
        assert {**dry, "dry_run": False} == finds(report())


class TestALine:
    def test_that_a_corrected_report_does_not_hold_is_posted_back(
        self, report: Callable[..., str], imports: Callable[..., str], second: Payment
    ) -> None:
        def add_one(lines: list[dict[str, Any]]) -> None:
            lines.append({**lines[1], "phonepe_id": "OMO-NOBODYS", "merchant_order_id": "NOBODYS"})

        imports(edited(report(), add_one))
        assert (balance("bank"), balance("suspense")) == (RIGHT["bank"] + 9_000_00, -9_000_00)

        said = imports(report(), "--strict")

        assert books() == RIGHT
        assert "PAYMENT NOBODYS (OMO-NOBODYS) ₹9,000.00, net ₹9,000.00 is gone" in said
        check_books()

    def test_of_ours_that_is_not_held_any_more_is_still_with_phonepe(
        self, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        imports(report())

        imports(edited(report(), lambda lines: lines.pop(1)))

        assert (balance("phonepe_clearing"), balance("bank")) == (9_000_00, RIGHT["bank"] - 9_000_00)
        check_books()

    def test_that_is_new_is_posted(self, report: Callable[..., str], imports: Callable[..., str]) -> None:
        imports(edited(report(), lambda lines: lines.pop(1)))

        said = imports(report(), "--strict")

        assert "₹9,000.00, net ₹9,000.00 is new" in said
        assert books() == RIGHT
        check_books()

    def test_with_another_fee_posts_the_difference(
        self, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        imports(edited(report(), lambda lines: lines[0].update(fee="-30000", net=str(15_000_00 - 300_00 - TAX))))
        assert balance("phonepe_fees") == 300_00

        imports(report(), "--strict")

        assert books() == RIGHT
        check_books()


class TestWhatAReportDoesNotName:
    @pytest.fixture
    def two(self, report: Callable[..., str], stranger: Caller, phonepe: PhonePe, days: Days) -> list[str]:
        """Two settlements, the second with ₹6,000.00; return their ids."""
        phonepe.pays(stranger.starts_rent("6000.00"))
        days.tick_for(21)
        settles(phonepe, days)
        return [settlement["settlementId"] for settlement in json.loads(report("json"))["settlements"]]

    def test_another_settlement_stays(
        self, two: list[str], report: Callable[..., str], imports: Callable[..., str], phonepe: PhonePe
    ) -> None:
        imports(report())

        imports(edited(str(phonepe.simulator.settlement_report(two[1], "csv")), damage_ids))

        assert SettlementLine.objects.filter(settlement__settlement_id=two[0], outcome="matched").count() == 2
        assert balance("phonepe_clearing") == 6_000_00

    @pytest.mark.parametrize("first_alone", [True, False])
    def test_a_line_that_moved_to_another_settlement_counts_there(
        self, first_alone: bool, two: list[str], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        """The second settlement's report held the first one's ₹9,000.00 too, and was imported first."""
        rows = list(csv.DictReader(StringIO(report())))
        of_the_second = edited(report(), lambda lines: lines.__setitem__(slice(2), []))
        wrong = edited(of_the_second, lambda lines: lines.append({**rows[1], "settlement_id": two[1]}))
        finds(wrong)
        if first_alone:
            [repeated] = finds(edited(report(), lambda lines: lines.pop(2)))["extra"]
            assert repeated["remark"] == f"settled before, in {two[1]}"
            found = finds(of_the_second)
        else:
            dry = finds(report(), "--dry-run")
            found = finds(report())
            assert {**dry, "dry_run": False} == found

        assert found["differs"] is False
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        assert set(SettlementLine.objects.values_list("outcome", flat=True)) == {"matched"}
        check_books()

    def test_so_does_one_beside_a_line_that_is_told_twice(
        self, two: list[str], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        rows = list(csv.DictReader(StringIO(report())))
        finds(
            edited(
                report(), lambda lines: lines.__setitem__(slice(3), [lines[2], {**rows[1], "settlement_id": two[1]}])
            )
        )
        twice = edited(report(), lambda lines: lines.insert(1, dict(lines[0])))

        dry = finds(twice, "--dry-run")
        found = finds(twice)

        assert {**dry, "dry_run": False} == found
        assert [line["remark"] for line in found["extra"]] == ["more than once in this settlement"]
        assert found["matched"] == 3

    @pytest.fixture
    def failed(self, two: list[str], report: Callable[..., str]) -> list[Any]:
        """The first settlement, which could not be paid out, and the second, which paid its ₹9,000.00 out too."""
        first, second = json.loads(report("json"))["settlements"]
        second["transactions"].append(first["transactions"][1])
        second["amount"] += 9_000_00
        return [{**first, "state": "ATTEMPT_FAILED"}, second]

    def test_a_line_of_a_settlement_that_failed_counts_in_another(
        self, failed: list[Any], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        finds(edited(report(), lambda lines: lines.pop(2)))  # as a CSV: it counts as paid out
        assert len(finds(json.dumps({"settlements": failed[1:]}))["extra"]) == 1

        finds(json.dumps({"settlements": failed[:1]}))

        assert (balance("phonepe_clearing"), balance("bank"), balance("suspense")) == (15_000_00, 15_000_00, 0)
        assert finds(json.dumps({"settlements": failed[1:]}))["extra"] == []
        check_books()

    def test_nor_does_it_count_where_one_file_tells_of_both(self, failed: list[Any], finds: Callable[..., Any]) -> None:
        found = finds(json.dumps({"settlements": failed}))

        assert found["extra"] == []
        assert (balance("phonepe_clearing"), balance("bank")) == (15_000_00, 15_000_00)


class TestAReportThatContradictsItself:
    def test_its_payout_is_not_what_its_lines_make(
        self, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        wrong = json.loads(report("json"))
        wrong["settlements"][0]["amount"] += 7

        said = imports(json.dumps(wrong))

        assert "PhonePe paid ₹23,663.77, its lines make ₹23,663.70" in said
        assert "PhonePe paid ₹0.07 more than its lines make" in Alert.objects.get().sentence
        check_books()

        assert "it was ₹23,663.77" in imports(report("json"), "--strict")
        assert books() == RIGHT
        check_books()

    def test_a_correction_that_moves_no_money_and_contradicts_is_told_too(
        self, report: Callable[..., str], imports: Callable[..., str], days: Days
    ) -> None:
        def add_one(lines: list[dict[str, Any]]) -> None:
            lines.append({**lines[1], "phonepeId": "OMO-NOBODYS", "merchantOrderId": "NOBODYS"})

        with_one_more = json.loads(edited(report("json"), add_one))
        with_one_more["settlements"][0]["amount"] += 9_000_00
        imports(json.dumps(with_one_more))
        Alert.objects.update(resolved_at=days.now())
        entries = JournalEntry.objects.count()
        with_one_more["settlements"][0]["transactions"].pop()

        imports(json.dumps(with_one_more))

        assert JournalEntry.objects.count() == entries  # its money was in suspense, and still is
        assert "₹9,000.00 more than its lines make" in Alert.objects.get(resolved_at=None).sentence


class TestAnOlderReport:
    def test_one_from_before_the_payout_is_known_by_its_state(
        self, report: Callable[..., str], imports: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        imports(report("json"))
        older = json.loads(edited(report("json"), lambda lines: lines.pop(1)))
        older["settlements"][0] |= {"state": "INITIATED", "amount": 1}

        found = finds(json.dumps(older))

        [settlement] = found["settlements"]
        assert "so it is older" in settlement["notes"][0]
        assert (settlement["state"], settlement["lines"], settlement["corrections"]) == ("PROCESSED", 2, [])
        assert books() == RIGHT
        check_books()

    def test_it_tells_the_lines_where_there_are_none_yet(
        self, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        whole = json.loads(report("json"))
        paid_out = {key: value for key, value in whole["settlements"][0].items() if key != "transactions"}
        imports(json.dumps(paid_out))
        whole["settlements"][0] |= {"state": "INITIATED", "amount": 1}

        imports(json.dumps(whole), "--strict")

        assert books() == RIGHT

    def test_one_with_lines_that_cannot_be_read_replaces_nothing(
        self, report: Callable[..., str], imports: Callable[..., str]
    ) -> None:
        imports(report())

        for column in ("amount", "settlement_id"):
            said = imports(edited(report(), lambda lines, column=column: lines[1].update({column: "?", "net": "8"})))
            assert "unreadable  Line 3" in said
            assert "is gone" not in said
        half = edited(report(), lambda lines: (lines[0].update(amount="1"), lines[1].update(net="")))

        said = imports(half)

        assert "has lines that cannot be read: the payout and the lines stay" in said
        assert books() == RIGHT
        check_books()

    def test_it_tells_what_is_not_known_yet_and_replaces_nothing(
        self, report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        [whole] = json.loads(report("json"))["settlements"]
        finds(json.dumps({"settlements": [{**whole, "utr": "", "date": None}]}))
        known = []

        for utr, day in (("", None), ("UTR-1", "2026-04-11"), ("UTR-2", "2026-04-12"), ("", None)):
            older = {**whole, "state": "INITIATED", "utr": utr, "date": day}
            [settlement] = finds(json.dumps({"settlements": [older]}))["settlements"]
            assert (settlement["notes"], settlement["corrections"]) == ([], [])
            known.append((settlement["utr"], settlement["settled_at"]))

        assert known == [("", None), *[("UTR-1", "2026-04-11T00:00:00+00:00")] * 3]
        assert books() == RIGHT

    @pytest.mark.parametrize(
        ("change", "is_news"),
        [
            (lambda told: told["transactions"].pop(), False),
            (lambda told: told.pop("amount"), False),
            (lambda told: told.update(amount=0), True),
            (lambda told: told["transactions"][1].update(tax=-1), True),
            (lambda told: told["transactions"][1].update(phonepeId="OMO-NOBODYS"), True),
        ],
    )
    def test_only_if_it_tells_something_else_it_is_named(
        self, change: Callable[[Any], Any], is_news: bool, report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        finds(report("json"))
        older = json.loads(report("json"))
        older["settlements"][0]["state"] = "INITIATED"
        change(older["settlements"][0])

        [settlement] = finds(json.dumps(older))["settlements"]

        stays = (
            "this file says INITIATED, PhonePe has said PROCESSED since, so it is older: "
            "the payout and the lines stay as they were imported before"
        )
        assert settlement["notes"] == ([stays] if is_news else [])
        assert books() == RIGHT


class TestAnAnswerAboutOneSettlement:
    @pytest.fixture
    def answer(self, report: Callable[..., str]) -> dict[str, Any]:
        [whole] = json.loads(report("json"))["settlements"]
        return {key: value for key, value in whole.items() if key not in ("transactions", "utr", "date")}

    def test_with_another_payout_corrects_that_alone(
        self, answer: dict[str, Any], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        first = finds(report("json"))["settlements"][0]
        assert (first["corrections"], first["notes"]) == ([], [])

        [found] = finds(json.dumps({**answer, "amount": answer["amount"] - 100}))["settlements"]

        assert found["corrections"] == ["the payout is ₹23,662.70, it was ₹23,663.70"]
        assert (found["notes"], found["unexplained"], found["lines"]) == ([], "-1.00", 2)
        assert (found["utr"], found["settled_at"]) == (first["utr"], first["settled_at"])
        assert books() == {**RIGHT, "bank": RIGHT["bank"] - 1_00, "suspense": 1_00}

    def test_of_nothing_is_a_payout_too(
        self, answer: dict[str, Any], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        finds(report("json"))
        finds(json.dumps({**answer, "amount": 0}))

        [found] = finds(report("json"))["settlements"]

        assert found["corrections"] == ["the payout is ₹23,663.70, it was ₹0.00"]
        assert books() == RIGHT

    def test_without_its_payout_leaves_that_to_an_older_report(
        self, answer: dict[str, Any], report: Callable[..., str], finds: Callable[..., Any]
    ) -> None:
        del answer["amount"]
        finds(json.dumps(answer))
        older = json.loads(report("json"))
        older["settlements"][0]["state"] = "INITIATED"

        finds(json.dumps(older))

        assert Settlement.objects.get().amount_paise == RIGHT["bank"]
        assert books() == RIGHT


class TestWhatAnOperatorIsTold:
    def test_it_is_told_when_it_was_paid_out_and_then_what_is_new(
        self, report: Callable[..., str], imports: Callable[..., str], days: Days
    ) -> None:
        [told] = json.loads(report("json"))["settlements"]
        strange = {**told["transactions"][1], "phonepeId": "OMO-NOBODYS", "merchantOrderId": "NOBODYS"}
        told |= {"transactions": [*told["transactions"], strange], "amount": told["amount"] + 9_000_00 + 1}
        early = {**told, "state": "INITIATED", "transactions": told["transactions"][1:]}
        imports(json.dumps({"settlements": [early]}))
        assert not Alert.objects.exists()
        assert balance("bank") == 0

        imports(json.dumps({"settlements": [told]}))

        assert Alert.objects.get().sentence == (
            "2 to look at; what does not fit is in suspense. PhonePe paid ₹0.01 more than its lines make; "
            "PAYMENT NOBODYS (OMO-NOBODYS) ₹9,000.00, net ₹9,000.00: not in our books."
        )
        Alert.objects.update(resolved_at=days.now())
        imports(json.dumps({"settlements": [told]}))
        assert not Alert.objects.filter(resolved_at=None).exists()

        imports(json.dumps({"settlements": [{**told, "amount": told["amount"] - 2}]}))

        assert Alert.objects.get(resolved_at=None).sentence == (
            "2 to look at; what does not fit is in suspense. PhonePe paid ₹0.01 less than its lines make; "
            "corrected: the payout is ₹32,663.69, it was ₹32,663.71."
        )

    def test_a_chargeback_is_told_once(
        self, report: Callable[..., str], imports: Callable[..., str], days: Days
    ) -> None:
        taken = {"type": "CHARGEBACK", "phonepeId": "OMD1", "merchantOrderId": "M1", "amount": -100, "net": -100}
        with_one = edited(report("json"), lambda lines: lines.append({**taken, "fee": 0, "tax": 0}))
        with_one = with_one.replace(str(RIGHT["bank"]), str(RIGHT["bank"] - 100))
        imports(with_one)

        told = Alert.objects.get()
        assert (told.kind, told.subject) == ("chargeback", Settlement.objects.get().settlement_id)
        assert told.sentence == (
            "1 to look at; what does not fit is in suspense. "
            "CHARGEBACK M1 (OMD1) -₹1.00, net -₹1.00: charged back; an operator decides."
        )
        Alert.objects.update(resolved_at=days.now())
        imports(with_one)
        assert not Alert.objects.filter(resolved_at=None).exists()


def test_a_line_with_another_order_alone_is_corrected(
    report: Callable[..., str], finds: Callable[..., Any], second: Payment
) -> None:
    finds(edited(report(), lambda lines: lines[1].update(merchant_order_id="LOST")))
    [line] = SettlementLine.objects.filter(merchant_order_id="LOST")

    [found] = finds(report())["settlements"]

    amounts = f"({line.phonepe_id}) ₹9,000.00, net ₹9,000.00"
    assert found["corrections"] == [f"PAYMENT {second.merchant_order_id} {amounts} was PAYMENT LOST {amounts}"]
    assert books() == RIGHT
    finds(edited(report(), forget_ours))
    assert finds(report())["settlements"][0]["corrections"] == []


def forget_ours(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        for column in {"merchant_order_id", "merchantOrderId", "merchant_refund_id", "merchantRefundId"} & line.keys():
            line[column] = ""


def test_a_line_without_our_ids_is_taken_for_nothing_that_phonepe_has_not_named_yet(
    owner: Caller, payment: Payment, phonepe: PhonePe, days: Days, imports: Callable[..., str]
) -> None:
    phonepe.pays(payment)
    days.tick_for(21)
    refunds(owner, payment, "5000.00")
    days.tick_for(60)
    settles(phonepe, days)
    told = edited(str(phonepe.simulator.settlement_report(None, "csv")), forget_ours)
    PaymentTransaction.objects.update(phonepe_order_id="")
    Refund.objects.update(refund_id="")

    imports(told)

    assert set(SettlementLine.objects.values_list("outcome", "remark")) == {("unknown", "not in our books")}


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_line_without_our_ids_is_known_by_phonepes(
    form: str,
    owner: Caller,
    payment: Payment,
    phonepe: PhonePe,
    days: Days,
    imports: Callable[..., str],
) -> None:
    phonepe.pays(payment)
    days.tick_for(21)
    refund = refunds(owner, payment, "5000.00")
    days.tick_for(60)
    settles(phonepe, days)

    said = imports(edited(str(phonepe.simulator.settlement_report(None, form)), forget_ours), "--strict")

    assert "matched     2 lines" in said
    known = {(line.type, line.merchant_order_id, line.merchant_refund_id) for line in SettlementLine.objects.all()}
    ours = payment.merchant_order_id
    assert known == {("PAYMENT", ours, ""), ("REFUND", ours, refund.merchant_refund_id)}
