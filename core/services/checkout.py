"""Open an order at PhonePe for something that can be paid: at most one current order, whatever happens.

The row is committed before PhonePe is called, with a lease while the call runs. If the call dies, the row is
there: reconciliation finishes it, and the next tap asks PhonePe about it before a new order takes its place.
"""

import secrets
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Exists, OuterRef, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from core.errors import AlreadyPaid, PhonePeDidNotAnswer, PhonePeRefused, StillRunning, UnderReview
from core.models import (
    PAID,
    Cause,
    Channel,
    IdempotencyKey,
    OrderState,
    PaymentTransaction,
    Purpose,
    Reconciliation,
    Status,
)
from core.models.reconciled import ASK_AT_MOST_EVERY
from core.prepared import Param, Prepared, PreparedUpdate, insert
from core.services import metrics, timetable
from core.services.claims import Told
from core.services.locks import lock_purpose
from core.services.orders import ask_now
from core.services.phonepe_errors import PhonePeError, PhonePeRejected
from core.services.phonepe_reports import Checkout
from core.services.phonepe_service import PhonePeService

logger = structlog.get_logger(__name__)

LEASE_BEYOND_CALL = timedelta(seconds=5)
WAIT_FOR_ANOTHER_TAP = 2.0  # seconds
LOOK_EVERY = 0.1
WORTH_HANDING_BACK = timedelta(seconds=60)
NO_LONGER_THAN = timedelta(hours=2)  # PhonePe's longest life is one hour; what is beyond is not an order's end


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay, and how."""

    amount_paise: int
    channel: Channel
    payment_modes: tuple[str, ...] = ()

    def is_met_by(self, order: PaymentTransaction, *, now: datetime) -> bool:
        """Tell whether an order can be handed back: its page is stored, it lives on, and it is the same."""
        return (
            bool(order.redirect_url or order.order_token)
            and order.expire_at - now > WORTH_HANDING_BACK
            and order.amount_paise == self.amount_paise
            and order.channel == self.channel
            and sorted(order.payment_modes) == sorted(self.payment_modes)
        )


ROOT = Param("root", BigIntegerField())


class Slot(ABC):
    """The place of the one current order of something that can be paid: of its root, whose row's lock is the slot's.

    A subclass names the model of the attempts that are made in it, and that model's field for the root.

    :param root: primary key
    """

    _lock: ClassVar[Prepared[Any]]
    _current: ClassVar[Prepared[Any]]
    _books: ClassVar[Prepared[dict[str, Any]]]

    def __init_subclass__(cls, *, attempts: type[Purpose], root: str) -> None:
        made: models.QuerySet[Any] = attempts._default_manager.all()
        pending, here = made.filter(status=Status.PENDING), {root: OuterRef("pk")}
        mismatch = made.filter(transaction__reconciliation_status=Reconciliation.MISMATCH)
        its_own: Any = attempts._meta.get_field(root).related_model
        cls._lock = Prepared(lambda: its_own.objects.filter(pk=ROOT).values_list("pk").select_for_update())
        cls._current = Prepared(lambda: pending.filter(**{root: ROOT}).select_related("transaction"))
        cls._books = Prepared(
            lambda: (
                cls.roots()
                .filter(pk=ROOT)
                .annotate(is_taken=Exists(pending.filter(**here)), is_under_review=Exists(mismatch.filter(**here)))
            )
        )

    def __init__(self, root: int) -> None:
        self._root = root

    @classmethod
    @abstractmethod
    def roots(cls) -> models.QuerySet[Any, dict[str, Any]]:
        """Return what has to be known of a root, as values."""

    def lock_root(self) -> None:
        self._lock.one(root=self._root)

    def current(self) -> Purpose | None:
        return next(iter(self._current.rows(root=self._root)), None)

    def books(self) -> dict[str, Any]:
        """Return what has to be known of the root, and whether it `is_taken`: has a current order.

        :raises UnderReview: if money came that an operator has yet to place
        """
        books = self._books.one(root=self._root)
        if books["is_under_review"]:
            raise UnderReview
        return books

    @abstractmethod
    def create(self, order: PaymentTransaction) -> Purpose:
        """Fill the slot."""

    def refuse_if_wrong(self, books: dict[str, Any]) -> None:  # noqa: ARG002 - for a subclass to use
        """Raise a DomainError if what is wished for cannot be paid: before PhonePe is asked, and under the lock."""
        return

    def is_same(self, current: Any) -> bool:  # noqa: ARG002 - for a subclass to use
        """Tell whether the current attempt is for the same thing."""
        return True


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that can be paid now."""

    purpose: Purpose
    is_new: bool


def start(slot: Slot, wish: Wish, *, key: IdempotencyKey | None) -> Started:
    """Hand back the current order, or open a new one in its place.

    :raises AlreadyPaid, StillRunning, UnderReview, PhonePeDidNotAnswer, PhonePeRefused: with a sentence
    """
    refuse_if_paid(key)
    patience_ends = time.monotonic() + WAIT_FOR_ANOTHER_TAP
    while True:
        purpose = _take(slot, wish, key)
        if purpose is not None:
            return Started(_open(purpose), is_new=True)
        current = slot.current()
        if current is None:
            continue  # it was settled between our two looks
        slot.refuse_if_wrong(slot.books())
        order, now = current.transaction, timezone.now()
        if order.calling_until and order.calling_until > now:
            if time.monotonic() > patience_ends:
                raise StillRunning
            time.sleep(LOOK_EVERY)
        elif slot.is_same(current) and wish.is_met_by(order, now=now):
            bind(key, order)
            return Started(current, is_new=False)
        else:
            _make_room(current)


def bind(key: IdempotencyKey | None, order: PaymentTransaction) -> None:
    """Remember which order a key stands for, so that a repeat goes on with it."""
    if key is not None:
        key.order = order
        key.save(update_fields=["order"])


def refuse_if_paid(key: IdempotencyKey | None) -> None:
    """Refuse a repeat of a request whose order has been paid meanwhile.

    :raises AlreadyPaid: if it has
    """
    if key is not None and key.order is not None and key.order.purpose.status in PAID:
        raise AlreadyPaid


def _take(slot: Slot, wish: Wish, key: IdempotencyKey | None) -> Purpose | None:
    """Fill the empty slot with a row whose pay call is ours to make; None if it is taken."""
    try:
        with transaction.atomic():
            slot.lock_root()
            _read_again(key)
            books = slot.books()
            if books["is_taken"]:
                return None
            slot.refuse_if_wrong(books)
            purpose = slot.create(_new_order(wish, timezone.now()))
            bind(key, purpose.transaction)
            return purpose
    except IntegrityError:  # the constraint, which holds the slot when all else fails
        if slot.current() is None:
            raise  # it was another one, and would be again
        logger.warning("slot_taken_without_lock")
        return None


def _read_again(key: IdempotencyKey | None) -> None:
    """Refuse what was done by a repeat, while we stood still for longer than our right to the key.

    :raises AlreadyPaid: if its order has been paid meanwhile
    """
    if key is not None:
        key.refresh_from_db(fields=["order"])
        refuse_if_paid(key)


def _new_order(wish: Wish, now: datetime) -> PaymentTransaction:
    life = timedelta(seconds=settings.PHONEPE_ORDER_EXPIRE_AFTER)
    order = PaymentTransaction(
        merchant_order_id=f"ZLT-{secrets.token_urlsafe(16)}",  # 128 random bits in PhonePe's alphabet
        amount_paise=wish.amount_paise,
        channel=wish.channel,
        payment_modes=list(wish.payment_modes),
        initiated_at=now,
        expire_at=now + life,
        calling_until=now + timedelta(seconds=settings.PHONEPE_TIMEOUT) + LEASE_BEYOND_CALL,
    )
    order.next_check_at = timetable.first_check(order)
    insert(order)
    return order


def _open(purpose: Purpose) -> Purpose:
    """Call PhonePe for a committed row and note its answer."""
    order = purpose.transaction
    try:
        checkout = PhonePeService().create_order(order)
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_order", order=order.merchant_order_id, code=error.code)
        _give_up(purpose, error)
        raise PhonePeRefused from None
    except PhonePeError as error:
        # Perhaps PhonePe has the order and perhaps not: it stays open, and the status check decides.
        logger.warning("phonepe_order_unknown", order=order.merchant_order_id, problem=str(error))
        PaymentTransaction.objects.filter(pk=order.pk).update(calling_until=None)
        raise PhonePeDidNotAnswer from None
    _attach(order, checkout)
    return purpose


def _attach(order: PaymentTransaction, checkout: Checkout) -> None:
    """Store where the order is paid. A webhook may have completed it already, so no other field is touched."""
    expire_at, latest = checkout.expire_at or order.expire_at, order.initiated_at + NO_LONGER_THAN
    order.redirect_url, order.order_token, order.calling_until = checkout.redirect_url, checkout.token, None
    order.phonepe_order_id = checkout.order_id
    order.expire_at = expire_at if order.initiated_at < expire_at < latest else order.expire_at
    _ATTACH.run(
        pk=order.pk,
        redirect_url=order.redirect_url,
        order_token=order.order_token,
        phonepe_order_id=order.phonepe_order_id,
        expire_at=order.expire_at,
    )


_ATTACH = PreparedUpdate(
    lambda: PaymentTransaction.objects.filter(pk=Param("pk", BigIntegerField())),
    redirect_url=Param("redirect_url", TextField()),
    order_token=Param("order_token", TextField()),
    calling_until=None,
    phonepe_order_id=Coalesce(NullIf("phonepe_order_id", Value("")), Param("phonepe_order_id", CharField())),
    expire_at=Param("expire_at", DateTimeField()),
)


def _give_up(purpose: Purpose, error: PhonePeRejected) -> None:
    """PhonePe refused the order: it does not exist. It is looked for once after its time, to be sure."""
    with transaction.atomic():
        purpose = lock_purpose(purpose.merchant_order_id)
        if purpose.status == Status.PENDING:
            purpose.move_to(Status.FAILED, cause=Cause.REJECTED, at=timezone.now(), answer={"code": error.code})
            metrics.MOVES.labels(Status.FAILED, Cause.REJECTED).inc()
        order = purpose.transaction
        order.calling_until = None
        later = order.expire_at + timetable.NEVER_REACHED_AFTER
        hastened = order.next_check_at not in (None, timetable.first_check(order))
        order.next_check_at = order.next_check_at if hastened else later
        order.save(update_fields=["calling_until", "next_check_at", "updated_at"])


def _make_room(current: Purpose) -> None:
    """Ask PhonePe about the current order; if it is still open, take it out of the slot and watch it to its end.

    :raises AlreadyPaid: if it turns out to be paid
    :raises PhonePeDidNotAnswer: if PhonePe does not tell
    """
    now = timezone.now()
    told = ask_now(current.transaction, cause=Cause.INITIATE)
    order = PaymentTransaction.objects.get(pk=current.transaction.pk)
    if told == Told.NOT_ASKED and not _was_answered(order, now=now):
        raise StillRunning("We are just asking PhonePe about your last payment. Try again in a moment.")
    if told == Told.UNANSWERED:
        raise PhonePeDidNotAnswer
    with transaction.atomic():
        purpose = lock_purpose(order.merchant_order_id)
        if purpose.status in PAID:
            raise AlreadyPaid
        if purpose.transaction.reconciliation_status == Reconciliation.MISMATCH:
            raise UnderReview
        if purpose.status == Status.PENDING and purpose.transaction.state == OrderState.PENDING:
            purpose.move_to(Status.CANCELLED, cause=Cause.REPLACED, at=now)
            metrics.MOVES.labels(Status.CANCELLED, Cause.REPLACED).inc()


def _was_answered(order: PaymentTransaction, *, now: datetime) -> bool:
    """Tell whether the question that kept us from asking got its answer, so that the stored state is fresh.

    Without such a question we were kept by a change of the schedule, a webhook's perhaps, and nothing is fresh.
    """
    if order.asked_at is None or order.asked_at <= now - ASK_AT_MOST_EVERY:
        return False
    return order.last_checked_at is not None and order.last_checked_at >= order.asked_at
