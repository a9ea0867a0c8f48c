"""What must be true of subscriptions: their periods, access, papers and messages, worked out anew from the facts."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from django.conf import settings

from core.india import day_in_india
from core.models import (
    PAID,
    ChangeCause,
    Flow,
    Invoice,
    InvoiceKind,
    InvoiceSeries,
    Mandate,
    MandateDebit,
    Notification,
    NotificationKind,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
    Purpose,
    Refund,
    RefundState,
    StateChange,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionPeriod,
    SubscriptionStatus,
)
from core.models.mandates import ENDED
from core.services.subscriptions.checkout import plan_of
from phonepe_simulator import Simulator
from zelton_backend.simulation.subscriptions.mailbox import Mailbox
from zelton_backend.simulation.violation import Violation

RUNS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
DAYS = {"monthly": range(28, 32), "yearly": range(365, 367)}


def hold_now(*, now: datetime, off: timedelta) -> None:
    """
    :param off: by how much the clocks of machines of ours may differ
    :raises Violation: if somebody has what they have not paid for, or has not what they have paid
    """
    if Mailbox.wrong:
        raise Violation(Mailbox.wrong[0])
    for subscription in OwnerSubscription.objects.exclude(status="").select_related("owner"):
        if subscription.due_at is None or subscription.due_at > now:  # else a worker has yet to come
            _access_is_right(subscription, now=now, off=off)


def hold_at_the_end(simulator: Simulator, late: set[str], *, now: datetime, off: timedelta) -> None:
    """
    :param late: the orders whose money a bank took after PhonePe had called them FAILED
    :raises Violation: if not
    """
    hold_now(now=now, off=off)
    _one_debit_for_one_period(simulator, late)
    _periods_are_right()
    _numbers_have_no_gap()
    _money_has_its_papers()
    _everybody_is_told_once(off)
    _letters_have_their_rows()


def _access_is_right(subscription: OwnerSubscription, *, now: datetime, off: timedelta) -> None:
    grace = timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
    periods = [each for each in subscription.periods.select_related("payment") if each.ends_at > each.starts_at]
    last = max(periods, key=lambda each: (each.ends_at, each.pk), default=None)
    turns = [at for each in periods for at in (each.starts_at, each.ends_at, each.ends_at + grace)]
    if off and any(abs(now - at) <= off for at in turns):
        return  # by one clock it is before, by another after
    status, allowed = SubscriptionStatus(subscription.status), set[SubscriptionStatus]()
    if last is None:
        allowed = {SubscriptionStatus.EXPIRED}
    elif now < last.ends_at:
        allowed = {SubscriptionStatus.ACTIVE}
    else:
        allowed = {SubscriptionStatus.EXPIRED, SubscriptionStatus.CANCELLED}
        is_refunded = last.payment.status == PaymentStatus.REFUNDED
        if now < last.ends_at + grace and not subscription.cancel_at_period_end and not is_refunded:
            allowed = {SubscriptionStatus.ACTIVE if _waits_for_debit(subscription, last, now) else RUNS[1]}
            if status == SubscriptionStatus.CANCELLED:  # cancelled while past due
                allowed = {status}
    if status not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise Violation(f"{subscription} is {status} and should be {wanted}: paid until {last and last.ends_at}")
    has_access = plan_of(subscription.owner, now=now) is not None
    runs = any(each.starts_at <= now < each.ends_at for each in periods)
    if has_access != (runs or status in RUNS):
        raise Violation(f"{subscription} is {status}, and its owner has {'a' if has_access else 'no'} plan")


def _waits_for_debit(subscription: OwnerSubscription, last: SubscriptionPeriod, now: datetime) -> bool:
    """Tell whether a debit that was announced before the end may still come."""
    waiting = MandateDebit.objects.filter(
        payment__subscription=subscription,
        payment__status=PaymentStatus.PENDING,
        payment__renews_from=last.ends_at,
        payment__transaction__expire_at__gt=now,
    )
    return waiting.filter(payment__created_at__lt=last.ends_at).exists()


def _one_debit_for_one_period(simulator: Simulator, late: set[str]) -> None:
    came, kept = defaultdict[tuple[int, datetime], list[str]](list), Counter[tuple[int, datetime]]()
    debits = OwnerSubscriptionPayment.objects.exclude(renews_from=None).select_related("transaction").order_by("pk")
    for debit in debits:
        if debit.renews_from is None:
            continue
        period, order = (debit.subscription_id, debit.renews_from), simulator.orders.get(debit.merchant_order_id)
        if order is not None and order.captured and debit.merchant_order_id not in late:
            came[period].append(debit.merchant_order_id)
        kept[period] += SubscriptionPeriod.objects.filter(payment=debit).exists()
    for (subscription, renews_from), names in came.items():
        if len(names) > 1:
            raise Violation(f"{' and '.join(names)} were both debited for what follows {renews_from}")
        if kept[subscription, renews_from] > 1:
            raise Violation(f"the debits for what follows {renews_from} have opened more than one period")


def _periods_are_right() -> None:
    for subscription in OwnerSubscription.objects.order_by("pk"):
        periods = list(subscription.periods.select_related("payment").order_by("pk"))
        for number, period in enumerate(periods):
            if period.payment.purpose == Purpose.UPGRADE:
                continue
            if any(before.ends_at > period.starts_at for before in periods[:number]):
                raise Violation(f"{period} of {period.payment} begins before what was paid already has ended")
            whole = (period.full_ends_at or period.ends_at) - period.starts_at
            if round(whole / timedelta(days=1)) not in DAYS[period.payment.period]:
                raise Violation(f"{period} of {period.payment} is {whole} long")
            from_, grace = period.payment.renews_from, timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
            if from_ and period.starts_at != from_ and period.starts_at < from_ + grace:
                raise Violation(f"{period.payment} renews from {from_}, and its period begins at {period.starts_at}")
    paid = OwnerSubscriptionPayment.objects.filter(status__in=PAID).select_related("transaction")
    for payment in paid:
        goes_back = payment.transaction.surplus_paise
        opened = SubscriptionPeriod.objects.filter(payment=payment).count()
        if goes_back not in (0, payment.transaction.captured_paise) or opened != (goes_back == 0):
            raise Violation(f"{payment}: {goes_back} paise go back, and {opened} periods are opened")


def _numbers_have_no_gap() -> None:
    series = defaultdict[str, list[int]](list)
    for paper in Invoice.objects.order_by("pk"):
        prefix, year, number = paper.number.split("/")
        day = day_in_india(paper.issued_at)
        first = day.year if day.month > 3 else day.year - 1
        if year != f"{first % 100:02}-{(first + 1) % 100:02}":
            raise Violation(f"{paper} was issued on {day}")
        series[f"{prefix}/{year}"].append(int(number))
    given = {f"{each.prefix}/{each.financial_year}": each.last_number for each in InvoiceSeries.objects.all()}
    for name, numbers in series.items():
        if numbers != list(range(1, len(numbers) + 1)):
            missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
            raise Violation(f"series {name} ends with {numbers[-1]}, has {len(numbers)} papers and misses {missing}")
    for name, last in given.items():
        if last != len(series[name]):
            raise Violation(f"series {name} has given {last} numbers, and has {len(series[name])} papers")


def _money_has_its_papers() -> None:
    """Money for which something was supplied has an invoice, and what went back of it a credit note."""
    completed = dict(_when_completed())
    for payment in OwnerSubscriptionPayment.objects.select_related("transaction").order_by("pk"):
        papers = list(payment.papers.filter(kind=InvoiceKind.TAX_INVOICE))
        goes_back_whole = payment.transaction.surplus_paise == payment.transaction.captured_paise
        if len(papers) != (payment.status in PAID and not goes_back_whole):
            raise Violation(f"{payment} is {payment.status} and has {len(papers)} invoices")
        for paper in papers:
            if (paper.total_paise, paper.issued_at) != (payment.transaction.captured_paise, completed[payment.pk]):
                raise Violation(f"{paper} is not of the moment and amount at which {payment} was paid")
    of_owners = Refund.objects.filter(transaction__subscription_payment__isnull=False)
    for refund in of_owners.order_by("pk"):
        notes = list(Invoice.objects.filter(refund=refund).select_related("credits__payment"))
        has_invoice = Invoice.objects.filter(
            payment__transaction=refund.transaction_id, kind=InvoiceKind.TAX_INVOICE
        ).exists()
        if len(notes) != (has_invoice and refund.state == RefundState.COMPLETED):
            raise Violation(f"{refund} is {refund.state} and has {len(notes)} credit notes")
        for note in notes:
            about = note.credits and note.credits.payment.transaction_id
            if (note.total_paise, about) != (refund.amount_paise, refund.transaction_id):
                raise Violation(f"{note} is not of {refund}")


def _when_completed() -> list[tuple[int, datetime]]:
    changes = StateChange.objects.filter(what="status", new=PaymentStatus.COMPLETED).exclude(old__in=PAID)
    return list(changes.values_list("transaction__subscription_payment", "at"))


# Messages.


def _everybody_is_told_once(off: timedelta) -> None:
    told = Counter(Notification.objects.values_list("kind", "about"))
    wanted = Counter[tuple[str, str]]()
    _add_payments(wanted)
    _add_refunds(wanted)
    for name in MandateDebit.objects.values_list("payment__merchant_order_id", flat=True):
        wanted[NotificationKind.DEBIT_ANNOUNCED, f"order:{name}"] += 1
    _add_mandates(wanted, off)
    of_cause = {key[0] for key in wanted} | {NotificationKind.DEBIT_FAILED, NotificationKind.MANDATE_REVOKED}
    came = Counter({key: count for key, count in told.items() if key[0] in of_cause})
    came = Counter({_without_moment(*key): 0 for key in came})
    for (kind, about), count in told.items():
        if kind in of_cause:
            came[_without_moment(kind, about)] += count
    for key in sorted({*wanted, *came}):
        if wanted[key] != came[key]:
            raise Violation(f"{key[1]}: {key[0]} is told {came[key]} times, and its causes are {wanted[key]}")
    _moves_are_told(told)


def _without_moment(kind: str, about: str) -> tuple[str, str]:
    return (kind, about.partition(":paused")[0]) if kind == NotificationKind.MANDATE_PAUSED else (kind, about)


def _add_payments(wanted: Counter[tuple[str, str]]) -> None:
    changes = StateChange.objects.filter(what="status").select_related("transaction")
    for change in changes.exclude(old__in=PAID):
        about, flow = f"order:{change.transaction.merchant_order_id}", change.transaction.flow
        if change.new == PaymentStatus.COMPLETED:
            wanted[NotificationKind.PAYMENT_RECEIVED, about] += 1
        elif change.new == PaymentStatus.FAILED and flow == Flow.REDEMPTION:
            wanted[NotificationKind.DEBIT_FAILED, about] += 1
        elif change.new == PaymentStatus.FAILED and flow == Flow.CHECKOUT and change.cause != ChangeCause.REJECTED:
            wanted[NotificationKind.PAYMENT_FAILED, about] += 1


def _add_refunds(wanted: Counter[tuple[str, str]]) -> None:
    tried_again = Refund.objects.exclude(retry_of=None).values("retry_of")
    for refund in Refund.objects.filter(state__in=(RefundState.COMPLETED, RefundState.FAILED)):
        is_done = refund.state == RefundState.COMPLETED
        if not is_done and tried_again.filter(retry_of=refund).exists():
            continue  # by itself, hours later; nobody has to know
        kind = NotificationKind.REFUND_DONE if is_done else NotificationKind.REFUND_FAILED
        wanted[kind, f"refund:{refund.merchant_refund_id}"] += 1


def _add_mandates(wanted: Counter[tuple[str, str]], off: timedelta) -> None:
    for change in StateChange.objects.filter(what="mandate").order_by("pk"):
        mandate = Mandate.objects.get(payments__transaction=change.transaction_id)
        if change.new == "PAUSED":
            wanted[NotificationKind.MANDATE_PAUSED, f"mandate:{mandate.pk}"] += 1
        elif change.new in ENDED and change.old != "ACTIVATION_IN_PROGRESS":
            is_ours = mandate.cancel_at is not None and mandate.cancel_at <= change.at + off
            wanted[NotificationKind.MANDATE_REVOKED, f"mandate:{mandate.pk}:ended"] += not is_ours


def _moves_are_told(told: Counter[tuple[str, str]]) -> None:
    """Each end of a paid time is told of, as past due or as expired; what was over at once only as expired."""
    for subscription in OwnerSubscription.objects.order_by("pk"):
        count = Counter(
            {
                kind: sum(told[key] for key in told if key[0] == kind and _concerns(key[1], subscription.pk))
                for kind in (NotificationKind.SUBSCRIPTION_PAST_DUE, NotificationKind.SUBSCRIPTION_EXPIRED)
            }
        )
        events = Counter(SubscriptionChange.objects.filter(subscription=subscription).values_list("event", flat=True))
        ended, over = events[SubscriptionEvent.ENDED], events[SubscriptionEvent.GRACE_OVER]
        past_due, expired = (
            count[NotificationKind.SUBSCRIPTION_PAST_DUE],
            count[NotificationKind.SUBSCRIPTION_EXPIRED],
        )
        if past_due > ended or expired > over or past_due + expired < ended:
            raise Violation(
                f"{subscription} ended {ended} times and expired {over} times; it was told to be past due {past_due} "
                f"times and to be expired {expired} times"
            )


def _concerns(about: str, subscription: int) -> bool:
    return about.startswith(f"subscription:{subscription}:")


def _letters_have_their_rows() -> None:
    if Mailbox.wrong:
        raise Violation(Mailbox.wrong[0])
    letters, rows = Counter(Mailbox.letters), {str(row.message_id): row for row in Notification.objects.all()}
    for letter, count in letters.items():
        if letter not in rows:
            raise Violation("a letter was sent whose cause was never committed")
        if count > rows[letter].tries:
            raise Violation(f"{rows[letter]} was sent {count} times in {rows[letter].tries} tries")
    for letter, row in rows.items():
        if row.sent_at is None or letter not in letters:
            raise Violation(f"{row} ({row.kind}) was never sent")
