"""Open an order at PhonePe for something that can be paid: at most one current order, whatever happens.

The row is committed before PhonePe is called, with a lease while the call runs. If the call dies, the row is
there: reconciliation finishes it, and the next tap asks PhonePe about it before a new order takes its place.
"""

import secrets
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Exists, OuterRef, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from core.clocks import is_ahead, still_runs
from core.db.prepared import Param, Prepared, PreparedUpdate
from core.errors import AlreadyPaid, LastPaymentUnknown, PhonePeDidNotAnswer, PhonePeRefused, StillRunning, UnderReview
from core.models import (
    PAID,
    ChangeCause,
    Channel,
    IdempotencyKey,
    Payable,
    PaymentStatus,
    PaymentTransaction,
    PhonePeCall,
    Reconciliation,
)
from core.models.payables import lock_payer, payable_of
from core.models.reconciled import ASK_AT_MOST_EVERY
from core.services.locks import lock_payable
from core.services.moves import move
from core.services.payments.order_status import ask_now
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError, PhonePeRejected
from core.services.phonepe.responses import Checkout
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.polling.claims import CheckResult

logger = structlog.get_logger(__name__)

LEASE_BEYOND_CALL = timedelta(seconds=5)
WAIT_FOR_ANOTHER_TAP = 2.0  # seconds
LOOK_EVERY = 0.1
WORTH_HANDING_BACK = timedelta(seconds=60)
NO_LONGER_THAN = timedelta(hours=2)  # PhonePe's longest life is one hour; what is beyond is not an order's end


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What somebody wants to pay, and how."""

    amount_paise: int
    channel: Channel
    payment_modes: tuple[str, ...] = ()

    def is_met_by(self, order: PaymentTransaction, *, now: datetime) -> bool:
        """Tell whether an order can be handed back: its page is stored, it lives on, and it is the same."""
        return (
            bool(order.redirect_url or order.order_token)
            and order.expire_at - now > WORTH_HANDING_BACK
            and not is_ahead(order.initiated_at, now=now)  # nobody knows when such an order really expires
            and order.amount_paise == self.amount_paise
            and order.channel == self.channel
            and sorted(order.payment_modes) == sorted(self.payment_modes)
        )


class PaymentSlot(ABC):
    """The place of the one current order of a payer row, a tenancy or a subscription, whose lock is the slot's too.

    :cvar kind: what is paid for in it
    :cvar call_name: the method of `PhonePeService` that opens its order
    :param payer: primary key of the payer row
    """

    kind: ClassVar[type[Payable]]
    call_name: ClassVar[str] = "create_order"

    def __init__(self, payer: int) -> None:
        self._payer = payer

    @classmethod
    @abstractmethod
    def payers(cls) -> models.QuerySet[Any, dict[str, Any]]:
        """Return the payer rows with what has to be known of one before it pays, as values."""

    @classmethod
    def in_slot(cls, made: Any) -> Any:
        """Keep of all attempts those that this slot is for."""
        return made

    def lock_payer(self) -> None:
        lock_payer(self.kind, self._payer)

    def current(self) -> Payable | None:
        pending: Any = self.kind._default_manager.filter(status=PaymentStatus.PENDING)
        here = self.in_slot(pending.filter(**{self.kind.payer: self._payer}))
        current: Payable | None = here.select_related("transaction").first()
        return current

    def books(self) -> dict[str, Any]:
        """Return what has to be known of the payer row, and whether it `is_taken`: has a current order.

        :raises UnderReview: if money came that an operator has yet to place
        """
        books = _books(type(self)).one(payer=self._payer)
        if books["is_under_review"]:
            raise UnderReview
        return books

    @abstractmethod
    def create(self, order: PaymentTransaction) -> Payable:
        """Fill the slot: store a new order and what is paid with it."""

    def new_order(self, wanted: "PaymentRequest", now: datetime) -> PaymentTransaction:
        """Return the order, not yet saved, that fills the slot."""
        return PaymentTransaction(
            amount_paise=wanted.amount_paise,
            channel=wanted.channel,
            payment_modes=list(wanted.payment_modes),
            expire_at=now + timedelta(seconds=settings.PHONEPE_ORDER_EXPIRE_AFTER),
        )

    def call(self, payable: Any) -> Checkout:
        """Call PhonePe for a committed row.

        :raises PhonePeError: for what PhonePe says or does not say
        """
        return PhonePeService().create_order(payable.transaction)

    def refuse_to_replace(self, current: Any) -> None:  # noqa: ARG002 - for a subclass to use
        """Raise a DomainError if the current attempt keeps the slot, although it is not what is asked for."""
        return

    @abstractmethod
    def refuse_if_wrong(self, books: dict[str, Any]) -> None:
        """Raise a DomainError if what is asked for cannot be paid: before PhonePe is asked, and under the lock."""

    def is_same(self, current: Any) -> bool:  # noqa: ARG002 - for a subclass to use
        """Tell whether the current attempt is for the same thing."""
        return True


PAYER = Param("payer", BigIntegerField())


@cache
def _books(slot: type[PaymentSlot]) -> Prepared[dict[str, Any]]:
    made: Any = slot.kind._default_manager.filter(**{slot.kind.payer: OuterRef("pk")})
    is_taken = Exists(slot.in_slot(made.filter(status=PaymentStatus.PENDING)))
    is_under_review = Exists(made.filter(transaction__reconciliation_status=Reconciliation.MISMATCH))
    return Prepared(lambda: slot.payers().filter(pk=PAYER).annotate(is_taken=is_taken, is_under_review=is_under_review))


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """A payment that can be paid now."""

    payable: Payable
    is_new: bool


def start(slot: PaymentSlot, wanted: PaymentRequest, *, key: IdempotencyKey | None) -> StartedPayment:
    """Hand back the current order, or open a new one in its place.

    :raises AlreadyPaid, StillRunning, UnderReview: while another payment is in the way
    :raises PhonePeDidNotAnswer, LastPaymentUnknown, PhonePeRefused: for what PhonePe says or does not say
    """
    wait_ends = time.monotonic() + WAIT_FOR_ANOTHER_TAP
    while True:
        payable = _take(slot, wanted, key)
        if payable is not None:
            order = payable.transaction
            logger.info("payment_initiated", order=order.merchant_order_id, amount_paise=order.amount_paise)
            return StartedPayment(_open(slot, payable), is_new=True)
        current = slot.current()
        if current is None:
            continue  # it was settled between our two looks
        slot.refuse_if_wrong(slot.books())
        order, now = current.transaction, timezone.now()
        if still_runs(order.calling_until, length=_lease(), now=now):
            if time.monotonic() > wait_ends:
                raise StillRunning
            time.sleep(LOOK_EVERY)
        elif slot.is_same(current) and wanted.is_met_by(order, now=now):
            bind(key, order)
            return StartedPayment(current, is_new=False)
        else:
            slot.refuse_to_replace(current)
            _make_room(current)


def bind(key: IdempotencyKey | None, order: PaymentTransaction) -> None:
    """Remember which order a key stands for, so that a repeat goes on with it."""
    if key is not None:
        key.order = order
        key.save(update_fields=["order"])


def _take(slot: PaymentSlot, wanted: PaymentRequest, key: IdempotencyKey | None) -> Payable | None:
    """Fill the empty slot with a row whose pay call is ours to make; None if it is taken."""
    try:
        with transaction.atomic():
            slot.lock_payer()
            _refuse_if_paid(key)
            books = slot.books()
            if books["is_taken"]:
                return None
            slot.refuse_if_wrong(books)
            payable = slot.create(_new_order(slot, wanted, timezone.now()))
            bind(key, payable.transaction)
            return payable
    except IntegrityError:  # the constraint, which holds the slot when all else fails
        if slot.current() is None:
            raise  # it was another one, and would be again
        logger.warning("slot_taken_without_lock")
        return None


def _refuse_if_paid(key: IdempotencyKey | None) -> None:
    """Refuse a repeat of a request whose order has been paid meanwhile; read anew, for we may have stood still.

    :raises AlreadyPaid: if it has
    """
    if key is None:
        return
    key.refresh_from_db(fields=["order"])
    if key.order is not None and payable_of(key.order).status in PAID:
        raise AlreadyPaid


def new_order_id() -> str:
    return f"ZLT-{secrets.token_urlsafe(16)}"  # 128 random bits in PhonePe's alphabet


def _new_order(slot: PaymentSlot, wanted: PaymentRequest, now: datetime) -> PaymentTransaction:
    order = slot.new_order(wanted, now)
    order.merchant_order_id, order.initiated_at, order.calling_until = new_order_id(), now, now + _lease()
    order.next_check_at = schedule.first_check(order)
    return order


def _lease() -> timedelta:
    return timedelta(seconds=settings.PHONEPE_TIMEOUT) + LEASE_BEYOND_CALL


def _open(slot: PaymentSlot, payable: Payable) -> Payable:
    """Call PhonePe for a committed row and note its answer."""
    order = payable.transaction
    about = {"merchant_order_id": order.merchant_order_id}
    try:
        with recorded(slot.call_name, **about, kept_with_answer=True) as record:
            checkout = record.of(slot.call(payable))
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_order", order=order.merchant_order_id, code=error.code)
        _give_up(payable, error)
        raise PhonePeRefused from None
    except PhonePeError as error:
        # Perhaps PhonePe has the order and perhaps not: it stays open, and the status check decides.
        logger.warning("phonepe_order_unknown", order=order.merchant_order_id, problem=str(error))
        PaymentTransaction.objects.filter(pk=order.pk).update(calling_until=None)
        raise PhonePeDidNotAnswer from None
    _attach(order, checkout, call=record.row)
    return payable


def _attach(order: PaymentTransaction, checkout: Checkout, *, call: PhonePeCall | None) -> None:
    """Store where the order is paid, and the call that told it.

    A webhook may have completed it already, so no other field is touched.
    """
    expire_at, latest = checkout.expire_at or order.expire_at, order.initiated_at + NO_LONGER_THAN
    order.redirect_url, order.order_token, order.calling_until = checkout.redirect_url, checkout.token, None
    order.phonepe_order_id = checkout.order_id
    order.expire_at = expire_at if order.initiated_at < expire_at < latest else order.expire_at
    _ATTACH.run(
        storing=call,
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


def _give_up(payable: Payable, error: PhonePeRejected) -> None:
    """PhonePe refused the order: it does not exist. It is looked for once after its time, to be sure."""
    with transaction.atomic():
        payable = lock_payable(payable.merchant_order_id)
        if payable.status == PaymentStatus.PENDING:
            move(
                payable,
                PaymentStatus.FAILED,
                cause=ChangeCause.REJECTED,
                at=timezone.now(),
                answer={"code": error.code},
            )
            payable.after_failure(now=timezone.now())
        order = payable.transaction
        order.calling_until = None
        later = order.expire_at + schedule.NEVER_REACHED_AFTER
        hastened = order.next_check_at not in (None, schedule.first_check(order))
        order.next_check_at = order.next_check_at if hastened else later
        order.save(update_fields=["calling_until", "next_check_at", "updated_at"])


def _make_room(current: Payable) -> None:
    """Ask PhonePe about the current order; if it is still open, take it out of the slot and watch it to its end.

    :raises AlreadyPaid: if it turns out to be paid
    :raises LastPaymentUnknown: if PhonePe does not tell
    """
    now = timezone.now()
    result = ask_now(current.transaction, cause=ChangeCause.INITIATE)
    order = PaymentTransaction.objects.get(pk=current.transaction.pk)
    if result == CheckResult.NOT_ASKED and not _was_answered(order, now=timezone.now()):
        raise StillRunning("We are just asking PhonePe about your last payment. Try again in a moment.")
    if result == CheckResult.UNANSWERED:
        raise LastPaymentUnknown
    with transaction.atomic():
        payable = lock_payable(order.merchant_order_id)
        if payable.status in PAID:
            raise AlreadyPaid
        if payable.transaction.reconciliation_status == Reconciliation.MISMATCH:
            raise UnderReview
        if payable.status == PaymentStatus.PENDING:
            move(payable, PaymentStatus.CANCELLED, cause=ChangeCause.REPLACED, at=now)


def _was_answered(order: PaymentTransaction, *, now: datetime) -> bool:
    """Tell whether the question that kept us from asking got its answer, so that the stored state is fresh.

    Without such a question we were kept by a change of the schedule, a webhook's perhaps, and nothing is fresh.
    """
    if order.asked_at is None or not now - ASK_AT_MOST_EVERY < order.asked_at <= now:
        return False
    return order.last_checked_at is not None and order.last_checked_at >= order.asked_at
