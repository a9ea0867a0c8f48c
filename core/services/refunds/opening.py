"""Open a refund: its row, its share of what can be refunded, and its journal entry, all at once."""

import secrets
from datetime import datetime
from decimal import Decimal
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from core.errors import OwnPayment
from core.models import AlertKind, Payable, PaymentTransaction, Reconciliation, Refund, RefundKind, RefundState, User
from core.models.refunds import ASKED_BY_A_PERSON
from core.money import rupees_for_people
from core.services.ledger import posting
from core.services.operations.alerts import alert
from core.services.operations.permission import Operator

logger = structlog.get_logger(__name__)


def refuse_payer(payable: Payable, by: Operator) -> None:
    """Let nobody decide about a payment of their own, whatever they are besides its payer.

    :raises OwnPayment: if that is the payer
    """
    if isinstance(by, User) and by.pk == payable.payer_user_id:
        raise OwnPayment


def open_refund(
    payable: Payable,
    amount_paise: int,
    *,
    kind: RefundKind,
    reason: str,
    now: datetime,
    send_at: datetime | None = None,
    user: User | None = None,
    retry_of: Refund | None = None,
) -> Refund:
    """Create the row of a refund and take its amount out of what can be refunded. Called under the locks.

    A tick sends it: its `sent_at` is empty. One that a person asks for waits for a second person's approval if it goes
    beyond the limit; its amount is taken out all the same, so that nothing else spends it meanwhile.

    :param send_at: from when on; left out: now
    :raises OwnPayment: if the payer asks for it
    """
    refuse_payer(payable, user)
    order = payable.transaction
    refund = Refund(
        transaction=order,
        merchant_refund_id=f"ZLR-{secrets.token_urlsafe(16)}",
        amount_paise=amount_paise,
        kind=kind,
        reason=reason,
        requested_by=user,
        retry_of=retry_of,
        initiated_at=now,
        next_check_at=send_at or now,
    )
    if kind in ASKED_BY_A_PERSON and goes_beyond_limit(order, amount_paise):
        refund.state, refund.reconciliation_status = RefundState.AWAITING_APPROVAL, Reconciliation.SETTLED
        refund.next_check_at = None
    refund.save()
    count_refund(refund, payable, now=now)
    if refund.awaits_approval:
        sentence = f"A refund of {rupees_for_people(amount_paise)} waits for a second person's approval: {reason}"
        alert(AlertKind.REFUND_APPROVAL, refund.merchant_refund_id, sentence[:500], now=now)
    return refund


def goes_beyond_limit(order: PaymentTransaction, amount_paise: int) -> bool:
    """Tell whether a refund takes a second person, alone or with earlier ones of its payment that nobody approved.

    Called under the locks: no two refunds of an order are weighed at the same time.
    """
    if settings.REFUND_APPROVAL_ABOVE is None:
        return False
    unapproved = order.refunds.filter(kind__in=ASKED_BY_A_PERSON, approved_by=None).exclude(state=RefundState.FAILED)
    before: int = unapproved.aggregate(sum=Sum("amount_paise", default=0))["sum"]
    return before + amount_paise > int(Decimal(settings.REFUND_APPROVAL_ABOVE).scaleb(2))


def count_refund(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Take a new refund's amount out of what can be refunded, and post its start. Called under the locks."""
    order = payable.transaction
    posting.record_refund_started(refund, payable, order.refunding_paise, at=now)
    order.refunding_paise += refund.amount_paise
    order.save(update_fields=["refunding_paise", "updated_at"])
    said = {"refund": refund.merchant_refund_id, "amount_paise": refund.amount_paise, "kind": str(refund.kind)}
    transaction.on_commit(partial(logger.info, "refund_opened", order=order.merchant_order_id, **said))
