"""What operators do about an order, and so about what was paid with it."""

from typing import Any

from django.utils import timezone

from core.admin.acting import Act, ReasonForm
from core.admin.asking import told
from core.admin.money import RupeesField
from core.models import NOT_ENDED, PAID, Alert, AlertKind, PaymentTransaction, Reconciliation
from core.models.payables import payable_of
from core.money import rupees_for_people
from core.services.ledger.posting import came_with
from core.services.payments import by_hand, mismatches
from core.services.payments.for_payer import TIMEOUT
from core.services.refunds.by_hand import refund_payment, refund_permission
from core.services.refunds.requesting import can_be_refunded, refundable_paise


class RefundForm(ReasonForm):
    amount = RupeesField(label="Amount in ₹", required=False, help_text="Left empty: all that is left.")
    field_order = ("amount", "reason")


def _whose(order: PaymentTransaction) -> str:
    payable = payable_of(order)
    return f"{payable.payer_name}, {payable.payer_sentence()}"


def _refund(order: PaymentTransaction, *, amount: int | None, reason: str, by: Any, now: Any) -> str:
    refund = refund_payment(payable_of(order), amount_paise=amount, reason=reason, by=by, now=now)
    money = rupees_for_people(refund.amount_paise)
    if refund.awaits_approval:
        return f"{money} waits for a second person's approval, as refund {refund}."
    return f"{money} is on its way back, as refund {refund}."


def _ask(order: PaymentTransaction, *, reason: str, by: Any, now: Any) -> str:
    result = by_hand.ask_about_order(order, by=by, reason=reason, now=now, timeout=TIMEOUT)
    order.refresh_from_db()
    fresh = PaymentTransaction.objects.get(pk=order.pk)
    return told(result, state=fresh.state, books=payable_of(fresh).status)


def _accept(order: PaymentTransaction, *, reason: str, by: Any, now: Any) -> str:
    payable = mismatches.accept(order.merchant_order_id, by=by, reason=reason, now=now)
    return f"decided; our books say {payable.status}."


def _send_back(order: PaymentTransaction, *, reason: str, by: Any, now: Any) -> str:
    payable = mismatches.send_back(order.merchant_order_id, by=by, reason=reason, now=now)
    waits = payable.transaction.refunds.filter(state__in=NOT_ENDED).latest("pk").awaits_approval
    return "it goes back once a second person has approved that." if waits else "it is on its way back."


def _give_up(order: PaymentTransaction, *, reason: str, by: Any, now: Any) -> str:
    payable = by_hand.give_up_order(order, by=by, reason=reason, now=now, timeout=TIMEOUT)
    return f"given up; our books say {payable.status}."


def _take_back(order: PaymentTransaction, *, reason: str, by: Any, now: Any) -> str:
    by_hand.take_back_failed(order, by=by, reason=reason, now=now, timeout=TIMEOUT)
    return "what was credited is missing in suspense now; place it there."


def _payer(order: PaymentTransaction) -> tuple[int]:
    return (payable_of(order).payer_user_id,)


def _is_said_to_have_failed(order: PaymentTransaction) -> bool:
    told = Alert.objects.filter(kind=AlertKind.CONTRADICTION, subject=order.merchant_order_id, resolved_at=None)
    return payable_of(order).status in PAID and told.exists()


def _is_mismatch(order: PaymentTransaction) -> bool:
    return order.reconciliation_status == Reconciliation.MISMATCH


def _came(order: PaymentTransaction) -> str:
    return f"{rupees_for_people(came_with(order.merchant_order_id))} came from {_whose(order)}"


ORDER_ACTS = (
    Act(
        name="ask_phonepe",
        label="Ask PhonePe now",
        permission=lambda _: "core.ask_phonepe",
        explain=lambda order: f"PhonePe is asked about it; our books say {payable_of(order).status}. {_whose(order)}.",
        do=_ask,
    ),
    Act(
        name="refund",
        label="Refund",
        permission=lambda order: refund_permission(payable_of(order)),
        explain=lambda order: (
            f"up to {rupees_for_people(refundable_paise(payable_of(order)))} goes back to {_whose(order)}."
        ),
        do=_refund,
        fits=lambda order: can_be_refunded(payable_of(order)),
        concerns=_payer,
        form=RefundForm,
        at_once=0,
    ),
    Act(
        name="accept_mismatch",
        label="Keep what came",
        permission=lambda _: mismatches.PERMISSION,
        explain=lambda order: f"{_came(order)}, and counts as paid; what is more than was due goes back by itself.",
        do=_accept,
        fits=_is_mismatch,
        concerns=_payer,
    ),
    Act(
        name="refund_mismatch",
        label="Send back what came",
        permission=lambda _: mismatches.PERMISSION,
        explain=lambda order: f"{_came(order)}, and all of it goes back; nothing is delivered for it.",
        do=_send_back,
        fits=_is_mismatch,
        concerns=_payer,
    ),
    Act(
        name="take_back_failed",
        label="Take back: it failed",
        permission=lambda _: mismatches.PERMISSION,
        explain=lambda order: (
            f"PhonePe is asked once more. If it says that this order failed, {rupees_for_people(order.captured_paise)} "
            f"of {_whose(order)} is missing in suspense, to be placed; the payment stays completed."
        ),
        do=_take_back,
        fits=_is_said_to_have_failed,
        concerns=_payer,
        at_once=0,
    ),
    Act(
        name="give_up_order",
        label="Give up",
        permission=lambda _: "core.give_up_order",
        explain=lambda order: (
            f"PhonePe is asked once more. If it does not know this order of {rupees_for_people(order.amount_paise)} "
            f"({_whose(order)}), it is closed as never paid."
        ),
        do=_give_up,
        fits=lambda order: by_hand.may_be_given_up(order, now=timezone.now()),
        concerns=_payer,
    ),
)
