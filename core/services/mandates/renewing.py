"""Look at a mandate: ask PhonePe how it stands, then do what is due under it. One look, one step.

Webhook, clock and owner are reasons to look. What is to be done is decided under the subscription's lock, after PhonePe
has said that the mandate is active, and its rows are committed before PhonePe is called; no lock is held meanwhile. A
look that dies in between leaves its claim to lapse, and the next one finds out how far it came.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import BigIntegerField, CharField, DateTimeField
from django.utils import timezone

from core.db.prepared import Param, Prepared, PreparedUpdate, update
from core.india import in_india
from core.models import (
    AlertKind,
    ChangeCause,
    Mandate,
    MandateDebit,
    MandateState,
    OrderState,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
    PaymentTransaction,
)
from core.models.mandates import ENDED
from core.services.mandates import debits
from core.services.notices.mandates import debit_announced, mandate_changed
from core.services.operations.alerts import alert, end_alert
from core.services.payments.order_status import ask_now as ask_about_order
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError, PhonePeRejected, PhonePeUnknownId
from core.services.phonepe.mandate_responses import MandateStatus, umn_in
from core.services.phonepe_service import PhonePeService
from core.services.polling.claims import CheckResult, Claim, claim_lapses_at, claim_rows, lockable
from core.services.polling.pending import NotePending, note_pending
from core.services.subscriptions import life
from core.services.subscriptions.life import Renewal, renewal_of

logger = structlog.get_logger(__name__)

SOON, LATER, DAILY, SELDOM = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
AFTER_NOTICE = timedelta(minutes=15)
UNANSWERED_AT_MOST = timedelta(minutes=10)
STILL_COMES = timedelta(hours=1)  # what PhonePe took in, however late it does it


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done next: a call to PhonePe, if any, and when the mandate is looked at again after it.

    :ivar call: returns when to look again if that is another time than `again`
    """

    again: datetime | None
    call: Callable[[], datetime | None] | None = None


def check(claim: Claim[Mandate], *, now: datetime, note: NotePending = note_pending) -> CheckResult:  # noqa: ARG001
    """Ask PhonePe how a claimed mandate stands, and do what is due."""
    mandate = claim.row
    setup = mandate.setup()
    try:
        status = _ask(mandate, setup)
    except PhonePeUnknownId:
        status = None
    except PhonePeError as error:
        logger.info("phonepe_did_not_tell", mandate=str(mandate), problem=str(error))
        wait = min(UNANSWERED_AT_MOST, SOON * 2 ** min(mandate.unanswered_count, 5))
        Mandate.objects.filter(pk=mandate.pk).update(unanswered_count=mandate.unanswered_count + 1)
        claim.held_row().update(next_check_at=now + wait)
        return CheckResult.UNANSWERED
    with transaction.atomic():
        mandate, subscription = _locked(mandate)
        if not claim.still_held(mandate):
            return CheckResult.NOT_ASKED  # something happened meanwhile, and somebody looks again
        is_known = _note(mandate, setup, status, cause=claim.cause, now=now)
        debit = _debit_if_kept(mandate, subscription, now=now)
        # Nothing is debited unless PhonePe says just now how the mandate stands.
        may_go_on = is_known or not mandate.is_in_use
        step = _next_step(mandate, subscription, debit, now=now) if may_go_on else Step(now + LATER)
        mandate.next_check_at = lapses_at = claim_lapses_at(timezone.now()) if step.call else step.again
        update(mandate)
    if step.call is not None:
        _LOOK_AGAIN.run(pk=mandate.pk, held=lapses_at, again=step.call() or step.again)
    return CheckResult.FINAL if mandate.has_ended else CheckResult.PENDING


def look_now(mandate: Mandate, *, cause: ChangeCause) -> CheckResult:
    """Look at a mandate inside a request, unless somebody else does."""
    this = Mandate.objects.filter(pk=mandate.pk)
    claims: list[Claim[Mandate]] = claim_rows(lambda: lockable(this), cause)
    return check(claims[0], now=timezone.now()) if claims else CheckResult.NOT_ASKED


def _ask(mandate: Mandate, setup: OwnerSubscriptionPayment) -> MandateStatus:
    with recorded("mandate_status", merchant_order_id=setup.merchant_order_id) as record:
        return record.of(PhonePeService().mandate_status(mandate.merchant_subscription_id))


def _locked(mandate: Mandate) -> tuple[Mandate, OwnerSubscription]:
    subscription = life.locked(mandate.owner_subscription_id)
    mandate = _LOCKED.one(pk=mandate.pk)
    mandate.owner_subscription = subscription
    return mandate, subscription


_PK = Param("pk", BigIntegerField())
_LOCKED = Prepared(lambda: Mandate.objects.select_for_update(of=("self",)).filter(pk=_PK))
_LOOK_AGAIN = PreparedUpdate(
    lambda: Mandate.objects.filter(pk=_PK, next_check_at=Param("held", DateTimeField())),
    next_check_at=Param("again", DateTimeField()),
)
_NAMED = PreparedUpdate(
    lambda: PaymentTransaction.objects.filter(pk=_PK, phonepe_order_id=""), phonepe_order_id=Param("name", CharField())
)


def _note(
    mandate: Mandate,
    setup: OwnerSubscriptionPayment,
    status: MandateStatus | None,
    *,
    cause: ChangeCause,
    now: datetime,
) -> bool:
    """Take over what PhonePe says; return whether it can be read.

    :param setup: as it was before PhonePe was asked; had it completed since, the claim would be lost
    """
    mandate.note_answer(now=now)
    if status is None:
        # It never reached PhonePe, unless its setup is still on its way.
        order = setup.transaction
        if now > order.expire_at + SOON and mandate.state == MandateState.ACTIVATION_IN_PROGRESS:
            mandate.apply_state(MandateState.FAILED, cause=ChangeCause.NEVER_REACHED, at=now)
        return False
    mandate.subscription_id = mandate.subscription_id or status.subscription_id
    state = status.known_state
    is_paid = setup.transaction.state == OrderState.COMPLETED
    if is_paid and state == MandateState.ACTIVATION_IN_PROGRESS:
        state = None  # its order is further than it: the next look finds it active
    # Its setup's order decides whether it was approved, because money came with that.
    old = mandate.state
    if (
        state is not None
        and (is_paid or state in ENDED)
        and mandate.apply_state(state, cause=cause, at=now, answer=status.raw)
    ):
        mandate_changed(mandate, old, now=now)
    if is_paid and not mandate.umn_masked:
        told = setup.transaction.changes.filter(what="status").exclude(answer={}).last()
        mandate.umn_masked = umn_in(told.answer) if told else ""
    return state is not None


def _debit_if_kept(mandate: Mandate, subscription: OwnerSubscription, *, now: datetime) -> MandateDebit | None:
    """Return the debit that is announced or under way; one that nobody may execute any more is given up."""
    debit = mandate.debit()
    owner_is_shut_out = not subscription.owner.user.is_active
    is_debited_no_more = not mandate.is_in_use or mandate.state == MandateState.PAUSED or owner_is_shut_out
    if debit is None or debit.executed_at is not None or not is_debited_no_more:
        return debit
    debits.give_up(debit, subscription, now=now)
    return None


def _next_step(mandate: Mandate, subscription: OwnerSubscription, debit: MandateDebit | None, *, now: datetime) -> Step:
    """Decide what is to be done under a mandate. Called under the subscription's lock."""
    _tell_if_withheld(mandate, subscription, now=now)
    if mandate.has_ended:
        return Step(None)
    if mandate.cancel_at is not None:
        return Step(now + LATER, lambda: _cancel(mandate, now=now))
    if not mandate.is_in_use:
        return Step(_setup_again_at(mandate, now=now))
    if mandate.state != MandateState.ACTIVE:
        return Step(now + (DAILY if mandate.state == MandateState.PAUSED else LATER))
    if not subscription.owner.user.is_active:
        return Step(now + DAILY)  # nobody is debited for an account that nobody can use, or cancel AutoPay in
    if debit is not None and debit.executed_at is not None:
        return _step_of_debit(debit, now=now)
    renewal = renewal_of(subscription)
    if debit is not None and debits.still_owed(debit, renewal):
        return _step_of_debit(debit, now=now)
    if debit is not None:
        debits.give_up(debit, subscription, now=now)
    return _step_of_renewal(mandate, subscription, renewal, now=now)


def _tell_if_withheld(mandate: Mandate, subscription: OwnerSubscription, *, now: datetime) -> None:
    """Tell operators of a mandate that stands at the bank, of an owner who can neither use it nor cancel it."""
    if not mandate.is_in_use or subscription.owner.user.is_active:
        end_alert(AlertKind.DEBIT_WITHHELD, str(mandate), now=now)
        return
    paid = f"what is paid ends on {in_india(subscription.paid_until):%d %b %Y}" if subscription.paid_until else ""
    sentence = (
        f"AutoPay {mandate} of {subscription.owner} (owner:{subscription.owner_id}) debits nothing: the account is "
        f"deactivated; {paid or 'nothing is paid'}. Activate the account, or cancel AutoPay on the mandate's page."
    )
    alert(AlertKind.DEBIT_WITHHELD, str(mandate), sentence, now=now)


def _setup_again_at(mandate: Mandate, *, now: datetime) -> datetime | None:
    setup = mandate.setup()
    is_over = setup.status != PaymentStatus.PENDING and setup.transaction.is_closed
    return None if is_over else now + LATER


def _step_of_renewal(
    mandate: Mandate, subscription: OwnerSubscription, renewal: Renewal | None, *, now: datetime
) -> Step:
    if renewal is None:
        return Step(now + SELDOM)
    announce_at = debits.announce_at(renewal)
    if now < announce_at:
        return Step(min(announce_at, now + SELDOM))
    if subscription.announced_for != renewal.starts_at:
        return Step(now + SOON)  # its price is fixed when its owner is told of it, by the clock of subscriptions
    if not debits.may_announce(mandate, subscription, renewal, now=now):
        return Step(now + SELDOM)
    debit = debits.announce(mandate, subscription, renewal, now=now)
    debit_announced(debit.payment, at=debits.executes_at(renewal, now), now=now)
    return Step(now + AFTER_NOTICE, lambda: _announce(debit, now=now))


def _step_of_debit(debit: MandateDebit, *, now: datetime) -> Step:
    order = debit.order
    if debit.executed_at is not None:
        again = debits.next_try(debit, now=now)
        if again is not None and again <= now:
            return _execution(debit, now=now)
        return Step(min(filter(None, (again, now + LATER))), lambda: _ask_about(order))
    if not order.phonepe_order_id:
        return Step(now + AFTER_NOTICE, lambda: _find_notice(debit, now=now))
    execute_at = debits.execute_at(debit)
    if execute_at is None:
        return Step(now + AFTER_NOTICE, lambda: _ask_about(order))
    if now < execute_at:
        return Step(execute_at)
    if now >= order.expire_at:
        return Step(now + LATER, lambda: _ask_about(order))
    return _execution(debit, now=now)


def _execution(debit: MandateDebit, *, now: datetime) -> Step:
    debits.note_try(debit, now=now)
    return Step(now + LATER, lambda: _execute(debit))


# The calls, each made with no lock and no open transaction.


def _announce(debit: MandateDebit, *, now: datetime, is_repeated: bool = False) -> datetime | None:
    order = debit.order
    try:
        with recorded("announce_debit", merchant_order_id=order.merchant_order_id) as record:
            answer = record.of(PhonePeService().announce_debit(debit))
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_debit", order=order.merchant_order_id, code=error.code)
        if is_repeated and now < order.initiated_at + STILL_COMES:
            return None  # this one was refused, and an earlier one may still be on its way
        debits.refused(debit, error.code, now=now)
        return None
    except PhonePeError as error:
        # Perhaps the payer is told and perhaps not: its order is asked about before anything else is done.
        logger.warning("phonepe_notice_unknown", order=order.merchant_order_id, problem=str(error))
        return now + SOON
    _NAMED.run(pk=order.pk, name=answer.order_id)
    return None


def _find_notice(debit: MandateDebit, *, now: datetime) -> datetime | None:
    """Ask about a notice whose outcome is unknown, and send it again under its own id if PhonePe has none such."""
    if ask_about_order(debit.order, cause=ChangeCause.CLOCK) != CheckResult.NOT_FOUND:
        return now + SOON
    return _announce(debit, now=now, is_repeated=True)


def _execute(debit: MandateDebit) -> datetime | None:
    order = debit.order
    try:
        with recorded("execute_debit", merchant_order_id=order.merchant_order_id) as record:
            record.of(PhonePeService().execute_debit(order.merchant_order_id))
    except PhonePeError as error:
        # Whatever came of it, its order says.
        logger.warning("phonepe_debit_unknown", order=order.merchant_order_id, problem=str(error))
    return None


def _ask_about(order: PaymentTransaction) -> datetime | None:
    if not order.is_closed:
        ask_about_order(order, cause=ChangeCause.CLOCK)
    return None


def _cancel(mandate: Mandate, *, now: datetime) -> datetime | None:
    setup = mandate.setup().merchant_order_id
    try:
        with recorded("cancel_mandate", merchant_order_id=setup):
            PhonePeService().cancel_mandate(mandate.merchant_subscription_id)
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_cancellation", mandate=str(mandate), code=error.code)
        return None
    except PhonePeError as error:
        logger.warning("phonepe_cancellation_unknown", mandate=str(mandate), problem=str(error))
    return now + SOON  # its state says whether it is cancelled
