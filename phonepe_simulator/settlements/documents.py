"""Settlements as they appear in PhonePe's API and webhooks."""

from typing import Any

from phonepe_simulator.clock import epoch_millis
from phonepe_simulator.settlements.fees import Deduction
from phonepe_simulator.settlements.settlement import Line, Settlement

Document = dict[str, Any]


def settlement_status(settlement: Settlement, merchant_id: str) -> Document:
    error_code, error_description = settlement.failure
    return {
        "settlementId": settlement.settlement_id,
        "state": settlement.state.value,
        "utr": settlement.utr,
        "amount": settlement.amount,
        "merchantId": merchant_id,
        # The documentation says that these two come with a failed attempt only, but its samples have them empty.
        "lastAttemptErrorCode": error_code,
        "lastAttemptErrorDescription": error_description,
        "lastUpdatedAt": epoch_millis(settlement.updated_at),
    }


def settlement_in_range(settlement: Settlement) -> Document:
    return {
        "state": settlement.state.value,
        "settlementId": settlement.settlement_id,
        "utr": settlement.utr,
        "date": epoch_millis(settlement.at),
    }


def order_settlement(payout: tuple[Settlement, Line] | None) -> Document:
    """Return the settlementDetails of an order: the payout that its payment was part of, if there was one."""
    if payout is None:
        return {"state": "NOT_INITIATED"}
    settlement, line = payout
    part = {
        "type": line.instrument,
        "settlementId": settlement.settlement_id,
        "utr": settlement.utr,
        "timestamp": epoch_millis(settlement.at),
        "amountBreakup": {
            "transactionAmount": line.amount,
            "settlementAmount": line.net,
            "settlementDeduction": _deduction(line.deduction),
        },
    }
    return {"state": settlement.state.value, "splitSettlementDetails": [part]}


def _deduction(deduction: Deduction) -> Document:
    return {
        "sgst": deduction.sgst,
        "cgst": deduction.cgst,
        "igst": 0,
        "fee": deduction.fee,
        "commission": 0,
    }
