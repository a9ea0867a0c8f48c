"""Follow PhonePe where it says otherwise than what our books hold: its last word counts, and nothing is erased.

What came with another amount or order id than was asked for is held in suspense, until an operator decides or PhonePe
corrects itself. What was credited stays credited; by how much PhonePe's word differs goes to suspense, for an operator
to place. Called under the order's locks.
"""

from datetime import datetime

from core.models import AlertKind, ChangeCause, Payable, PaymentTransaction, Reconciliation, StateChange
from core.money import rupees_for_people
from core.services.ledger import posting
from core.services.operations.alerts import alert, end_alert
from core.services.phonepe.responses import OrderStatus, read_order_status

RECONCILIATION, AMOUNT, ORDER_ID = "reconciliation_status", "reported_amount", "reported_order"  # what changed
LONGEST = 32  # characters of an old and a new value in the history


def hold(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> None:
    """Keep what came apart for an operator, who is told; also if PhonePe now says otherwise of it than before."""
    order, came = payable.transaction, report.amount_paise or 0
    if order.reconciliation_status != Reconciliation.MISMATCH:
        _note(order, RECONCILIATION, order.reconciliation_status, Reconciliation.MISMATCH, report, cause, now)
        order.reconciliation_status = Reconciliation.MISMATCH
    else:
        told = last_told(order)
        if told.amount_paise != came:
            _note(order, AMOUNT, str(told.amount_paise), str(came), report, cause, now)
        elif told.order_id != report.order_id:
            _note(order, ORDER_ID, told.order_id[-LONGEST:], report.order_id[-LONGEST:], report, cause, now)
        else:
            return
    posting.record_suspense(order.merchant_order_id, came, at=now)
    sentence = (
        f"Asked for {rupees_for_people(order.amount_paise)} with order {order.phonepe_order_id}, "
        f"PhonePe reports {rupees_for_people(came)} with order {report.order_id}. Nothing was credited."
    )
    _tell(AlertKind.MISMATCH, order, sentence, now=now)


def release(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> None:
    """Take what was held out of suspense again, because PhonePe has corrected itself; an operator is told.

    The caller settles the order.
    """
    order = payable.transaction
    if order.reconciliation_status != Reconciliation.MISMATCH:
        return
    held = posting.came_with(order.merchant_order_id)
    _note(order, RECONCILIATION, Reconciliation.MISMATCH, Reconciliation.SETTLED, report, cause, now)
    posting.record_suspense(order.merchant_order_id, 0, at=now)
    end_alert(AlertKind.MISMATCH, order.merchant_order_id, now=now)
    sentence = (
        f"PhonePe reported {rupees_for_people(held)} for this order, and now says {report.state}, "
        f"{rupees_for_people(report.amount_paise or 0)}. Our books have followed; there is nothing to decide any more."
    )
    _tell(AlertKind.CONTRADICTION, order, sentence, now=now)


def correct_paid(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> bool:
    """Bring the books of a paid order to another sum that PhonePe says came; return whether it was another."""
    order, came = payable.transaction, report.amount_paise or 0
    before = posting.came_with(order.merchant_order_id)
    if came == before:
        return False
    _note(order, AMOUNT, str(before), str(came), report, cause, now)
    posting.record_suspense(order.merchant_order_id, came, at=now)
    apart = came - order.captured_paise
    rest = f"; {rupees_for_people(abs(apart))} {'more' if apart > 0 else 'less'} is in suspense, to be placed"
    sentence = (
        f"PhonePe said that {rupees_for_people(before)} came for this paid order, and now says "
        f"{rupees_for_people(came)}. It stays credited with {rupees_for_people(order.captured_paise)}"
        f"{rest if apart else ', and nothing of it is in suspense any more'}."
    )
    _tell(AlertKind.CONTRADICTION, order, sentence, now=now)
    return True


def last_told(order: PaymentTransaction) -> OrderStatus:
    """Return PhonePe's last answer about an order that is held."""
    told = order.changes.filter(what__in=(RECONCILIATION, AMOUNT, ORDER_ID)).latest("pk")
    return read_order_status(order.merchant_order_id, told.answer)


def _note(
    order: PaymentTransaction, what: str, old: str, new: str, report: OrderStatus, cause: ChangeCause, now: datetime
) -> None:
    StateChange.objects.create(
        transaction=order, what=what, old=old, new=new, cause=cause, answer=dict(report.raw), at=now
    )


def _tell(kind: AlertKind, order: PaymentTransaction, sentence: str, *, now: datetime) -> None:
    """Raise an alert in the place of one that says what PhonePe does not say any more."""
    end_alert(kind, order.merchant_order_id, now=now)
    alert(kind, order.merchant_order_id, sentence, now=now)
