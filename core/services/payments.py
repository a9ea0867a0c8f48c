"""Tell how a payment stands, asking PhonePe inside the request where that can help."""

from datetime import datetime

from core.models import PAID, Cause, OrderState, PaymentTransaction, Purpose, Reconciliation, Status
from core.services.orders import ask_now

PATIENCE = 3.0  # seconds a person waits for PhonePe; then the stored state has to do
POLL_SOON, POLL_LATER = 3, 10  # seconds
YOUNG = 120  # seconds; most payers are done by then


def was_asked_about(order: PaymentTransaction, *, cause: Cause) -> bool:
    """Ask PhonePe about an order unless it is settled: True if it has to be read again."""
    if order.is_settled:
        return False
    ask_now(order, cause=cause, patience=PATIENCE)
    return True  # even if we did not ask ourselves: somebody else did just now


def state_for_payer(purpose: Purpose) -> OrderState:
    """Return PENDING, COMPLETED or FAILED, as a payer should understand it.

    A replaced order or one that never reached PhonePe has failed for its payer, though it is watched to its end;
    one that an operator has to decide about is pending.
    """
    if purpose.status in PAID:
        return OrderState.COMPLETED
    is_open = purpose.status == Status.PENDING or purpose.transaction.reconciliation_status == Reconciliation.MISMATCH
    return OrderState.PENDING if is_open else OrderState.FAILED


def poll_after(order: PaymentTransaction, *, now: datetime) -> int:
    """Return how many seconds an app should wait before it asks again."""
    return POLL_SOON if (now - order.initiated_at).total_seconds() < YOUNG else POLL_LATER
