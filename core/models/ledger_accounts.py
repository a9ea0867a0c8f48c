"""The accounts of the books. A debit is positive, a credit negative."""

PHONEPE_CLEARING = "phonepe_clearing"  # what PhonePe has taken for us and not yet paid out
BANK = "bank"  # what PhonePe has paid out
PHONEPE_FEES = "phonepe_fees"
GST_INPUT = "gst_input"  # the tax in PhonePe's fees, which the tax authority gives back
REFUNDS_IN_FLIGHT = "refunds_in_flight"
SUSPENSE = "suspense"  # money that an operator has to place
WRITTEN_OFF = "written_off"  # suspense that was nobody's: a debit is our loss, a credit our gain
RENT_BILLED = "rent_billed"  # rent charged and not yet paid; against the tenancies' receivables
SUBSCRIPTION_INCOME = "subscription_income"
GST = "gst"
OWNERS = "owner:"  # what the accounts of owners begin with


def tenancy_receivable(tenancy_id: int) -> str:
    """Return the account of what a tenancy owes."""
    return f"tenancy:{tenancy_id}:receivable"


def owner_payable(owner_id: int) -> str:
    """Return the account of rent that was taken for an owner."""
    return f"owner:{owner_id}:payable"
