"""What PhonePe keeps of a payment, compared with what was agreed."""

from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.models import Payment, SettlementLine
from tests.phonepe import Days, PhonePe, settles


@pytest.fixture
def line(payment: Payment, phonepe: PhonePe, days: Days, tmp_path: Path, settings: Any, request: Any) -> SettlementLine:
    """The line of ₹15,000.00 paid by card, of which PhonePe keeps ₹285.00, or in another way."""
    how, agreed = request.param if isinstance(request.param, tuple) else ("CARD", request.param)
    settings.PHONEPE_AGREED_FEES = {name: Decimal(percent) for name, percent in agreed.items()}
    phonepe.pays(payment, mode=how)
    days.tick_for(21)
    settled = settles(phonepe, days)
    report = tmp_path / "report.csv"
    report.write_text(phonepe.simulator.settlement_report(settled.settlement_id))
    call_command("import_settlement", str(report), stdout=StringIO())
    return SettlementLine.objects.get()


@pytest.mark.parametrize("line", [{"CARD": "1.9"}, {}, {"UPI": "0", "NET_BANKING": "1"}], indirect=True)
def test_what_was_agreed_or_nobody_agreed_on_matches(line: SettlementLine) -> None:
    assert (line.outcome, line.remark) == ("matched", "")


@pytest.mark.parametrize("line", [{"CARD": "1.89993"}, {"CARD": "1.90007"}], indirect=True)
def test_a_paisa_to_either_side_is_rounding(line: SettlementLine) -> None:
    assert (line.outcome, line.remark) == ("matched", "")


@pytest.mark.parametrize("line", [{"CARD": "1.89987"}, {"CARD": "1.90013"}], indirect=True)
def test_two_paise_to_either_side_are_not(line: SettlementLine) -> None:
    assert line.outcome == "different"


@pytest.mark.parametrize("line", [{"CARD": "1.8934"}], indirect=True)
def test_a_fee_wrong_by_a_rupee_is_different(line: SettlementLine) -> None:
    assert line.outcome == "different"
    assert line.remark == "PhonePe kept a fee of ₹285.00, agreed are ₹284.01"


@pytest.mark.parametrize(
    ("line", "fee"),
    [
        (("UPI_QR", {"UPI": "0", "CARD": "1", "NET_BANKING": "1"}), 0),
        (("NET_BANKING", {"NET_BANKING": "1.5", "UPI": "1"}), -225_00),
    ],
    indirect=["line"],
)
def test_each_mode_has_its_own(line: SettlementLine, fee: int) -> None:
    assert (line.fee_paise, line.outcome, line.remark) == (fee, "matched", "")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (("UPI_INTENT", {"UPI": "1"}), "₹0.00"),
        (("UPI_QR", {"UPI": "1"}), "₹0.00"),
        (("NET_BANKING", {"NET_BANKING": "1"}), "₹225.00"),
    ],
    indirect=["line"],
)
def test_another_fee_than_was_agreed_for_it_is_different(line: SettlementLine, kept: str) -> None:
    assert line.outcome == "different"
    assert line.remark == f"PhonePe kept a fee of {kept}, agreed are ₹150.00"
