"""What operators do about refunds."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from core.admin.acting import Act, ReasonForm
from core.admin.asking import told
from core.models import Refund
from core.models.payables import payable_of
from core.money import rupees_for_people
from core.services.payments.for_payer import TIMEOUT
from core.services.refunds import by_hand
from core.services.refunds.approval import PERMISSION, approve_refund, refuse_refund


class CloseForm(ReasonForm):
    is_paid = forms.TypedChoiceField(
        label="What is known",
        choices=[("", "Choose"), ("yes", "The payer has the money"), ("no", "It will never come")],
        coerce=lambda answer: answer == "yes",
        help_text="If PhonePe's dashboard paid it as another refund, choose that it will never come: the other one is "
        "then booked by itself.",
    )
    field_order = ("is_paid", "reason")


def _to_whom(refund: Refund) -> str:
    payable = payable_of(refund.transaction)
    return f"{rupees_for_people(refund.amount_paise)} to {payable.payer_name} ({payable.payer_sentence()})"


def _asked(refund: Refund) -> str:
    return f"{_to_whom(refund)}, asked for by {refund.requested_by or 'a command'}: {refund.reason}"


def _payer(refund: Refund) -> tuple[int]:
    return (payable_of(refund.transaction).payer_user_id,)


def _payer_and_asker(refund: Refund) -> tuple[int | None, ...]:
    return (*_payer(refund), refund.requested_by_id)


def _ask(refund: Refund, *, reason: str, by: Any, now: datetime) -> str:
    result = by_hand.ask_about_refund(refund, by=by, reason=reason, now=now, timeout=TIMEOUT)
    refund.refresh_from_db()
    return told(result, state=refund.state, books=refund.state)


def _approve(refund: Refund, *, reason: str, by: Any, now: datetime) -> str:
    sent = approve_refund(refund, by=by, reason=reason, now=now)
    why = f" ({sent.error_code})" if sent.error_code else ""
    return f"approved; it is {sent.state}{why}."


def _refuse(refund: Refund, *, reason: str, by: Any, now: datetime) -> str:
    refuse_refund(refund, by=by, reason=reason, now=now)
    return "refused; its amount can be refunded again."


def _close(refund: Refund, *, is_paid: bool, reason: str, by: Any, now: datetime) -> str:
    closed = by_hand.close_refund(refund, is_paid=is_paid, by=by, reason=reason, now=now, timeout=TIMEOUT)
    return f"closed as {closed.state}."


REFUND_ACTS = (
    Act(
        name="ask_phonepe",
        label="Ask PhonePe now",
        permission=lambda _: "core.ask_phonepe",
        explain=lambda refund: f"PhonePe is asked how it stands; our books say {refund.state}. {_to_whom(refund)}.",
        do=_ask,
    ),
    Act(
        name="approve_refund",
        label="Approve",
        permission=lambda _: PERMISSION,
        explain=lambda refund: f"it is sent to PhonePe at once: {_asked(refund)}.",
        do=_approve,
        fits=lambda refund: refund.awaits_approval,
        concerns=_payer_and_asker,
    ),
    Act(
        name="refuse_refund",
        label="Refuse",
        permission=lambda _: PERMISSION,
        explain=lambda refund: f"it ends, and PhonePe hears nothing of it: {_asked(refund)}.",
        do=_refuse,
        fits=lambda refund: refund.awaits_approval,
        concerns=_payer_and_asker,
    ),
    Act(
        name="close_refund",
        label="Close by hand",
        permission=lambda _: "core.close_refund",
        explain=lambda refund: (
            f"PhonePe is asked once more. If it has no final word, our books close this: {_to_whom(refund)}."
        ),
        do=_close,
        fits=lambda refund: by_hand.may_be_closed(refund, now=timezone.now()),
        concerns=_payer,
        form=CloseForm,
        at_once=0,
    ),
)
