"""Writes the lines of a settlement's report, with the mistakes that faults put into them."""

from dataclasses import replace

from phonepe_simulator.faults import Fault, FaultBox
from phonepe_simulator.ids import IdMint
from phonepe_simulator.settlements import Line, ReportLine, as_reported


class ReportWriter:
    def __init__(self, faults: FaultBox, mint: IdMint) -> None:
        self._faults = faults
        self._mint = mint
        self._again: list[ReportLine] = []

    def write(self, lines: tuple[Line, ...]) -> tuple[ReportLine, ...]:
        """Return the report on these lines; it is written once, so that each download tells the same."""
        written, self._again = self._again, []
        for line in lines:
            faults = self._faults.draw("settlement", line.type.value, line.merchant_order_id)
            fault = next(iter(faults), None)
            told = as_reported(line)
            written += [told] if fault is None else self._spoiled(told, fault)
        return tuple(written)

    def _spoiled(self, told: ReportLine, fault: Fault) -> list[ReportLine]:
        extra = 100 if fault.value is None else fault.value
        match fault.kind:
            case "report_line_missing":
                return []
            case "report_line_unknown":
                return [told, self._stranger(told)]
            case "report_line_repeated":
                return [told, told]
            case "report_line_in_two":
                self._again.append(told)
                return [told]
            case "report_wrong_amount":
                return [replace(told, amount=told.amount + extra, net=told.net + extra)]
            case "report_wrong_fee":
                return [replace(told, fee=told.fee - extra, net=told.net - extra)]
            case _:
                return [replace(told, net=told.net + extra)]

    def _stranger(self, told: ReportLine) -> ReportLine:
        """The same line about an order that the merchant never made."""
        number = self._mint.settlement_digits(22)
        refund_id = None if told.merchant_refund_id is None else f"NOBODYS-{number}"
        return replace(
            told,
            merchant_order_id=f"NOBODYS-{number}",
            merchant_refund_id=refund_id,
            phonepe_id=f"{'OMO' if refund_id is None else 'OMR'}{number}",
        )
