"""PhonePe's payouts: made each day at eleven; an operator reads the report now and then, and at the end."""

from datetime import timedelta

from django.utils import timezone

from core.services.settlements import files
from core.services.settlements.importing import import_settlements
from phonepe_simulator import Simulator
from phonepe_simulator.settlements.settlement import SettlementState
from zelton_backend.simulation.violation import Violation

PATIENCE = timedelta(days=2)
FORMATS = ("csv", "json")


class Settlements:
    """
    :param simulator: pays out daily from now on, each payout reaching the bank so many seconds later
    """

    def __init__(self, simulator: Simulator, *, reach_bank_after: float) -> None:
        self._simulator = simulator
        self.reach_bank_after = reach_bank_after
        simulator.change_settings(settlement_at="11:00", settlement_processed_after=reach_bank_after)

    def imports(self, written: str) -> str:
        """Read the report on all payouts until now.

        :param written: csv or json
        """
        if not self._simulator.settlements:
            return "nothing is paid out yet"
        told = files.read(self._simulator.settlement_report(format=written).encode())
        report = import_settlements(told, grace=PATIENCE, dry_run=False, now=timezone.now())
        return f"{len(report.settlements)} settlements"

    def hold_at_the_end(self) -> None:
        """:raises Violation: if a line of a report does not match our books, or what came was not paid out"""
        if not self._simulator.settlements:
            return
        told = files.read(self._simulator.settlement_report(format="json").encode())
        report = import_settlements(told, grace=PATIENCE, dry_run=True, now=timezone.now())
        for each in report.settlements:
            for line in each.lines:
                if line.outcome != "matched":
                    raise Violation(f"{line.merchant_order_id} is {line.outcome} in {each.settlement}: {line.remark}")
            if each.unexplained_paise or each.remarks:
                raise Violation(f"{each.settlement} does not fit: {each.unexplained_paise} paise, {each.remarks}")
        for gone in report.missing:
            raise Violation(f"{gone.merchant_order_id or gone.merchant_refund_id} is in no settlement")


def paid_out(simulator: Simulator) -> int:
    """Return the paise of all payments, less refunds, that have reached the bank, before fees."""
    done = [each for each in simulator.settlements.values() if each.state is SettlementState.PROCESSED]
    return sum(line.amount for each in done for line in each.lines)
