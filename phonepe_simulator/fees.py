"""What PhonePe keeps of a payment: its fee, and the tax on that fee."""

from dataclasses import dataclass

from phonepe_simulator.modes import Mode
from phonepe_simulator.settings import Settings

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Deduction:
    """Paise taken off a payment; negative, as PhonePe writes them."""

    fee: int = 0
    cgst: int = 0
    sgst: int = 0

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst


NOTHING = Deduction()


def deduction_from(amount: int, mode: Mode, settings: Settings) -> Deduction:
    fee = share(amount, _rate(mode, settings))
    tax = share(fee, settings.gst_on_fee_bp)
    # Two halves that always make up the whole; the odd paisa is the central one.
    sgst = tax // 2
    return Deduction(fee=-fee, cgst=-(tax - sgst), sgst=-sgst)


def share(amount: int, basis_points: int) -> int:
    """Return so many ten-thousandths of an amount, half a paisa rounded up."""
    return (amount * basis_points + WHOLE // 2) // WHOLE


def _rate(mode: Mode, settings: Settings) -> int:
    if mode is Mode.CARD:
        return settings.card_fee_bp
    return settings.net_banking_fee_bp if mode is Mode.NET_BANKING else settings.upi_fee_bp
