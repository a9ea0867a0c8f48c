"""What an order can pay for. The order machinery knows this page and no other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models

from core.models.history import Cause, StateChange
from core.models.orders import PaymentTransaction
from core.models.people import User
from core.prepared import Param, Prepared


class Status(models.TextChoices):
    """Our word on an attempt to pay."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


PAID = (Status.COMPLETED, Status.PARTIALLY_REFUNDED, Status.REFUNDED)

MOVES: dict[Status, set[Status]] = {
    Status.PENDING: {Status.COMPLETED, Status.FAILED, Status.CANCELLED},
    Status.FAILED: {Status.COMPLETED},  # PhonePe can report success after a failure
    Status.CANCELLED: {Status.COMPLETED},  # an order that was replaced can still be paid
    Status.COMPLETED: {Status.PARTIALLY_REFUNDED, Status.REFUNDED},
    Status.PARTIALLY_REFUNDED: {Status.COMPLETED, Status.REFUNDED},  # back when a refund fails
    Status.REFUNDED: {Status.COMPLETED, Status.PARTIALLY_REFUNDED},
}


class IllegalMove(Exception):
    """MOVES does not allow this."""


class Purpose(models.Model):
    """One attempt to pay for something, 1:1 with its PhonePe order.

    A subclass says what it pays for, which row decides about surplus, and what follows from the money.

    :cvar posted_for: the relations from which its entries in the books are written, read together with it
    :cvar shown_with: the relations that somebody who looks at it sees
    """

    posted_for: ClassVar[tuple[str, ...]] = ()
    shown_with: ClassVar[tuple[str, ...]] = ()
    _locked: ClassVar[Prepared[Any]]
    _anybodys: ClassVar[Prepared[Any]]
    _somebodys: ClassVar[Prepared[Any]]
    transaction: models.OneToOneField[PaymentTransaction, PaymentTransaction]
    merchant_order_id = models.CharField(max_length=63, unique=True, editable=False)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.merchant_order_id

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        read_together: list[str] = ["transaction", *cls.posted_for]
        cls._locked = Prepared(
            lambda: (
                cls._default_manager.select_for_update(of=("self", "transaction"))
                .select_related(*read_together)
                .filter(pk=Param("pk", models.BigIntegerField()))
            )
        )

        shown_together: list[str] = ["transaction", *cls.shown_with]

        def named() -> Any:
            name = Param("merchant_order_id", models.CharField())
            return cls._default_manager.select_related(*shown_together).filter(merchant_order_id=name)

        cls._anybodys = Prepared(named)
        cls._somebodys = Prepared(lambda: named().concerning(Param("user", models.BigIntegerField())))

    @classmethod
    def seen_by(cls, user: User, merchant_order_id: str) -> Self | None:
        """Return the attempt with its order as they are now, if there is one and this user may see it."""
        statement = cls._anybodys if user.is_staff else cls._somebodys
        return next(iter(statement.rows(merchant_order_id=merchant_order_id, user=user.pk)), None)

    def lock_root(self) -> None:
        """Lock the row under which arriving money is weighed; always the first lock taken."""
        raise NotImplementedError

    def locked(self) -> Self:
        """Lock this row and its order, and return both as they are now. Called under the root's lock."""
        found: Self = self._locked.one(pk=self.pk)
        return found

    def surplus_of(self, amount_paise: int) -> int:
        """Return how much of an arriving capture is more than was due. Called under the root's lock."""
        raise NotImplementedError

    def deliver(self, *, now: datetime) -> None:
        """Do what the money was for, once. Called under the root's lock, after the move to completed."""
        raise NotImplementedError

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        """Return what a capture of so much posts against PhonePe's clearing, by account; they sum to minus it."""
        raise NotImplementedError

    def after_refunds(self, refunded_paise: int, *, now: datetime) -> None:  # noqa: ARG002 - for a subclass
        """Do what follows when so much in all has been paid back. Called under the root's lock."""
        return

    def payer_sentence(self) -> str:
        """Return what was paid for, as a receipt says it."""
        raise NotImplementedError

    def was_replaced(self) -> bool:
        return self.transaction.changes.filter(what="status", cause=Cause.REPLACED).exists()

    def move_to(self, status: Status, *, cause: Cause, at: datetime, answer: Mapping[str, Any] | None = None) -> None:
        """Change status if the move is legal, and record why.

        :raises IllegalMove: if MOVES does not allow it
        """
        if status not in MOVES[Status(self.status)]:
            raise IllegalMove(f"{self.merchant_order_id}: {self.status} to {status}")
        StateChange.objects.create(
            transaction=self.transaction,
            what="status",
            old=self.status,
            new=status,
            cause=cause,
            answer=dict(answer or {}),
            at=at,
        )
        self.status = status
        self.save(update_fields=["status", "updated_at"])
