"""What an order can pay for. The order machinery knows this page and no other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self, cast

from django.db import models
from django.db.models import Exists, F, OuterRef

from core.db.prepared import Param, Prepared, insert, update
from core.models.history import ChangeCause, StateChange
from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.refunds import Refund, know_of_no_refunds
from core.models.taken_back import with_taken_back


class PaymentStatus(models.TextChoices):
    """Our word on an attempt to pay."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


PAID = (PaymentStatus.COMPLETED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)

MOVES: dict[PaymentStatus, set[PaymentStatus]] = {
    PaymentStatus.PENDING: {PaymentStatus.COMPLETED, PaymentStatus.FAILED, PaymentStatus.CANCELLED},
    PaymentStatus.FAILED: {PaymentStatus.COMPLETED},  # PhonePe can report success after a failure
    PaymentStatus.CANCELLED: {PaymentStatus.COMPLETED},  # an order that was replaced can still be paid
    PaymentStatus.COMPLETED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED},
    PaymentStatus.PARTIALLY_REFUNDED: {PaymentStatus.COMPLETED, PaymentStatus.REFUNDED},  # back when a refund fails
    PaymentStatus.REFUNDED: {PaymentStatus.COMPLETED, PaymentStatus.PARTIALLY_REFUNDED},
}


class IllegalMove(Exception):
    """MOVES does not allow this."""


class Payable(models.Model):
    """One attempt to pay for something, 1:1 with its PhonePe order.

    A subclass says what it pays for, which row decides about surplus, and what follows from the money.

    :cvar kind_for_people: what kind of thing it is, as lists show it
    :cvar payer: the relation to the row that pays, under whose lock arriving money is weighed
    :cvar way_to_payer: the relations to the user who pays
    :cvar captured_fields: what `note_capture` sets
    :cvar ledger_relations: the relations from which its journal entries are written, read together with it
    :cvar display_relations: the relations that are shown with it
    """

    kind_for_people: ClassVar[str]
    payer: ClassVar[str]
    way_to_payer: ClassVar[str]
    captured_fields: ClassVar[tuple[str, ...]] = ("receipt",)
    ledger_relations: ClassVar[tuple[str, ...]] = ()
    display_relations: ClassVar[tuple[str, ...]] = ()
    can_pay_again = False  # set where that is to be shown
    transaction: models.OneToOneField[PaymentTransaction, PaymentTransaction]
    merchant_order_id = models.CharField(max_length=63, unique=True, editable=False)
    status = models.CharField(max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING)
    receipt = models.JSONField(
        null=True, blank=True, editable=False, help_text="What its receipt says, as it was when the money was captured."
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.merchant_order_id

    @classmethod
    def seen_by(cls, user: User, merchant_order_id: str) -> Self | None:
        """Return the attempt with its order as they are now, if there is one and this user may see it."""
        if user.may(f"core.view_{cls._meta.model_name}"):
            found: Self | None = _shown(cls).filter(merchant_order_id=merchant_order_id).first()
            return found
        return next(iter(_named_and_seen(cls).rows(merchant_order_id=merchant_order_id, user=user.pk)), None)

    @classmethod
    def of_payer_with_token(cls, token_key: str, merchant_order_id: str) -> list[Self]:
        """Return an attempt without refunds as it is now, once for each log-in of its payer with this key of a token.

        In one statement, with the payer, and with the log-in's `token_digest` and `token_expiry` beside it.
        """
        found: list[Self] = _without_refunds(cls).rows(token_key=token_key, merchant_order_id=merchant_order_id)
        for attempt in found:
            know_of_no_refunds(attempt.transaction)
        return found

    @classmethod
    def with_something_due(cls, attempts: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Leave the attempts whose payer has something to pay for; what is bought can be bought again."""
        return attempts

    def may_be_refunded_by(self, user: User) -> bool:
        """Tell whether somebody may ask for a refund of it; never whoever pays it."""
        raise NotImplementedError

    def lock_payer(self) -> None:
        """Lock the row that pays; always the first lock taken."""
        lock_payer(type(self), getattr(self, f"{self.payer}_id"))

    @property
    def payer_user(self) -> User:
        """Return the user who pays it."""
        payer: Any = self
        for relation in self.way_to_payer.split("__"):
            payer = getattr(payer, relation)
        return cast("User", payer)

    @property
    def payer_user_id(self) -> int:
        """Return the key of the user who pays it."""
        raise NotImplementedError

    @property
    def payer_name(self) -> str:
        raise NotImplementedError

    def locked(self) -> Self:
        """Lock this row and its order, and return both as they are now. Called under the payer's lock."""
        found: Self = _locked(type(self)).one(pk=self.pk)
        return found

    def note_capture(self, amount_paise: int) -> int:
        """Note whose the money is and what its receipt will say, and return how much of it is more than was due.

        Called under the payer's lock; the move to completed saves it. Whatever is sold, renamed or charged later,
        changes nothing of it.
        """
        raise NotImplementedError

    def overtaken(self) -> "Sequence[Payable]":
        """Return what waits to be paid and is not wanted any more once this is paid: it is called off."""
        return ()

    def deliver(self, *, now: datetime) -> None:
        """Do what the money was for, once. Called under the payer's lock, after the move to completed."""
        raise NotImplementedError

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        """Return what a capture of so much posts against PhonePe's clearing, by account; they sum to minus it."""
        raise NotImplementedError

    def after_refunds(self, refunded_paise: int, *, now: datetime) -> None:  # noqa: ARG002 - for a subclass
        """Do what follows when so much in all has been paid back. Called under the payer's lock."""
        return

    def after_sent_back(self, *, now: datetime) -> None:  # noqa: ARG002 - for a subclass
        """Do what follows when an operator has all that came sent back. Called under the payer's lock."""
        return

    def after_failure(self, *, now: datetime) -> None:  # noqa: ARG002 - for a subclass
        """Do what follows when its order has ended unpaid. Called under the payer's lock."""
        return

    def payer_sentence(self) -> str:
        """Return what was paid for, as a receipt says it."""
        raise NotImplementedError

    def reason_to_return(self) -> str:
        """Return why what came beyond what was due goes back, for its payer to read."""
        return "More came than was due"

    def was_replaced(self) -> bool:
        return bool(_REPLACED.rows(order=self.transaction_id))  # type: ignore[attr-defined]

    def move_to(
        self, status: PaymentStatus, *, cause: ChangeCause, at: datetime, answer: Mapping[str, Any] | None = None
    ) -> None:
        """Change status if the move is legal, and record why.

        :raises IllegalMove: if MOVES does not allow it
        """
        if status not in MOVES[PaymentStatus(self.status)]:
            raise IllegalMove(f"{self.merchant_order_id}: {self.status} to {status}")
        change = StateChange(
            transaction=self.transaction,
            what="status",
            old=self.status,
            new=status,
            cause=cause,
            answer=dict(answer or {}),
            at=at,
        )
        insert(change)
        is_capture = self.status not in PAID and status in PAID
        self.status = status
        update(self, "status", "updated_at", *(self.captured_fields if is_capture else ()))


def lock_payer(kind: type[Payable], key: int) -> None:
    """Lock the row that pays for this kind of thing.

    :param key: primary key of the tenancy or the subscription
    :raises ObjectDoesNotExist: if there is no such row
    """
    _locked_payer(kind).one(pk=key)


def kinds_of_payable() -> tuple[type[Payable], ...]:
    """Return everything that can be paid for."""
    return tuple(Payable.__subclasses__())


def payable_relations() -> tuple[str, ...]:
    """Return the relations that lead from an order to what it pays for, one for each kind."""
    return tuple(kind._meta.get_field("transaction").remote_field.get_accessor_name() for kind in kinds_of_payable())


def payable_of(order: PaymentTransaction) -> Payable:
    """Return what an order pays for.

    :raises LookupError: if that is nothing
    """
    for relation in payable_relations():
        if hasattr(order, relation):
            found: Payable = getattr(order, relation)
            return found
    raise LookupError(f"Order {order.merchant_order_id} pays for nothing.")


def _shown(kind: type[Payable]) -> Any:
    attempts: Any = kind._default_manager
    return with_taken_back(attempts.select_related("transaction", *kind.display_relations))


_REPLACED = Prepared(
    lambda: StateChange.objects.filter(
        transaction=Param("order", models.BigIntegerField()), what="status", cause=ChangeCause.REPLACED
    ).values_list("pk")[:1]
)


@cache
def _locked(kind: type[Payable]) -> Prepared[Any]:
    rows: Any = kind._default_manager.select_for_update(of=("self", "transaction"))
    return Prepared(
        lambda: rows.select_related("transaction", *kind.ledger_relations, kind.way_to_payer).filter(
            pk=Param("pk", models.BigIntegerField())
        )
    )


@cache
def _locked_payer(kind: type[Payable]) -> Prepared[Any]:
    payers: Any = kind._meta.get_field(kind.payer).related_model
    rows = payers._default_manager.select_for_update().values_list("pk")
    return Prepared(lambda: rows.filter(pk=Param("pk", models.BigIntegerField())))


@cache
def _named_and_seen(kind: type[Payable]) -> Prepared[Any]:
    name, user = Param("merchant_order_id", models.CharField()), Param("user", models.BigIntegerField())
    return Prepared(lambda: _shown(kind).filter(merchant_order_id=name).concerning(user))


@cache
def _without_refunds(kind: type[Payable]) -> Prepared[Any]:
    log_in = f"{kind.way_to_payer}__auth_token_set"
    name, key = Param("merchant_order_id", models.CharField()), Param("token_key", models.CharField())
    without_refunds = ~Exists(Refund.objects.filter(transaction=OuterRef("transaction")))
    return Prepared(
        lambda: (
            _shown(kind)
            .select_related(kind.way_to_payer)
            .filter(without_refunds, **{"merchant_order_id": name, f"{log_in}__token_key": key})
            .annotate(token_digest=F(f"{log_in}__digest"), token_expiry=F(f"{log_in}__expiry"))
        )
    )
