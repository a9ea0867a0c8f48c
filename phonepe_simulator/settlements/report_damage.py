"""Writes the lines of a settlement's report, with the mistakes that faults put into them."""

from dataclasses import replace

from phonepe_simulator.faults.active import ActiveFaults
from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.ids import IdGenerator
from phonepe_simulator.settlements.settlement import Line, ReportLine, as_reported


class ReportWriter:
    def __init__(self, faults: ActiveFaults, ids: IdGenerator) -> None:
        self._faults = faults
        self._ids = ids
        self._again: list[ReportLine] = []

    def write(self, lines: tuple[Line, ...]) -> tuple[ReportLine, ...]:
        """Return the report on these lines; it is written once, so that every download is the same."""
        written, self._again = self._again, []
        for line in lines:
            faults = self._faults.draw("settlement", line.type.value, line.merchant_order_id)
            fault = next(iter(faults), None)
            true = as_reported(line)
            written += [true] if fault is None else self._damaged(true, fault)
        return tuple(written)

    def _damaged(self, true: ReportLine, fault: Fault) -> list[ReportLine]:
        extra = 100 if fault.value is None else fault.value
        match fault.kind:
            case "report_line_missing":
                return []
            case "report_line_unknown":
                return [true, self._about_unknown_order(true)]
            case "report_line_repeated":
                return [true, true]
            case "report_line_in_two":
                self._again.append(true)
                return [true]
            case "report_wrong_amount":
                return [replace(true, amount=true.amount + extra, net=true.net + extra)]
            case "report_wrong_fee":
                return [replace(true, fee=true.fee - extra, net=true.net - extra)]
            case _:
                return [replace(true, net=true.net + extra)]

    def _about_unknown_order(self, true: ReportLine) -> ReportLine:
        """Return the same line, but about an order that the merchant never made."""
        number = self._ids.settlement_digits(22)
        refund_id = None if true.merchant_refund_id is None else f"NOBODYS-{number}"
        return replace(
            true,
            merchant_order_id=f"NOBODYS-{number}",
            merchant_refund_id=refund_id,
            phonepe_id=f"{'OMO' if refund_id is None else 'OMR'}{number}",
        )
