"""What PhonePe keeps of a payment: its fee, and the tax on that fee."""

from dataclasses import dataclass

from phonepe_simulator.payments.attempts import AnyMode
from phonepe_simulator.payments.modes import Mode
from phonepe_simulator.settings import Settings

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Deduction:
    """Paise taken off a payment; negative, as PhonePe writes them. CGST and SGST are the halves of the GST."""

    fee: int = 0
    cgst: int = 0
    sgst: int = 0

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst


NOTHING = Deduction()


def deduction_from(amount: int, mode: AnyMode, settings: Settings) -> Deduction:
    fee = share(amount, _rate(mode, settings))
    tax = share(fee, settings.gst_on_fee_bp)
    # The two halves always add up to the tax; an odd paisa goes to the central one.
    sgst = tax // 2
    return Deduction(fee=-fee, cgst=-(tax - sgst), sgst=-sgst)


def share(amount: int, basis_points: int) -> int:
    """Return `basis_points` ten-thousandths of an amount in paise, with half a paisa rounded up."""
    return (amount * basis_points + WHOLE // 2) // WHOLE


def _rate(mode: AnyMode, settings: Settings) -> int:
    if mode is Mode.CARD:
        return settings.card_fee_bp
    return settings.net_banking_fee_bp if mode is Mode.NET_BANKING else settings.upi_fee_bp
