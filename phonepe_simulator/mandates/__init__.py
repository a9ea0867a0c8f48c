"""AutoPay: mandates, the debits that are announced and made under them, and the page on which a payer decides."""
