"""The journal, read once more from its first entry: what must follow from it is compared with what we stored."""

from collections import Counter, defaultdict

from core.models import (
    EntryKind,
    LedgerLine,
    OwnerSubscriptionPayment,
    PaymentStatus,
    PaymentTransaction,
    Purpose,
    Refund,
    RefundKind,
    RefundState,
    SubscriptionPeriod,
    Tenancy,
)
from core.models.ledger import REFUND_KINDS
from core.models.ledger_accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT
from core.models.payables import payable_of
from zelton_backend.simulation.violation import Violation

CAPTURES = (
    EntryKind.CAPTURE,
    EntryKind.PLACING,
)  # the entry of an order that was paid, and of one that an operator accepted
NOT_ITS_OWN = (PHONEPE_CLEARING, REFUNDS_IN_FLIGHT, "suspense")


class Journal:
    """
    :ivar owed: what each receivable holds in the end
    :ivar too_much: of each capture, how much of it was more than its tenancy owed at that moment
    :ivar kept: what each order leaves in the accounts of who paid and who is paid
    """

    def __init__(self) -> None:
        self.owed = Counter[str]()
        self.too_much: dict[str, int] = {}
        self.kept: dict[str, Counter[str]] = defaultdict(Counter)
        orders = dict(Refund.objects.values_list("merchant_refund_id", "transaction__merchant_order_id"))
        lines = LedgerLine.objects.order_by("entry_id", "pk")
        for kind, name, account, paise in lines.values_list("entry__kind", "entry__subject", "account", "amount_paise"):
            order = orders.get(name) if kind in REFUND_KINDS else name if kind in CAPTURES else None
            if account.endswith(":receivable"):
                if kind in CAPTURES:
                    self.too_much[name] = max(0, -paise - max(0, self.owed[account]))
                self.owed[account] += paise
            if order is not None and account not in NOT_ITS_OWN:
                self.kept[order][account] += paise


def holds() -> None:
    """:raises Violation: if surplus, status, what is outstanding or what a refund takes back is not what follows"""
    journal = Journal()
    for order in PaymentTransaction.objects.filter(captured_paise__gt=0).order_by("pk"):
        name, payable = order.merchant_order_id, payable_of(order)
        if isinstance(payable, OwnerSubscriptionPayment):
            right: set[int | None] = {
                order.captured_paise if for_nothing else 0 for for_nothing in _for_nothing(payable)
            }
        else:
            right = {journal.too_much.get(name)}
        if order.surplus_paise not in right:
            raise Violation(f"{name} has a surplus of {order.surplus_paise} paise, and by the journal {right}")
        back = sum(each.amount_paise for each in order.refunds.all() if each.state == RefundState.COMPLETED)
        if payable.status != _status(order.captured_paise, back):
            raise Violation(f"{name} is {payable.status}, and {back} of {order.captured_paise} paise went back")
        if order.refunding_paise == order.captured_paise and any(journal.kept[name].values()):
            raise Violation(f"{name} goes back whole, and leaves {dict(journal.kept[name])}")
    owing = Tenancy.objects.with_outstanding().values_list("pk", "outstanding")  # type: ignore[misc]
    for tenancy, outstanding in owing:
        if journal.owed[f"tenancy:{tenancy}:receivable"] != outstanding:
            raise Violation(f"{outstanding} paise are outstanding of tenancy {tenancy}, and by the journal another sum")


def _for_nothing(payment: OwnerSubscriptionPayment) -> set[bool]:
    """Tell whether a subscription's money is for nothing, so that it goes back whole: then it has opened no period.

    Of what an operator sent back it may be either: there may have been nothing to pay for any more, or there was.
    """
    goes_back_always = payment.was_replaced() or (
        payment.renews_from is None and payment.mandate is not None and payment.mandate.workflow == "PENNY_DROP"
    )
    others = payment.subscription.payments.filter(opened_period__isnull=False)
    was_overtaken = others.filter(renews_from__isnull=False).exists() or (
        payment.mandate is not None and payment.subscription.mandates.filter(pk__gt=payment.mandate.pk).exists()
    )
    may_go_back = payment.renews_from is not None or payment.purpose == Purpose.UPGRADE or was_overtaken
    opened_nothing = not SubscriptionPeriod.objects.filter(payment=payment).exists()
    if goes_back_always or not may_go_back or not opened_nothing:
        return {goes_back_always}
    was_sent_back = payment.transaction.refunds.filter(kind=RefundKind.MISMATCH).exists()
    return {True, False} if was_sent_back else {True}


def _status(captured: int, back: int) -> PaymentStatus:
    if back == 0:
        return PaymentStatus.COMPLETED
    return PaymentStatus.REFUNDED if back == captured else PaymentStatus.PARTIALLY_REFUNDED
