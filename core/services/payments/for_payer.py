"""Tell how a payment stands, asking PhonePe inside the request where that can help."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import prefetch_related_objects
from django.utils import timezone

from core.db.connection import is_read_only
from core.errors import NotFound
from core.models import PAID, ChangeCause, OrderState, Payable, PaymentStatus, PaymentTransaction, Reconciliation, User
from core.services.payments.order_status import ask_now

logger = structlog.get_logger(__name__)
TIMEOUT = 3.0  # seconds a person waits for PhonePe; then the stored state has to do
# Seconds since an order was begun, and how long an app then waits before it asks again; most payers are done soon.
POLL_AFTER = ((10, 2), (30, 3), (60, 5), (120, 8), (600, 10))
POLL_AT_LAST = 30
UNDER_REVIEW = (
    "This payment arrived with another amount than was asked for. We are looking into it; please do not pay again."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payment stands for whoever may see it.

    :ivar poll_after: seconds an app should wait before it asks again; None once nothing more can come by asking
    """

    payment: Payable
    state: OrderState
    poll_after: int | None

    @property
    def under_review(self) -> bool:
        return is_under_review(self.payment)

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can come any more, also if nobody asks."""
        return self.payment.transaction.is_closed and not self.under_review

    @property
    def detail(self) -> str | None:
        """Return a sentence where the state alone would keep a person waiting."""
        return UNDER_REVIEW if self.under_review else None

    @property
    def merchant_order_id(self) -> str:
        return self.payment.merchant_order_id


def verify(kind: type[Payable], merchant_order_id: str, *, user: User) -> Standing:
    """Tell how a payment stands now, after asking PhonePe unless its order is closed or was asked about just now.

    :raises NotFound: if there is none that this user may see
    """
    payable = _seen(kind, merchant_order_id, user)
    if was_asked_about(payable.transaction, cause=ChangeCause.VERIFY):
        payable = _seen(kind, merchant_order_id, user)
    if payable.transaction.captured_paise:
        prefetch_related_objects([payable.transaction], "refunds")
    return standing_of(payable, now=timezone.now())


def standing_of(payable: Payable, *, now: datetime) -> Standing:
    """Tell how a payment stands, as far as it is known."""
    state = state_for_payer(payable)
    asking_helps = state == OrderState.PENDING and not is_under_review(payable)
    return Standing(payable, state, poll_after(payable.transaction, now=now) if asking_helps else None)


def is_known(payable: Payable, *, now: datetime) -> bool:
    """Tell whether `verify` would ask nobody now."""
    order = payable.transaction
    return order.is_closed or order.was_asked_recently(now)


def has_failed(payable: Payable) -> bool:
    """Tell whether there is a failure to be explained."""
    return state_for_payer(payable) == OrderState.FAILED


def _seen(kind: type[Payable], merchant_order_id: str, user: User) -> Payable:
    payable = kind.seen_by(user, merchant_order_id)
    if payable is None:
        raise NotFound("payment")
    return payable


def was_asked_about(order: PaymentTransaction, *, cause: ChangeCause) -> bool:
    """Ask PhonePe about an order unless it is closed; tell whether it has to be read again."""
    if order.is_closed:
        return False
    try:
        ask_now(order, cause=cause, timeout=TIMEOUT)
    except DatabaseError as error:
        if not is_read_only(error):
            raise
        logger.warning("not_asked_while_read_only", order=order.merchant_order_id)  # the stored state has to do
    return True  # even if we did not ask ourselves: somebody else did just now


def state_for_payer(payable: Payable) -> OrderState:
    """Return PENDING, COMPLETED or FAILED, as a payer should understand it.

    A replaced order or one that never reached PhonePe has failed for its payer, though it is watched to its end;
    one that an operator has to decide about is pending.
    """
    if payable.status in PAID:
        return OrderState.COMPLETED
    is_open = payable.status == PaymentStatus.PENDING or is_under_review(payable)
    return OrderState.PENDING if is_open else OrderState.FAILED


def is_under_review(payable: Payable) -> bool:
    """Tell whether money came that an operator has to decide about: asking again changes nothing."""
    return payable.transaction.reconciliation_status == Reconciliation.MISMATCH


def poll_after(order: PaymentTransaction, *, now: datetime) -> int:
    """Return how many seconds an app should wait before it asks again."""
    age = (now - order.initiated_at).total_seconds()
    return next((wait for younger_than, wait in POLL_AFTER if age < younger_than), POLL_AT_LAST)
