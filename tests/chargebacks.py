"""What a payer's bank takes back, as a settlement shows it."""

from core.models import Payment, Settlement, SettlementLine


def charges_back(payment: Payment, paise: int, *, settlement: str) -> None:
    """A settlement takes so much back."""
    row = Settlement.objects.create(
        settlement_id=settlement, state="PROCESSED", imported_at=payment.created_at, entries=0
    )
    SettlementLine.objects.create(
        settlement=row, type="CHARGEBACK", merchant_order_id=payment.merchant_order_id, phonepe_id=settlement,
        amount_paise=-paise, fee_paise=0, tax_paise=0, net_paise=-paise, outcome="chargeback",
    )  # fmt: skip
