"""An owner's subscription: attempts to pay for it, the periods that were paid, and how it stands."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import Self

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.db.prepared import Param, Prepared, insert, update
from core.gst import tax_within
from core.india import day_in_india, months_between, months_later
from core.models.ledger_accounts import GST, SUBSCRIPTION_INCOME
from core.models.orders import PaymentTransaction
from core.models.payables import PAID, IllegalMove, Payable, PaymentStatus
from core.models.people import Owner, User
from core.models.plans import MONTHS, BillingPeriod, PricingPlan
from core.models.subscription_status import (
    SUBSCRIPTION_MOVES,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionStatus,
)
from core.models.vocabulary import only_known

logger = structlog.get_logger(__name__)
ANNOUNCED_BEFORE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Span:
    """When a period runs, and the day from which the months up to its end are counted."""

    anchor: datetime
    starts_at: datetime
    ends_at: datetime
    continues: bool  # what is paid already, or was until a few days ago


@dataclass(frozen=True, slots=True)
class SubscriptionStep:
    """Something that happened to a subscription: an event of `SubscriptionEvent`, or "announced".

    :ivar at: when it was due
    :ivar old: the status before it
    """

    event: str
    at: datetime
    old: str = ""


class OwnerSubscription(models.Model):
    """The one subscription of an owner. Its periods say when it runs; the rest follows from them and from the clock."""

    owner = models.OneToOneField(Owner, on_delete=models.PROTECT, related_name="subscription")
    anchor = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Periods end whole months after this moment, in India's calendar; empty before the first.",
    )
    status = models.CharField(
        max_length=16, choices=SubscriptionStatus.choices, blank=True, default="", db_default="", editable=False
    )
    plan = models.ForeignKey(
        PricingPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    period = models.CharField(max_length=10, choices=BillingPeriod.choices, blank=True, default="", db_default="")
    current_period_start = models.DateTimeField(null=True, blank=True)
    current_period_end = models.DateTimeField(null=True, blank=True)
    paid_until = models.DateTimeField(
        null=True, blank=True, help_text="The end of what is paid, later periods included."
    )
    cancel_at_period_end = models.BooleanField(default=False, db_default=False)
    next_plan = models.ForeignKey(
        PricingPlan,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="What begins when the paid time ends; empty: the same again.",
    )
    next_period = models.CharField(max_length=10, choices=BillingPeriod.choices, blank=True, default="", db_default="")
    announced_for = models.DateTimeField(
        null=True, blank=True, help_text="The end of paid time whose renewal the owner was told of, with its price."
    )
    renewal_price_paise = models.BigIntegerField(null=True, blank=True)
    debit_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then an announced debit may still renew it, so that it is not past due."
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="When `renew_subscriptions` looks at it next.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            only_known("status", SubscriptionStatus, name="subscription_status_known"),
            models.CheckConstraint(
                condition=Q(status="") | Q(plan__isnull=False, paid_until__isnull=False), name="subscription_has_a_plan"
            ),
            models.CheckConstraint(
                condition=(Q(next_plan__isnull=True) & Q(next_period=""))
                | (Q(next_plan__isnull=False) & ~Q(next_period="")),
                name="waiting_change_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="subscription_due")]

    def __str__(self) -> str:
        return f"Subscription of {self.owner}"

    def last_period(self) -> "SubscriptionPeriod | None":
        """Return the paid period that ends last, apart from those that were refunded before they began.

        Of two that end together it is the one that was paid last: an upgrade ends with what it lies over.
        """
        return self._one(_LAST_PERIOD.rows(subscription=self.pk))

    def running_period(self, now: datetime) -> "SubscriptionPeriod | None":
        """Return the paid period that runs now: of several the one that was paid last.

        An upgrade lies over all that was paid before it, also over periods that begin later.
        """
        return self._one(_RUNNING_PERIOD.rows(subscription=self.pk, now=now))

    def _one(self, periods: "list[SubscriptionPeriod]") -> "SubscriptionPeriod | None":
        for period in periods:
            period.subscription = self
        return periods[0] if periods else None

    def grace_ends_after(self, paid_until: datetime) -> datetime:
        return paid_until + timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)

    def owes_renewal(self, last: "SubscriptionPeriod") -> bool:
        """Tell whether another period is to follow the last one."""
        is_cancelled = self.cancel_at_period_end or self.status == SubscriptionStatus.CANCELLED
        return not is_cancelled and last.payment.status != PaymentStatus.REFUNDED

    def next_span(self, period: str, *, now: datetime) -> Span:
        """Return when a period would run whose money comes now.

        It continues from the end of what is paid, also within the grace days after it. All ends are whole months after
        the anchor, so that the 28th of February is followed by the 31st of March if the first day was a 31st. What has
        expired, or was shortened by a refund, begins a new count.
        """
        last = self.last_period()
        starts_at = now
        if last and (last.ends_at >= now or (self.owes_renewal(last) and now < self.grace_ends_after(last.ends_at))):
            starts_at = last.ends_at
        return self.span_from(starts_at, period, after=last, continues=starts_at != now)

    def span_from(
        self, starts_at: datetime, period: str, *, after: "SubscriptionPeriod | None" = None, continues: bool = False
    ) -> Span:
        """Return when a period runs that starts then.

        The anchor stays if that is whole months after it, or the full end of the period before: a period that was
        counted from the end of another before there were anchors is followed by one that ends on the anchor's day.
        """
        follows = after is not None and after.full_ends_at == starts_at
        counted_on = (
            self.anchor if self.anchor and (follows or starts_at == _whole_months(self.anchor, starts_at)) else None
        )
        anchor = counted_on or starts_at
        months = months_between(anchor, starts_at) + MONTHS[BillingPeriod(period)]
        return Span(anchor, starts_at, months_later(anchor, months), continues)

    def renewal(self, last: "SubscriptionPeriod") -> tuple[PricingPlan, str, int]:
        """Return the plan, the period and the price in paise of what follows the last period.

        The price is the plan's when the owner was told of the renewal.
        """
        plan = self.next_plan or last.plan
        period = self.next_period or last.payment.period
        is_fixed = self.renewal_price_paise is not None and self.announced_for == last.ends_at
        return plan, period, self.renewal_price_paise if is_fixed else plan.price_paise(period)  # type: ignore[return-value]

    def have_mandate_looked_at(self, *, now: datetime) -> None:
        """Have the next run look whether what was announced is what is owed now. Called under its lock."""
        self.mandates.filter(is_in_use=True).make_due(now=now)

    def bring_up_to_date(self, *, now: datetime, by_clock: bool = False) -> list[SubscriptionStep]:
        """Move on to what is true now and return what happened; repeated, late or by another machine it is the same.

        Called under its lock.

        :param by_clock: also do what the owner has to be told of; otherwise it is due at once, for the clock to do
        """
        steps: list[SubscriptionStep] = []
        last = self.last_period()
        if last is None:
            if self.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE):
                steps.append(self._moves(SubscriptionEvent.REFUNDED, now))
            self.due_at = None
        else:
            is_news = self.paid_until is None or last.ends_at > self.paid_until
            self.paid_until = last.ends_at
            current = self.running_period(now) or last
            self.plan, self.period = current.plan, current.payment.period
            self.current_period_start, self.current_period_end = current.starts_at, current.ends_at
            if (is_news or last.ends_at > now) and self.status != SubscriptionStatus.ACTIVE:
                steps.append(self._moves(SubscriptionEvent.PAID, min(now, last.ends_at)))
            if last.ends_at > now:
                self._announce(last, steps, now=now, by_clock=by_clock)
            else:
                self._end(last, steps, now=now, by_clock=by_clock)
        update(self)
        return steps

    def _announce(
        self, last: "SubscriptionPeriod", steps: list[SubscriptionStep], *, now: datetime, by_clock: bool
    ) -> None:
        announce_at = last.ends_at - ANNOUNCED_BEFORE
        self.due_at = self.current_period_end
        if not self.owes_renewal(last) or self.announced_for == last.ends_at:
            return
        if now >= announce_at and by_clock:
            self._fix_price(last)
            steps.append(SubscriptionStep("announced", announce_at))
        else:
            self.due_at = min(announce_at, self.current_period_end or announce_at)

    def _fix_price(self, last: "SubscriptionPeriod") -> None:
        if self.announced_for != last.ends_at:
            self.renewal_price_paise = None
            self.announced_for, self.renewal_price_paise = last.ends_at, self.renewal(last)[2]

    def _end(self, last: "SubscriptionPeriod", steps: list[SubscriptionStep], *, now: datetime, by_clock: bool) -> None:
        """Decide what becomes of it after the end of what is paid."""
        ended_at, grace_ends = last.ends_at, self.grace_ends_after(last.ends_at)
        self.due_at = None
        if self.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE):
            return
        if self.cancel_at_period_end:
            at = ended_at if self.status == SubscriptionStatus.ACTIVE else now
            steps.append(self._moves(SubscriptionEvent.CANCELLED, at))
        elif last.payment.status == PaymentStatus.REFUNDED:
            steps.append(self._moves(SubscriptionEvent.REFUNDED, ended_at))
        elif self.status == SubscriptionStatus.ACTIVE and self.debit_until and now < min(self.debit_until, grace_ends):
            self.due_at = min(self.debit_until, grace_ends)
        elif not by_clock:
            self.due_at = ended_at
        else:
            self._fix_price(last)
            if self.status == SubscriptionStatus.ACTIVE:
                steps.append(self._moves(SubscriptionEvent.ENDED, ended_at))
            if now >= grace_ends:
                steps.append(self._moves(SubscriptionEvent.GRACE_OVER, grace_ends))
            else:
                self.due_at = grace_ends

    def _moves(self, event: SubscriptionEvent, at: datetime) -> SubscriptionStep:
        """:raises IllegalMove: if SUBSCRIPTION_MOVES does not allow it"""
        old = SubscriptionStatus(self.status)
        if event not in SUBSCRIPTION_MOVES[old]:
            raise IllegalMove(f"{self}: {event} while {old or 'none yet'}")
        self.status = SUBSCRIPTION_MOVES[old][event]
        SubscriptionChange.objects.create(subscription=self, old=old, new=self.status, event=event, at=at)
        said = {"subscription": self.pk, "old": str(old), "new": str(self.status), "cause": str(event)}
        transaction.on_commit(partial(logger.info, "subscription_moved", **said))
        return SubscriptionStep(event, at, old)


def _whole_months(anchor: datetime, moment: datetime) -> datetime:
    """Return the end of a period that lies in the month of a moment."""
    return months_later(anchor, months_between(anchor, moment))


class SubscriptionPaymentQuerySet(models.QuerySet["OwnerSubscriptionPayment"]):
    def visible_to(self, user: User) -> Self:
        return self if user.may("core.view_ownersubscriptionpayment") else self.concerning(user.pk)

    def concerning(self, user: int | Param) -> Self:
        return self.filter(subscription__owner__user=user)


class Purpose(models.TextChoices):
    """What a subscription payment is for."""

    FIRST = "first", "first period, or the first one after a gap"
    RENEWAL = "renewal", "period that follows the paid time"
    UPGRADE = "upgrade", "upgrade at once"
    CHECK = "check", "check of the account for AutoPay, paid back"


class PaymentKind(models.TextChoices):
    """How an owner came to pay."""

    PAYMENT = "payment", "on a pay page"
    AUTOPAY_SETUP = "autopay_setup", "by approving AutoPay"
    AUTOPAY_DEBIT = "autopay_debit", "by AutoPay"


def _share(span: timedelta, part: int, whole: int) -> timedelta:
    """Return a part of a span, to the microsecond; a span times an amount of paise is more than it can hold."""
    return timedelta(microseconds=round(Fraction(span // timedelta(microseconds=1) * part, whole)))


class OwnerSubscriptionPayment(Payable):
    """One attempt of an owner to pay for a period of a plan."""

    kind_for_people = "Subscription"
    payer, way_to_payer = "subscription", "subscription__owner__user"
    captured_fields = ("receipt", "goes_back")
    ledger_relations = ("subscription__owner", "plan", "mandate")
    display_relations = ("plan", "mandate")
    subscription = models.ForeignKey(OwnerSubscription, on_delete=models.PROTECT, related_name="payments")
    transaction = models.OneToOneField(
        PaymentTransaction, on_delete=models.PROTECT, related_name="subscription_payment"
    )
    plan = models.ForeignKey(PricingPlan, on_delete=models.PROTECT, related_name="payments")
    period = models.CharField(max_length=10, choices=BillingPeriod.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.FIRST, db_default=Purpose.FIRST)
    credit_paise = models.BigIntegerField(
        default=0, db_default=0, help_text="What was left of the paid time and came off the price."
    )

    mandate = models.ForeignKey(
        "core.Mandate",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
        db_index=False,
        help_text="The mandate that it sets up, or under which it is debited.",
    )
    renews_from = models.DateTimeField(
        null=True, blank=True, help_text="Of a debit: the end of the paid time that it continues."
    )
    goes_back = models.BooleanField(
        default=False, db_default=False, help_text="Of a debit: its period is paid otherwise, and all of it goes back."
    )

    objects = SubscriptionPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status=PaymentStatus.PENDING, renews_from__isnull=True) & ~Q(purpose=Purpose.CHECK),
                name="one_current_payment_per_subscription",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status=PaymentStatus.PENDING, mandate__isnull=False, renews_from__isnull=True),
                name="one_current_setup_per_subscription",
            ),
            models.UniqueConstraint(
                fields=["subscription", "renews_from"],
                condition=Q(renews_from__isnull=False, goes_back=False)
                & ~Q(status__in=(PaymentStatus.FAILED, PaymentStatus.CANCELLED)),
                name="one_debit_pays_a_period",
            ),
            models.CheckConstraint(
                condition=Q(renews_from__isnull=True) | Q(mandate__isnull=False), name="debit_has_a_mandate"
            ),
            only_known("status", PaymentStatus, name="subscription_payment_status_known"),
            only_known("period", BillingPeriod, name="subscription_payment_period_known"),
            only_known("purpose", Purpose, name="subscription_payment_purpose_known"),
            models.CheckConstraint(condition=Q(credit_paise__gte=0), name="credit_not_negative"),
        ]
        indexes = [models.Index(fields=["mandate"], condition=Q(mandate__isnull=False), name="payment_by_mandate")]
        permissions = [("refund_ownersubscriptionpayment", "Can refund a subscription payment")]

    def may_be_refunded_by(self, user: User) -> bool:
        return user.may("core.refund_ownersubscriptionpayment") and user.pk != self.payer_user_id

    @property
    def payer_user_id(self) -> int:
        return self.subscription.owner.user_id

    @property
    def payer_name(self) -> str:
        return self.subscription.owner.name

    def note_capture(self, amount_paise: int) -> int:
        self.receipt = self.names()
        goes_back = (
            self.was_replaced() or self._comes_too_late() or self._is_for_nothing() or self._was_debited_meanwhile()
        )
        if self.renews_from is not None:
            goes_back = goes_back or any(
                other.status in PAID and not other.goes_back for other in self._others_for_the_same()
            )
            self.goes_back = goes_back
        return amount_paise if goes_back else 0

    def overtaken(self) -> "list[OwnerSubscriptionPayment]":
        if self.renews_from is None or self.goes_back:
            return []
        return [other for other in self._others_for_the_same() if other.status == PaymentStatus.PENDING]

    def _others_for_the_same(self) -> "list[OwnerSubscriptionPayment]":
        """Return the other debits for the same period: one that failed is announced anew, and may come all the same."""
        debits = _DEBITS_FOR.rows(subscription=self.subscription_id, renews_from=self.renews_from)
        return [debit for debit in debits if debit.pk != self.pk]

    def _comes_too_late(self) -> bool:
        """Tell whether an upgrade's money came when there was nothing left to upgrade: all of it goes back."""
        if self.purpose != Purpose.UPGRADE:
            return False
        running = self.subscription.running_period(timezone.now())
        return running is None or not is_upgrade(running, self.plan, self.period)

    def _was_debited_meanwhile(self) -> bool:
        """Tell whether AutoPay has paid the period since this payment for it was begun: two are not wanted."""
        if self.renews_from is not None or self.purpose not in (Purpose.FIRST, Purpose.RENEWAL):
            return False
        debits = self.subscription.payments.filter(renews_from__isnull=False, opened_period__isnull=False)
        since = self.transaction.initiated_at
        changes = {"what": "status", "new": PaymentStatus.COMPLETED, "at__gte": since}
        return debits.filter(**{f"transaction__changes__{name}": value for name, value in changes.items()}).exists()

    def _is_for_nothing(self) -> bool:
        """Tell whether the money opens no period: it only checked an account, or came for time that is paid otherwise.

        A debit that arrives although its owner has cancelled goes back too.
        """
        if self.mandate is None:
            return False
        if self.renews_from is None:
            return self.only_checks_account or self.mandate.is_overtaken()
        last = self.subscription.last_period()
        return last is not None and (last.ends_at > self.renews_from or not self.subscription.owes_renewal(last))

    @property
    def kind(self) -> str:
        """Return how the owner came to pay: by themselves, by approving AutoPay, or by AutoPay."""
        if self.mandate_id is None:
            return PaymentKind.PAYMENT
        return PaymentKind.AUTOPAY_SETUP if self.renews_from is None else PaymentKind.AUTOPAY_DEBIT

    @property
    def only_checks_account(self) -> bool:
        """Tell whether it is the setup of a mandate whose two rupees pay for nothing and go back."""
        return self.purpose == Purpose.CHECK

    def names(self) -> dict[str, str]:
        """Return who pays for what, as they are called now."""
        return {"payer": self.subscription.owner.name, "plan": self.plan.name, "period": self.period}

    def deliver(self, *, now: datetime) -> None:
        """Open the paid period after the last one, or at once; money that goes back whole opens none."""
        if self.mandate is not None:
            self.mandate.note_payment(self, now=now)
        if self.was_replaced() or self.transaction.surplus_paise == self.transaction.captured_paise:
            return
        subscription = self.subscription
        is_wish = (self.plan_id, self.period) == (subscription.next_plan_id, subscription.next_period)
        if self.purpose == Purpose.UPGRADE:
            span, worth_paise = self._upgrade(now)
        else:
            span = subscription.next_span(self.period, now=self._came_at(now))
            worth_paise = self.transaction.captured_paise
        opened = SubscriptionPeriod(
            subscription=subscription,
            payment=self,
            plan=self.plan,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            full_ends_at=span.ends_at,
            worth_paise=worth_paise,
        )
        insert(opened)
        subscription.anchor, subscription.cancel_at_period_end = span.anchor, False  # whoever pays on, goes on
        if is_wish or self.purpose == Purpose.UPGRADE:
            subscription.next_plan, subscription.next_period, subscription.announced_for = None, "", None
        subscription.bring_up_to_date(now=now)
        if self.mandate is None or not self.mandate.is_in_use:  # its own has just been made due
            subscription.have_mandate_looked_at(now=now)
        self.receipt = {
            **(self.receipt or self.names()),
            "starts_at": span.starts_at.astimezone(UTC).isoformat(),
            "ends_at": span.ends_at.astimezone(UTC).isoformat(),
        }
        update(self, "receipt")

    def _upgrade(self, now: datetime) -> tuple[Span, int | None]:
        """Return when an upgrade runs, and what all of it is worth; of the rest of a period: the period below knows.

        A longer period begins anew; otherwise what is paid goes on to its end in the larger plan.
        """
        subscription = self.subscription
        running, last = subscription.running_period(now), subscription.last_period()
        if running is None or last is None or running.payment.period != self.period:
            return subscription.span_from(now, self.period), self.transaction.captured_paise + self.credit_paise
        for below in subscription.periods.filter(ends_at__gt=now).select_related("payment__transaction"):
            if not below.lies_over_another:
                below.worth_paise = max(below.worth, self.plan.price_paise(below.payment.period))
                below.save(update_fields=["worth_paise"])
        return Span(subscription.anchor or now, now, last.ends_at, continues=False), None

    def _came_at(self, now: datetime) -> datetime:
        """Return when the money came, however late we learn of it."""
        order = self.transaction
        return max(order.initiated_at, min(now, order.paid_at or now))

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        state = self.subscription.owner.state
        tax = tax_within(amount_paise, is_split=not state or state == settings.INVOICE_SELLER_STATE)
        return {SUBSCRIPTION_INCOME: -(amount_paise - tax), GST: -tax}

    def after_refunds(self, refunded_paise: int, *, now: datetime) -> None:
        """Shorten the opened period by the refunded share of it; what has passed stays, all refunded ends it now."""
        period = SubscriptionPeriod.objects.filter(payment=self).first()
        if period is None:
            return
        full_ends_at = period.full_ends_at or months_later(period.starts_at, MONTHS[BillingPeriod(self.period)])
        captured_paise = self.transaction.captured_paise
        left = _share(full_ends_at - period.starts_at, captured_paise - refunded_paise, captured_paise)
        before, period.ends_at = (
            period.ends_at,
            max(period.starts_at, min(period.ends_at, max(now, period.starts_at + left))),
        )
        period.save(update_fields=["ends_at"])
        over = self.subscription.periods.filter(payment__purpose=Purpose.UPGRADE, worth_paise=None, ends_at=before)
        for upgrade in over.filter(pk__gt=period.pk):
            upgrade.ends_at = max(upgrade.starts_at, period.ends_at)
            upgrade.save(update_fields=["ends_at"])
        subscription = self.subscription
        if period.lies_over_another:
            self._weigh_again(period)
        if period.ends_at < before:
            # A debit that was announced for the end before is not owed any more; the mandate's next look gives it up.
            subscription.debit_until = None
            subscription.have_mandate_looked_at(now=now)
        subscription.bring_up_to_date(now=now)

    def _weigh_again(self, upgrade: "SubscriptionPeriod") -> None:
        """Let the periods below an upgrade be worth what was paid for them and for upgrades, less what went back."""
        periods = list(self.subscription.periods.select_related("plan", "payment__transaction").order_by("starts_at"))
        for below in periods:
            if below.lies_over_another or below.ends_at <= upgrade.starts_at:
                continue
            order = below.payment.transaction
            worth = order.captured_paise + below.payment.credit_paise
            for over in periods:
                if over.lies_over_another and over.starts_at < below.ends_at and over.pk > below.pk:
                    dearer = max(0, over.payment.plan.price_paise(below.payment.period) - worth)
                    worth += dearer * over.payment.kept_paise() // over.payment.transaction.captured_paise
            below.worth_paise = worth
            below.save(update_fields=["worth_paise"])

    def kept_paise(self) -> int:
        """Return what came less what PhonePe has paid back."""
        order = self.transaction
        paid_back: int = sum(order.refunds.filter(state="COMPLETED").values_list("amount_paise", flat=True))
        return order.captured_paise - paid_back

    def after_sent_back(self, *, now: datetime) -> None:
        """Have the mandate cancelled that was approved with it: nothing may be debited for what nobody has."""
        if self.mandate is not None and self.renews_from is None:
            self.mandate.stop(now=now)

    def after_failure(self, *, now: datetime) -> None:
        if self.mandate is not None:
            self.mandate.note_failure(self, now=now)

    def reason_to_return(self) -> str:
        checked = "It only checked the account for AutoPay"
        return checked if self.only_checks_account else super().reason_to_return()

    def payer_sentence(self) -> str:
        if self.only_checks_account:
            return "Check of the account for AutoPay"
        return f"{self.plan} plan, {self.get_period_display().lower()}"


class SubscriptionPeriod(models.Model):
    """One paid period of a plan."""

    subscription = models.ForeignKey(OwnerSubscription, on_delete=models.PROTECT, related_name="periods")
    payment = models.OneToOneField(OwnerSubscriptionPayment, on_delete=models.PROTECT, related_name="opened_period")
    plan = models.ForeignKey(PricingPlan, on_delete=models.PROTECT, related_name="periods")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    full_ends_at = models.DateTimeField(
        null=True, blank=True, help_text="The end that was paid for; a refund brings `ends_at` forward."
    )
    worth_paise = models.BigIntegerField(
        null=True, blank=True, help_text="The price of all of it, from its start to its full end; empty: what was paid."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=models.F("starts_at")), name="period_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["subscription", "-ends_at"], name="period_by_subscription")]

    def __str__(self) -> str:
        return f"{self.plan} from {day_in_india(self.starts_at)} to {day_in_india(self.ends_at)}"

    @property
    def worth(self) -> int:
        """Return the price in paise of all of it."""
        return self.payment.transaction.captured_paise if self.worth_paise is None else self.worth_paise

    @property
    def lies_over_another(self) -> bool:
        """Tell whether it is the larger plan for the rest of a period, which knows what that is worth."""
        return self.payment.purpose == Purpose.UPGRADE and self.worth_paise is None


# Asked at each look at a mandate, and several times as a renewal is paid.
_OF = Param("subscription", models.BigIntegerField())
_NOW = Param("now", models.DateTimeField())
_LAST_PERIOD = Prepared(
    lambda: (
        SubscriptionPeriod.objects.filter(subscription=_OF)
        .exclude(ends_at=F("starts_at"))
        .select_related("plan", "payment")
        .order_by("-ends_at", "-pk")[:1]
    )
)
_RUNNING_PERIOD = Prepared(
    lambda: (
        SubscriptionPeriod.objects.filter(subscription=_OF, starts_at__lte=_NOW, ends_at__gt=_NOW)
        .select_related("plan", "payment")
        .order_by("-pk")[:1]
    )
)
_DEBITS_FOR = Prepared(
    lambda: (
        OwnerSubscriptionPayment.objects.filter(
            subscription=_OF, renews_from=Param("renews_from", models.DateTimeField())
        )
        .select_related("transaction", "subscription")
        .order_by("pk")
    )
)


def is_upgrade(running: SubscriptionPeriod, plan: PricingPlan, period: str) -> bool:
    """Tell whether somebody who has this period gets more by another, so that it begins at once."""
    months, now_months = MONTHS[BillingPeriod(period)], MONTHS[BillingPeriod(running.payment.period)]
    if plan.pk == running.plan_id:
        return months > now_months
    return months >= now_months and plan.is_above(running.plan, running.payment.period)
