"""Orders, attempts to pay them, and refunds."""
