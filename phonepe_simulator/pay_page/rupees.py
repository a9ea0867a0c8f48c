"""Amounts as a payer reads them."""


def rupees(paise: int) -> str:
    """Return an amount with Indian digit groups, for instance ₹12,34,567.00."""
    whole, rest = divmod(paise, 100)
    return f"₹{_grouped(str(whole))}.{rest:02d}"


def _grouped(digits: str) -> str:
    """Group the last three digits, and every two before them."""
    head, tail = digits[:-3], digits[-3:]
    parts = [tail]
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ",".join(parts)
