"""What can be wrong with a request, in words for a person and a code for a program."""

from typing import Any

from core.money import rupees_for_people


class DomainError(Exception):
    """Base of every refusal that reaches a client. `views.problems` renders it.

    The first line of a subclass's docstring is what the API's schema says that its code means.
    """

    code = "refused"
    status_code = 400
    retry_after: int | None = None

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class InvalidField(DomainError):
    """A field is not what it must be; `errors` names it."""

    code = "invalid"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, errors={field: [sentence]})


class AmountAboveDue(InvalidField):
    """More rent was offered than is due."""

    code = "amount_above_due"

    def __init__(self, due_paise: int) -> None:
        due = f"You can pay at most {rupees_for_people(due_paise)}." if due_paise > 0 else "No rent is due now."
        super().__init__("amount", due)


class RestTooSmall(InvalidField):
    """A part was offered that would leave less due than can be paid."""

    code = "rest_too_small"

    def __init__(self, rest_paise: int) -> None:
        super().__init__(
            "amount",
            f"This would leave {rupees_for_people(rest_paise)} due, less than the smallest payment of ₹1.00. "
            "Pay all of it, or leave at least ₹1.00.",
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
            "PhonePe did not answer in time, so we do not know yet whether the payment was started. "
            "You have not been charged twice; try again in a moment."
        )


class PhonePeRefused(DomainError):
    """PhonePe did not accept the payment; nothing was charged."""

    code = "phonepe_refused"
    status_code = 502

    def __init__(self) -> None:
        super().__init__("PhonePe did not accept this payment. Nothing was charged. Try again, or contact support.")


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

    def __init__(self, running_paise: int) -> None:
        super().__init__(
            f"A refund of {rupees_for_people(running_paise)} of this payment is under way. "
            "Another can be made when that has ended."
        )


class NothingLeftToRefund(DomainError):
    """All of the payment, or all but a little, has been paid back."""

    code = "nothing_left_to_refund"
    status_code = 409

    def __init__(self, left_paise: int) -> None:
        super().__init__(f"{rupees_for_people(left_paise)} is left of this payment; nothing can be refunded.")


class RefundAboveRest(DomainError):
    """More was asked back than is left of the payment."""

    code = "refund_above_rest"
    status_code = 422

    def __init__(self, left_paise: int) -> None:
        sentence = f"At most {rupees_for_people(left_paise)} is left of this payment."
        super().__init__(sentence, errors={"amount": [sentence]})


class PhonePeRefusedRefund(DomainError):
    """PhonePe did not accept the refund; nothing was paid back."""

    code = "phonepe_refused"
    status_code = 502

    def __init__(self) -> None:
        super().__init__("PhonePe did not accept this refund. Nothing was paid back; try again, or contact support.")


class NotUnderReview(DomainError):
    """Staff decide on an order that waits for no decision."""

    code = "not_under_review"
    status_code = 409

    def __init__(self, sentence: str = "Nothing came with this order that waits for a decision.") -> None:
        super().__init__(sentence)


class WebhookRefused(Exception):
    """The Authorization header of a webhook is not PhonePe's."""
