"""The settlement report as a merchant downloads it. README.md promises its format, because programs read it."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from phonepe_simulator.clock import iso_seconds
from phonepe_simulator.messages import json_bytes
from phonepe_simulator.settlements.settlement import ReportLine, Settlement, SettlementState

COLUMNS = (
    "settlement_id",
    "settlement_utr",
    "settlement_date",
    "type",
    "merchant_order_id",
    "merchant_refund_id",
    "phonepe_id",
    "amount",
    "fee",
    "tax",
    "net",
)


def report(settlements: Iterable[Settlement], form: str) -> str:
    """Return the report as text.

    :raises ValueError: if the form is neither csv nor json
    """
    if form not in ("csv", "json"):
        raise ValueError("A report's format is csv or json.")
    return _as_csv(settlements) if form == "csv" else _as_json(settlements)


def _as_csv(settlements: Iterable[Settlement]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for settlement in settlements:
        # A line has no column for the state, so money that has not arrived must not appear.
        if settlement.state is not SettlementState.ATTEMPT_FAILED:
            writer.writerows(_row(settlement, line) for line in settlement.reported)
    return text.getvalue()


def _row(settlement: Settlement, line: ReportLine) -> tuple[str | int, ...]:
    return (
        settlement.settlement_id,
        settlement.utr,
        iso_seconds(settlement.at),
        line.type,
        line.merchant_order_id,
        line.merchant_refund_id or "",
        line.phonepe_id,
        line.amount,
        line.fee,
        line.tax,
        line.net,
    )


def _as_json(settlements: Iterable[Settlement]) -> str:
    return json_bytes({"settlements": [_document(settlement) for settlement in settlements]}).decode()


def _document(settlement: Settlement) -> dict[str, Any]:
    return {
        "settlementId": settlement.settlement_id,
        "utr": settlement.utr,
        "date": iso_seconds(settlement.at),
        "state": settlement.state.value,
        "amount": settlement.amount,
        "transactions": [_transaction(line) for line in settlement.reported],
    }


def _transaction(line: ReportLine) -> dict[str, Any]:
    return {
        "type": line.type,
        "merchantOrderId": line.merchant_order_id,
        "merchantRefundId": line.merchant_refund_id,
        "phonepeId": line.phonepe_id,
        "amount": line.amount,
        "fee": line.fee,
        "tax": line.tax,
        "net": line.net,
    }
