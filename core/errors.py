"""What can be wrong with a request, in words for a person and a code for a program."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from core.india import day_in_india, day_written, in_india
from core.money import rupees, rupees_for_people

Figure = str | int


def instant(moment: datetime) -> str:
    """Return "2026-11-27T10:15:00Z", as the API says it."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


class DomainError(Exception):
    """Base of every refusal that reaches a client. `views.problems` renders it.

    The first line of a subclass's docstring is what the API's schema says that its code means.

    :cvar figures: what `params` may hold, for sentences in other languages
    """

    code = "refused"
    status_code = 400
    retry_after: int | None = None
    figures: ClassVar[tuple[str, ...]] = ()

    def __init__(self, detail: str, *, params: Mapping[str, Figure] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra | ({"params": dict(params)} if params else {})


class InvalidField(DomainError):
    """A field is not what it must be; `errors` names it."""

    code = "invalid"

    def __init__(self, field: str, sentence: str, *, params: Mapping[str, Figure] | None = None) -> None:
        super().__init__(sentence, params=params, errors={field: [sentence]})


class AmountAboveDue(InvalidField):
    """More rent was offered than is due."""

    code = "amount_above_due"
    figures = ("due",)

    def __init__(self, due_paise: int) -> None:
        due = f"You can pay at most {rupees_for_people(due_paise)}." if due_paise > 0 else "No rent is due now."
        super().__init__("amount", due, params={"due": rupees(due_paise)} if due_paise > 0 else None)


class RestTooSmall(InvalidField):
    """A part was offered that would leave less due than can be paid."""

    code = "rest_too_small"
    figures = ("rest",)

    def __init__(self, rest_paise: int) -> None:
        super().__init__(
            "amount",
            f"This would leave {rupees_for_people(rest_paise)} due, less than the smallest payment of ₹1.00. "
            "Pay all of it, or leave at least ₹1.00.",
            params={"rest": rupees(rest_paise)},
        )


class NotFound(DomainError):
    """There is nothing here of that name, or not for the asker to see."""

    code = "not_found"
    status_code = 404

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class AlreadyPaid(DomainError):
    """What was asked to be paid is paid; nothing more was charged."""

    code = "already_paid"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("This payment has already gone through. Nothing more was charged.")


class UnderReview(DomainError):
    """An earlier payment waits for Zelton's staff; paying again is possible after that."""

    code = "payment_under_review"
    status_code = 409

    def __init__(self) -> None:
        super().__init__(
            "An earlier payment arrived with another amount than was asked for. "
            "We are looking into it; you can pay again once that is settled."
        )


class StillRunning(DomainError):
    """Somebody is doing just this at the moment."""

    code = "still_running"
    status_code = 409
    retry_after = 2

    def __init__(self, detail: str = "This payment is being started right now. Try again in a moment.") -> None:
        super().__init__(detail)


class KeyUsedOtherwise(DomainError):
    """The Idempotency-Key came before with another request."""

    code = "idempotency_key_reused"
    status_code = 422

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was already used for another request. Use a new key for a new request.")


class PhonePeDidNotAnswer(DomainError):
    """PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key."""

    code = "phonepe_unknown"
    status_code = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(
            "PhonePe did not answer in time, so this payment has not started yet. Nothing has been charged. "
            "Try again in a moment; it goes on where it stopped."
        )


class LastPaymentUnknown(DomainError):
    """PhonePe has not said how the last payment stands, so no other takes its place; ask again."""

    code = "phonepe_unknown"
    status_code = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(
            "PhonePe did not say in time how your last payment stands, so no new one was started. "
            "Nothing more has been charged. Try again in a moment."
        )


class PhonePeRefused(DomainError):
    """PhonePe did not accept the payment; nothing was charged."""

    code = "phonepe_refused"
    status_code = 502

    def __init__(self) -> None:
        super().__init__("PhonePe did not accept this payment. Nothing was charged. Try again, or contact support.")


class OtherPlanRunning(DomainError):
    """Another plan is paid for, and this one or this period can only begin when that has ended: change the plan."""

    code = "other_plan_running"
    status_code = 409
    figures = ("plan", "until")

    def __init__(self, plan: str, until: datetime) -> None:
        super().__init__(
            f"Your {plan} plan is paid until {day_written(until)}. A smaller plan or a shorter period can begin then: "
            "change the plan, and nothing is charged before.",
            params={"plan": plan, "until": day_in_india(until).isoformat()},
        )


class NothingDue(DomainError):
    """The upgrade costs less than can be paid; change the plan, and nothing is charged."""

    code = "nothing_due"
    status_code = 409
    figures = ("plan",)

    def __init__(self, plan: str) -> None:
        super().__init__(
            f"The rest of this period costs less than ₹1.00 more in the {plan} plan. "
            "Change the plan, and nothing is charged.",
            params={"plan": plan},
        )


class PaymentWaits(DomainError):
    """A payment for the subscription has been started and can still be paid."""

    code = "payment_waits"
    status_code = 409
    figures = ("amount", "until")

    def __init__(self, amount_paise: int, until: datetime) -> None:
        super().__init__(
            f"A payment of {rupees_for_people(amount_paise)} is waiting. "
            f"Finish it, or wait until it ends at {in_india(until):%H:%M}.",
            params={"amount": rupees(amount_paise), "until": instant(until)},
        )


class NoSubscription(DomainError):
    """No subscription runs, or it is not in a state in which this can be done."""

    code = "no_subscription"
    status_code = 409


class AutopayNotPossible(DomainError):
    """AutoPay cannot be set up for this plan and period as the subscription stands; the sentence says why."""

    code = "autopay_not_possible"
    status_code = 409
    figures = ("limit",)


class AutopayRunning(DomainError):
    """AutoPay is set up already, and covers the price."""

    code = "autopay_running"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("AutoPay is set up already. Cancel it first if you want to set it up in another way.")


class SetupWaits(DomainError):
    """An AutoPay setup can still be approved, which would be another one or would pay the period itself."""

    code = "autopay_setup_waits"
    status_code = 409
    figures = ("amount",)

    def __init__(self, *, pays_paise: int | None = None) -> None:
        """:param pays_paise: what is paid with it, where it is in the way of another payment"""
        if pays_paise is None:
            super().__init__(
                "You have just begun to set AutoPay up in another way. "
                "Approve it in your UPI app, or try again in ten minutes."
            )
        else:
            super().__init__(
                f"AutoPay waits for your approval in your UPI app, which pays {rupees_for_people(pays_paise)} at once. "
                "Approve it there, or cancel AutoPay here to pay in another way.",
                params={"amount": rupees(pays_paise)},
            )


class NotRefundable(DomainError):
    """The payment has not gone through."""

    code = "not_refundable"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("Only a payment that has gone through can be refunded.")


class RefundRunning(DomainError):
    """Another refund of the payment is under way."""

    code = "refund_running"
    status_code = 409
    figures = ("amount",)

    def __init__(self, running_paise: int, *, awaits_approval: bool = False) -> None:
        how = "waits for approval" if awaits_approval else "is under way"
        super().__init__(
            f"A refund of {rupees_for_people(running_paise)} of this payment {how}. "
            "Another can be made when that has ended.",
            params={"amount": rupees(running_paise)},
        )


class PaymentDisputed(DomainError):
    """The payer disputes the payment with their bank, or has had it back from there."""

    code = "payment_disputed"
    status_code = 409

    def __init__(self) -> None:
        super().__init__(
            "The payer disputes this payment with their bank, or has had the money back from there. "
            "A refund would pay it back twice."
        )


class NothingLeftToRefund(DomainError):
    """All of the payment, or all but a little, has been paid back."""

    code = "nothing_left_to_refund"
    status_code = 409
    figures = ("left",)

    def __init__(self, left_paise: int) -> None:
        super().__init__(
            f"Only {rupees_for_people(left_paise)} is left of this payment; the smallest refund is ₹1.00."
            if left_paise
            else "Nothing is left of this payment; all of it has been refunded.",
            params={"left": rupees(left_paise)} if left_paise else None,
        )


class RefundAboveRest(DomainError):
    """More was asked back than is left of the payment."""

    code = "refund_above_rest"
    status_code = 422
    figures = ("left",)

    def __init__(self, left_paise: int) -> None:
        sentence = f"At most {rupees_for_people(left_paise)} is left of this payment."
        super().__init__(sentence, params={"left": rupees(left_paise)}, errors={"amount": [sentence]})


class RefundRestTooSmall(InvalidField):
    """A part was asked back that would leave less than can ever be refunded."""

    code = "refund_rest_too_small"
    figures = ("rest",)

    def __init__(self, rest_paise: int) -> None:
        super().__init__(
            "amount",
            f"This would leave {rupees_for_people(rest_paise)} of the payment, less than the smallest refund of ₹1.00. "
            "Refund all of it, or leave at least ₹1.00.",
            params={"rest": rupees(rest_paise)},
        )


class PhonePeRefusedRefund(DomainError):
    """PhonePe did not accept the refund; nothing was paid back."""

    code = "phonepe_refused"
    status_code = 502

    def __init__(self) -> None:
        super().__init__("PhonePe did not accept this refund. Nothing was paid back; try again, or contact support.")


class RefundNotApproved(DomainError):
    """The second person, whom a refund of this size takes, refused it; nothing was paid back."""

    code = "refund_not_approved"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("This refund was not approved. Nothing was paid back; you can ask for another.")


class NotAwaitingApproval(DomainError):
    """The refund waits for nobody's approval, or not any more."""

    code = "not_awaiting_approval"
    status_code = 409

    def __init__(self, state: str) -> None:
        super().__init__(f"This refund does not wait for approval: it is {state}.")


class OwnRequest(DomainError):
    """Whoever asked for a refund does not decide whether it is approved."""

    code = "own_request"
    status_code = 403

    def __init__(self) -> None:
        super().__init__("You asked for this refund yourself, so somebody else has to approve or refuse it.")


class MissingPermission(DomainError):
    """Staff lack the permission that this takes."""

    code = "permission_denied"
    status_code = 403

    def __init__(self, permission: str) -> None:
        super().__init__(f"This takes the permission {permission}. Ask an administrator for it.")


class OwnRent(DomainError):
    """A tenant decides nothing about what they owe themselves."""

    code = "own_rent"
    status_code = 403

    def __init__(self) -> None:
        super().__init__("This is your own rent, so somebody else has to decide about it.")


class OwnPayment(DomainError):
    """Whoever made a payment decides nothing about it; somebody else has to."""

    code = "own_payment"
    status_code = 403

    def __init__(self) -> None:
        super().__init__("You made this payment yourself, so somebody else has to decide whether it is paid back.")


class AlreadyReversed(DomainError):
    """The charge has been reversed."""

    code = "already_reversed"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("This charge has been reversed already.")


class NotUnderReview(DomainError):
    """Staff decide on an order that waits for no decision."""

    code = "not_under_review"
    status_code = 409

    def __init__(self, sentence: str = "Nothing came with this order that waits for a decision.") -> None:
        super().__init__(sentence)


class AlreadyResolved(DomainError):
    """The alert has been resolved."""

    code = "already_resolved"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("This alert has been resolved already.")


class CannotBeDoneNow(DomainError):
    """What staff want to do does not fit how things stand; the sentence says why."""

    code = "cannot_be_done_now"
    status_code = 409


class WebhookRefused(Exception):
    """The Authorization header of a webhook is not PhonePe's."""
