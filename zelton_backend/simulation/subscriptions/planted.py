"""Defects, most of AutoPay, that can be planted, one at a time, to see that the simulation finds them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db import connection, transaction
from django.utils import timezone

from core.india import day_in_india
from core.models import (
    PAID,
    ChangeCause,
    InvoiceSeries,
    Mandate,
    MandateDebit,
    Notification,
    OrderState,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    RefundState,
    WebhookEvent,
)
from core.models.mandates import NOTICE
from core.services import worker
from core.services.mandates import debits, renewing
from core.services.notices import mandates as mandate_notices
from core.services.notices import payments as payment_notices
from core.services.notices import subscriptions as subscription_notices
from core.services.notices.writing import tell
from core.services.operations import delivery
from core.services.papers.issuing import financial_year
from core.services.payments import order_status
from core.services.phonepe import mandate_responses
from core.services.phonepe.errors import PhonePeError, PhonePeOutcomeUnknown
from core.services.phonepe.mandate_responses import MandateStatus
from core.services.phonepe.responses import RefundStatus
from core.services.phonepe_service import PhonePeService
from core.services.polling import claims
from core.services.polling.claims import CheckResult, Claim
from core.services.refunds import refund_status
from core.services.settlements import posting as settlement_posting
from core.services.subscriptions.life import Renewal, renewal_of
from core.services.webhooks import processing
from core.services.webhooks.readers import Reading


def _second_notify(stack: ExitStack) -> None:
    """Take a notice without an answer for one that was never sent, so that another is sent in its place."""
    announces = renewing._announce  # noqa: SLF001 - what is broken here

    def _announce(debit: MandateDebit, *, now: datetime) -> datetime | None:
        failed: list[PhonePeError] = []
        service_announces = PhonePeService.announce_debit

        def noted(service: PhonePeService, announced: MandateDebit) -> Any:
            try:
                return service_announces(service, announced)
            except PhonePeOutcomeUnknown as silence:
                failed.append(silence)
                raise

        with mock.patch.object(PhonePeService, "announce_debit", noted):
            again = announces(debit, now=now)
        if failed:
            debits.refused(debit, "TIMEOUT", now=now)
        return again

    stack.enter_context(mock.patch.object(renewing, "_announce", _announce))


def _paused_debit(stack: ExitStack) -> None:
    """Take a paused mandate for an active one."""
    asks = renewing._ask  # noqa: SLF001 - what is broken here

    def _ask(mandate: Mandate, setup: OwnerSubscriptionPayment) -> MandateStatus:
        status = asks(mandate, setup)
        return replace(status, state="ACTIVE") if status.state == "PAUSED" else status

    stack.enter_context(mock.patch.object(renewing, "_ask", _ask))


def _early_number(stack: ExitStack) -> None:
    """Take an invoice's number before the transaction that posts the capture, and not in it."""
    applies, takes, here = order_status.apply_order_status, InvoiceSeries.take, threading.local()

    def apply_order_status(report: Any, *, now: datetime, **how: Any) -> Any:
        payments = OwnerSubscriptionPayment.objects.filter(merchant_order_id=report.merchant_order_id)
        here.numbers = []
        if report.state == OrderState.COMPLETED and payments.exclude(status__in=PAID).exists():
            with transaction.atomic():
                year = financial_year(day_in_india(now))
                InvoiceSeries.objects.get_or_create(prefix="ZS", financial_year=year)
                series = InvoiceSeries.objects.select_for_update().get(prefix="ZS", financial_year=year)
                here.numbers.append(takes(series))
        return applies(report, now=now, **how)

    def take(series: InvoiceSeries) -> int:
        numbers: list[int] = getattr(here, "numbers", [])
        return numbers.pop() if numbers and series.prefix == "ZS" else takes(series)

    stack.enter_context(mock.patch.object(order_status, "apply_order_status", apply_order_status))
    stack.enter_context(mock.patch.object(InvoiceSeries, "take", take))


def _two_workers(stack: ExitStack) -> None:
    """Let a claim on a mandate keep nobody away, and decide by what was read before PhonePe was asked."""
    claims_rows, checks, here = claims.claim_rows, renewing.check, threading.local()
    debit_of, may_announce, is_held = Mandate.debit, debits.may_announce, Claim.still_held

    def claim_rows(lock: Any, cause: Any) -> list[Claim[Any]]:
        made: list[Claim[Any]] = claims_rows(lock, cause)
        mandates = [claim.row.pk for claim in made if isinstance(claim.row, Mandate)]
        Mandate.objects.filter(pk__in=mandates).update(next_check_at=timezone.now())
        return made

    def still_held(claim: Claim[Any], row: Any) -> bool:
        return isinstance(row, Mandate) or is_held(claim, row)

    def check(claim: Any, *, now: datetime, **how: Any) -> Any:
        mandate, subscription = claim.row, claim.row.owner_subscription
        renewal = renewal_of(subscription)
        here.debits = {mandate.pk: debit_of(mandate)}
        here.may = {subscription.pk: renewal is not None and may_announce(mandate, subscription, renewal, now=now)}
        try:
            return checks(claim, now=now, **how)
        finally:
            here.debits, here.may = {}, {}

    def debit(mandate: Mandate) -> MandateDebit | None:
        known: dict[int, MandateDebit | None] = getattr(here, "debits", {})
        return known[mandate.pk] if mandate.pk in known else debit_of(mandate)

    def may(mandate: Mandate, subscription: OwnerSubscription, renewal: Renewal, *, now: datetime) -> bool:
        known: dict[int, bool] = getattr(here, "may", {})
        return known.get(subscription.pk) or may_announce(mandate, subscription, renewal, now=now)

    stack.enter_context(mock.patch.object(worker, "claim_rows", claim_rows))
    stack.enter_context(mock.patch.object(Claim, "still_held", still_held))
    stack.enter_context(mock.patch("core.tasks.MANDATES", replace(worker.MANDATES, check=check)))
    stack.enter_context(mock.patch.object(Mandate, "debit", debit))
    stack.enter_context(mock.patch.object(debits, "may_announce", may))


def _two_workers_not_held(stack: ExitStack) -> None:
    """The same, in a database that would take two debits for one period."""
    _two_workers(stack)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_debit_pays_a_period")


def _forgotten_renewal(stack: ExitStack) -> None:
    """Take a mandate off the schedule while it is looked at: a worker that dies meanwhile leaves it there."""
    claims_rows = claims.claim_rows

    def claim_rows(lock: Any, cause: Any) -> list[Claim[Any]]:
        made: list[Claim[Any]] = claims_rows(lock, cause)
        if not made or not isinstance(made[0].row, Mandate):
            return made
        Mandate.objects.filter(pk__in=[claim.row.pk for claim in made]).update(next_check_at=None)
        return [replace(claim, next_check_at=None) for claim in made]

    stack.enter_context(mock.patch.object(worker, "claim_rows", claim_rows))


def _early_mail(stack: ExitStack) -> None:
    """Send a message where it is written, before its cause is committed."""

    def tell_at_once(user: Any, kind: Any, *, about: str, **what: Any) -> None:
        tell(user, kind, about=about, **what)
        written = Notification.objects.filter(kind=kind, about=about[:64], next_try_at__lte=timezone.now())
        for notification in written:
            notification.tries += 1
            delivery._send_mail(notification)  # noqa: SLF001 - what is done too early here
            Notification.objects.filter(pk=notification.pk).update(
                next_try_at=None, sent_at=timezone.now(), tries=notification.tries
            )

    for module in (mandate_notices, payment_notices, subscription_notices):
        stack.enter_context(mock.patch.object(module, "tell", tell_at_once))


def _hasty_notice(stack: ExitStack) -> None:
    """Take a notice that PhonePe does not know when it is asked at once for one that never comes."""

    def _find_notice(debit: MandateDebit, *, now: datetime) -> datetime | None:
        if order_status.ask_now(debit.order, cause=ChangeCause.CLOCK) == CheckResult.NOT_FOUND:
            debits.refused(debit, "NOT_FOUND", now=now)
        return now + renewing.SOON

    stack.enter_context(mock.patch.object(renewing, "_find_notice", _find_notice))


def _lost_order(stack: ExitStack) -> None:
    """Take PhonePe's word that it knows no such order for its last, at once and also of one that it took."""
    takes = order_status.apply_not_found

    def apply_not_found(name: str, answer: str, *, claim: Claim[PaymentTransaction], now: datetime) -> CheckResult:
        PaymentTransaction.objects.filter(merchant_order_id=name).update(phonepe_order_id="")
        return takes(name, answer, claim=claim, now=now + timedelta(days=2))

    stack.enter_context(mock.patch.object(order_status, "apply_not_found", apply_not_found))


def _refused_refund(stack: ExitStack) -> None:
    """Count a refund as made that PhonePe refused."""
    applies = refund_status.apply_refund_status

    def apply_refund_status(report: RefundStatus, *, cause: ChangeCause, **how: Any) -> CheckResult:
        if cause == ChangeCause.REJECTED:
            report = replace(report, state=RefundState.COMPLETED)
        return applies(report, cause=cause, **how)

    stack.enter_context(mock.patch.object(refund_status, "apply_refund_status", apply_refund_status))


def _settled_anew(stack: ExitStack) -> None:
    """Post a payout each time that its report is read."""
    stack.enter_context(mock.patch.object(settlement_posting, "_posted", return_value={}))


def _old_webhook(stack: ExitStack) -> None:
    """Leave a webhook alone that came before its order was asked about, by the clocks of the machines that noted it.

    Where all clocks agree that is right: the answer says no less than the webhook.
    """
    reads = processing._read  # noqa: SLF001 - what is broken here

    def _read(events: list[WebhookEvent], *, now: datetime) -> list[tuple[WebhookEvent, Reading]]:
        return [(event, _without_what_is_old(event, reading)) for event, reading in reads(events, now=now)]

    stack.enter_context(mock.patch.object(processing, "_read", _read))


def _without_what_is_old(event: WebhookEvent, reading: Reading) -> Reading:
    order = reading.due
    if not isinstance(order, PaymentTransaction) or order.asked_at is None or event.received_at >= order.asked_at:
        return reading
    return replace(reading, due=None)


def _our_day(stack: ExitStack) -> None:
    """Reckon the day between a notice and its debit from our call on, and not from when PhonePe told the payer."""

    def valid_after(answer: Any, *, now: datetime) -> datetime | None:
        if mandate_responses.valid_after(answer, now=now) is None:
            return None
        order = PaymentTransaction.objects.get(merchant_order_id=answer["merchantOrderId"])
        return order.initiated_at + NOTICE

    stack.enter_context(mock.patch.object(order_status, "valid_after", valid_after))


PLANTED: dict[str, Callable[[ExitStack], None]] = {
    "second-notify": _second_notify,
    "paused-debit": _paused_debit,
    "early-number": _early_number,
    "two-workers": _two_workers,
    "two-workers-not-held": _two_workers_not_held,
    "forgotten-renewal": _forgotten_renewal,
    "early-mail": _early_mail,
    "hasty-notice": _hasty_notice,
    "lost-order": _lost_order,
    "refused-refund": _refused_refund,
    "settled-anew": _settled_anew,
    "old-webhook": _old_webhook,
    "our-day": _our_day,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Break the product in one way, meanwhile; an empty name breaks nothing."""
    with ExitStack() as stack:
        if name:
            PLANTED[name](stack)
        yield
