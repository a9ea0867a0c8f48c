"""manage.py import_settlement: what is taken from a file, field by field, and what is named as unreadable."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import JournalEntry, LedgerLine, ReportedRefund, Settlement, SettlementLine
from tests.phonepe import Days

pytestmark = pytest.mark.django_db
COLUMNS = "settlement_id,settlement_utr,settlement_date,type,merchant_order_id,phonepe_id,amount,fee,tax,net"
HOW_TO_WRITE_IT = "write 2026-11-27, 2026-11-27T01:30:00+05:30 or milliseconds since 1970."


@pytest.fixture
def imports(tmp_path: Path) -> Callable[..., Any]:
    def imports(content: Any, *options: str) -> Any:
        path, out = tmp_path / "settlements", StringIO()
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        call_command("import_settlement", str(path), "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    return imports


def line(**told: Any) -> dict[str, Any]:
    return {"type": "PAYMENT", "phonepeId": "OMO1", "amount": 100, "fee": 0, "tax": 0, "net": 100, **told}


def report(*lines: Any, **told: Any) -> dict[str, Any]:
    return {"settlements": [{"settlementId": "S-1", "state": "PROCESSED", "transactions": lines, **told}]}


def csv_of(*rows: str) -> str:
    return "\n".join([COLUMNS, *rows, ""])


class TestTheDayOfAPayout:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("2026-11-27", datetime(2026, 11, 27, tzinfo=UTC)),
            ("2026-11-27T01:30:00+05:30", datetime(2026, 11, 26, 20, tzinfo=UTC)),
            ("2017-01-01", datetime(2017, 1, 1, tzinfo=UTC)),
            ("2286-12-31", datetime(2286, 12, 31, tzinfo=UTC)),
            ("1764207000123", datetime(2025, 11, 27, 1, 30, 0, 123_000, tzinfo=UTC)),
            (1_764_207_000_123, datetime(2025, 11, 27, 1, 30, 0, 123_000, tzinfo=UTC)),
            (None, None),
            (" ", None),
        ],
    )
    def test_it_is_read_as_a_date_an_instant_or_milliseconds(
        self, written: Any, read: datetime | None, imports: Callable[..., Any]
    ) -> None:
        found = imports(report(line(), date=written))

        assert Settlement.objects.get().settled_at == read
        assert found["unreadable"] == []

    @pytest.mark.parametrize(
        "written",
        ["27-11-2026", "2016-12-31", "2287-01-01", "0001-01-01T00:00:00+05:30", 1_764_207_000, True, {"day": 27}],
    )
    def test_what_cannot_be_its_day_is_named_and_nothing_of_it_is_posted(
        self, written: Any, imports: Callable[..., Any]
    ) -> None:
        found = imports(report(line(), date=written))

        assert found["unreadable"] == [
            f"Settlement S-1: its date {str(written)!r} is no date that can be read; {HOW_TO_WRITE_IT}"
        ]
        assert not Settlement.objects.exists()

    def test_an_answer_about_one_settlement_tells_when_it_changed_last(self, imports: Callable[..., Any]) -> None:
        answer = {"settlementId": "S-1", "state": "PROCESSED", "lastUpdatedAt": 1_764_207_000_123}
        imports(answer)
        imports({**answer, "settlementId": "S-2", "date": "2026-11-27"})

        first, second = Settlement.objects.order_by("pk")
        assert first.settled_at == datetime(2025, 11, 27, 1, 30, 0, 123_000, tzinfo=UTC)
        assert second.settled_at == datetime(2026, 11, 27, tzinfo=UTC)

    def test_a_payout_without_one_is_posted_under_the_day_of_its_import(
        self, imports: Callable[..., Any], days: Days
    ) -> None:
        imports(report(line()))

        assert JournalEntry.objects.get().at == days.now()

    def test_any_line_of_a_csv_tells_it_and_the_first_one_counts(self, imports: Callable[..., Any]) -> None:
        imports(
            csv_of(
                "S-1,,,PAYMENT,M1,OMO1,100,0,0,100",
                "S-1,UTR-1,2026-11-27,PAYMENT,M2,OMO2,100,0,0,100",
                "S-1,UTR-2,2026-11-28,PAYMENT,M3,OMO3,100,0,0,100",
                "S-1,,,PAYMENT,M4,OMO4,100,0,0,100",
            )
        )

        row = Settlement.objects.get()
        assert (row.utr, row.settled_at) == ("UTR-1", datetime(2026, 11, 27, tzinfo=UTC))

    def test_a_csv_whose_first_date_cannot_be_read_names_that(self, imports: Callable[..., Any]) -> None:
        found = imports(
            csv_of(
                "S-1,,27-11-2026,PAYMENT,M1,OMO1,100,0,0,100",
                "S-1,,28-11-2026,PAYMENT,M2,OMO2,100,0,0,100",
                "S-2,,2026-11-27,PAYMENT,M3,OMO3,100,0,0,100",
            )
        )

        why = f"its settlement_date '27-11-2026' is no date that can be read; {HOW_TO_WRITE_IT}"
        assert found["unreadable"] == [f"Settlement S-1: {why} Nothing of it is taken in."]
        assert [row.settlement_id for row in Settlement.objects.all()] == ["S-2"]


class TestALine:
    def test_everything_it_tells_is_kept(self, imports: Callable[..., Any]) -> None:
        told = {"merchantOrderId": "M1", "merchantRefundId": "R1", "phonepeId": "OMR1", "type": "REFUND"}
        imports(report(line(**told, amount="-500", fee=" 7 ", tax=1e2, net=-393.0)))

        row = SettlementLine.objects.get()
        assert (row.type, row.names, row.phonepe_id) == ("REFUND", ("M1", "R1"), "OMR1")
        assert row.numbers == (-500, 7, 100, -393)

    @pytest.mark.parametrize("paise", [10**16 - 1, -(10**16) + 1, "9" * 15, "-" + "9" * 15])
    def test_the_largest_amounts_are_read(self, paise: Any, imports: Callable[..., Any]) -> None:
        found = imports(report(line(amount=paise)))

        assert found["unreadable"] == []
        assert SettlementLine.objects.get().amount_paise == int(paise)

    @pytest.mark.parametrize(
        ("paise", "shown"),
        [
            (10**16, "'10000000000000000'"),
            (-(10**16), "'-10000000000000000'"),
            (1e16, "'1E+16'"),
            ("9" * 16, f"'{'9' * 16}'"),
            ("1.00", "'1.00'"),
            (100.5, "'100.5'"),
            (False, "'False'"),
            (None, "'None'"),
            ("9" * 40, f"'{'9' * 32}'"),
        ],
    )
    def test_what_is_no_amount_is_named(self, paise: Any, shown: str, imports: Callable[..., Any]) -> None:
        found = imports(report(line(), line(amount=paise)))

        [sentence] = found["unreadable"]
        assert sentence == f"Settlement S-1, transaction 2: its amount is no whole number of paise: {shown}."
        assert SettlementLine.objects.count() == 1

    @pytest.mark.parametrize(
        ("told", "longest"),
        [("type", 32), ("phonepeId", 64), ("merchantOrderId", 64), ("merchantRefundId", 64), ("settlementId", 64)],
    )
    def test_a_name_is_as_long_as_its_column_at_most(
        self, told: str, longest: int, imports: Callable[..., Any]
    ) -> None:
        def of_length(letters: int) -> Any:
            name = {told: "x" * letters}
            return report(line(), **name) if told == "settlementId" else report(line(**name))

        assert imports(of_length(longest))["unreadable"] == []
        assert SettlementLine.objects.count() == 1

        [sentence] = imports(of_length(longest + 1))["unreadable"]
        assert sentence.rpartition(": ")[2] in {
            "it has no type.",
            f"its {told} is longer than any id.",
            "it has no settlement id, or one that cannot be PhonePe's.",
        }
        assert SettlementLine.objects.count() == 1

    def test_lines_that_are_alike_are_numbered_where_they_may_be(self, imports: Callable[..., Any]) -> None:
        found = imports(report(line(), line(type="CHARGEBACK"), line(), line(type="CHARGEBACK"), line()))

        rows = SettlementLine.objects.order_by("pk").values_list("type", "occurrence", "outcome")
        assert list(rows) == [
            ("PAYMENT", 1, "unknown"),
            ("CHARGEBACK", 1, "chargeback"),
            ("PAYMENT", 2, "repeated"),
            ("CHARGEBACK", 2, "chargeback"),
            ("PAYMENT", 3, "repeated"),
        ]
        assert [each["remark"] for each in found["extra"]] == [
            "not in our books",
            "more than once in this settlement",
            "more than once in this settlement",
        ]


class TestARefundThatNobodyHereMade:
    def test_is_asked_about_by_its_id_if_that_can_be_one(self, imports: Callable[..., Any], days: Days) -> None:
        ids = ("R-1", "", "no id of ours!", "x" * 64)
        lines = [line(type="REFUND", phonepeId=f"OMR{i}", merchantRefundId=name) for i, name in enumerate(ids)]

        found = imports(report(*lines, line(merchantRefundId="R-2")))

        assert [each["remark"] for each in found["extra"]] == [
            "not in our books; PhonePe is asked about it",
            *["not in our books"] * 4,
        ]
        asked = ReportedRefund.objects.values_list("merchant_refund_id", "reported_by", "next_check_at")
        assert list(asked) == [("R-1", "The settlement S-1", days.now())]


class TestWhatDiffers:
    @pytest.mark.parametrize(
        "file",
        [
            report(line()),  # of an order that is not ours
            report(amount=500),  # a payout of nothing
            report(state="ON_HOLD"),
            [report(), *report(settlementId="S-2", amount=500)["settlements"]],
        ],
    )
    def test_each_thing_alone_is_enough(self, file: Any, imports: Callable[..., Any]) -> None:
        assert imports(file)["differs"] is True
        with pytest.raises(CommandError, match="differ"):
            imports(file, "--strict")

    def test_a_contradiction_of_phonepes_is_enough_too(self, imports: Callable[..., Any]) -> None:
        assert imports(report())["differs"] is False

        found = imports(report(state="ATTEMPT_FAILED"))

        assert found["settlements"][0]["remarks"] == [
            "PhonePe says ATTEMPT_FAILED of a settlement that it had PROCESSED"
        ]
        assert found["differs"] is True


class TestAReport:
    def test_without_lines_and_without_a_payout_posts_nothing(self, imports: Callable[..., Any]) -> None:
        found = imports(report(), "--strict")

        assert found["settlements"][0] | {"notes": []} == {
            "settlement_id": "S-1",
            "state": "PROCESSED",
            "state_is_assumed": False,
            "utr": "",
            "settled_at": None,
            "lines": 0,
            "is_paid_out": True,
            "payout": "0.00",
            "unexplained": "0.00",
            "remarks": [],
            "corrections": [],
            "notes": [],
        }
        assert not JournalEntry.objects.exists()
        call_command("check_books", stdout=StringIO())

    def test_a_file_of_several_documents_is_read_one_after_the_other(self, imports: Callable[..., Any]) -> None:
        imports([report(line()), {"settlementId": "S-2", "state": "INITIATED", "amount": 7, "utr": "U"}])

        told = Settlement.objects.order_by("pk").values_list("settlement_id", "state", "amount_paise", "utr")
        assert list(told) == [("S-1", "PROCESSED", None, ""), ("S-2", "INITIATED", 7, "U")]

    def test_that_begins_with_an_empty_line_is_none(self, imports: Callable[..., Any]) -> None:
        with pytest.raises(CommandError, match="neither JSON nor a settlement report: no column settlement_id"):
            imports("\n" + csv_of("S-1,,,PAYMENT,M1,OMO1,100,0,0,100"))

    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_what_is_still_unreadable_of_it_leaves_out_nothing_that_was_known(
        self, form: str, imports: Callable[..., Any]
    ) -> None:
        """A line that cannot be read might be any of those that are missing."""

        def told(*amounts: str) -> Any:
            if form == "csv":
                return csv_of(*(f"S-1,,,PAYMENT,M,OMO{i},{paise},0,0,100" for i, paise in enumerate(amounts)))
            return report(*(line(phonepeId=f"OMO{i}", amount=paise) for i, paise in enumerate(amounts)))

        imports(told("100", "100", "100"))

        found = imports(told("100", "?"))

        assert len(found["unreadable"]) == 1
        assert found["settlements"][0]["corrections"] == []
        assert SettlementLine.objects.count() == 3
        assert LedgerLine.objects.get(account="bank").amount_paise == 300


class TestAnOrdersAnswer:
    def answer(self, *parts: Any, **told: Any) -> dict[str, Any]:
        details = {"state": "PROCESSED", "splitSettlementDetails": parts}
        return {"orderId": "OMO1", "merchantOrderId": "M1", "settlementDetails": {**details, **told}}

    def part(self, **told: Any) -> dict[str, Any]:
        taken = {"fee": -635, "commission": -65, "sgst": -57, "cgst": -56, "igst": -3}
        amounts = {"transactionAmount": 47_900, "settlementAmount": 47_084, "settlementDeduction": taken}
        when = {"utr": "UTR-1", "timestamp": 1_750_354_845_203}
        return {"settlementId": "S-1", **when, "amountBreakup": amounts, **told}

    def test_tells_when_where_and_how_much_was_settled(self, imports: Callable[..., Any]) -> None:
        found = imports(self.answer(self.part()))

        row = Settlement.objects.get()
        assert (row.settlement_id, row.state, row.utr) == ("S-1", "PROCESSED", "UTR-1")
        assert row.settled_at == datetime(2025, 6, 19, 17, 40, 45, 203_000, tzinfo=UTC)
        [told] = SettlementLine.objects.all()
        assert (told.type, told.names, told.phonepe_id) == ("PAYMENT", ("M1", ""), "OMO1")
        assert (told.numbers, told.unexplained_paise) == ((47_900, -700, -116, 47_084), 0)
        [settlement] = found["settlements"]
        assert (settlement["is_paid_out"], settlement["payout"], settlement["unexplained"]) == (False, "470.84", "0.00")
        assert not JournalEntry.objects.exists()

    def test_deductions_that_it_leaves_out_are_none(self, imports: Callable[..., Any]) -> None:
        amounts = {"transactionAmount": 47_900, "settlementAmount": 47_265, "settlementDeduction": {"fee": -635}}

        imports(self.answer(self.part(amountBreakup=amounts)))

        assert SettlementLine.objects.get().numbers == (47_900, -635, 0, 47_265)

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"settlementId": "?"}, "it has no settlement id, or one that cannot be PhonePe's."),
            ({"amountBreakup": 7}, "its transactionAmount is no whole number of paise: 'None'."),
            (
                {"amountBreakup": {"transactionAmount": 1, "settlementAmount": 1}},
                "its fee is no whole number of paise: 'None'.",
            ),
        ],
    )
    def test_a_part_that_cannot_be_read_is_named_and_the_others_are_taken(
        self, wrong: dict[str, Any], sentence: str, imports: Callable[..., Any]
    ) -> None:
        found = imports(self.answer(self.part(**wrong), self.part(settlementId="S-2")))

        assert found["unreadable"] == [f"Order OMO1: {sentence}"]
        assert [row.settlement_id for row in Settlement.objects.all()] == ["S-2"]

    @pytest.mark.parametrize("parts", [None, 7, {}])
    def test_without_parts_tells_nothing(self, parts: Any, imports: Callable[..., Any]) -> None:
        found = imports(self.answer(splitSettlementDetails=parts))

        assert (found["settlements"], found["unreadable"]) == ([], [])
