"""AutoPay renews in time: what is paid goes on before the grace days are over, unless something keeps it from that.

What may: anything that the owner, or an operator for the owner, does from the beginning of the paid period to the end
of its grace days; PhonePe being away, or a bank that does not take the money or does not tell the payer, meanwhile; and
a mandate that is not active from four days before the end on. Single calls that fail, webhooks that do not come, and
workers that die, overtake each other or come late may not.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from core.models import (
    ChangeCause,
    Mandate,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
    StateChange,
    SubscriptionPeriod,
)
from core.models.mandates import ENDED
from phonepe_simulator import Simulator
from zelton_backend.simulation.people import Payer
from zelton_backend.simulation.violation import Violation

BEFORE_THE_END = timedelta(days=4)  # a day before the notice
BEGINS_WITHIN = timedelta(hours=1)  # what an owner does until then belongs to the payment that began the period


class Disturbances:
    """What may keep AutoPay from renewing in time.

    :ivar weak_notices: mandates of which a notice is not delivered some time
    :ivar judged: how many paid periods AutoPay had to continue, and did
    """

    def __init__(self) -> None:
        self._acts = defaultdict[int, list[datetime]](list)
        self._away: list[tuple[datetime, datetime]] = []
        self._seen: set[tuple[int, datetime]] = set()
        self.weak_notices: set[str] = set()
        self.judged = 0

    def acts(self, who: Payer, *, until: timedelta = timedelta(0)) -> None:
        """Note that something is done by an owner or for one; its effect lasts until then."""
        self._acts[who.owner.pk] += [timezone.now(), timezone.now() + until]

    def phonepe_is_away(self, long: timedelta) -> None:
        self._away.append((timezone.now(), timezone.now() + long))

    def hold(self, simulator: Simulator, *, now: datetime) -> None:
        """Judge every paid period whose grace days are over, once.

        :raises Violation: if AutoPay should have continued one, and has not
        """
        grace = timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
        for subscription in OwnerSubscription.objects.exclude(status="").select_related("owner").order_by("pk"):
            periods = list(subscription.periods.select_related("payment").order_by("pk"))
            for period in periods:
                ends_at, over_at = period.ends_at, period.ends_at + grace
                key = (subscription.pk, ends_at)
                if over_at > now or key in self._seen or ends_at <= period.starts_at:
                    continue
                self._seen.add(key)
                mandate = self._mandate_for(subscription, period, over_at)
                if mandate is None or not self._is_undisturbed(simulator, subscription, period, over_at):
                    continue
                if not any(other.starts_at <= ends_at < other.ends_at for other in periods):
                    raise Violation(
                        f"{subscription} was paid until {ends_at}, and AutoPay has not renewed it within {grace.days} "
                        f"days, though {mandate} was active, its payer's bank paid and nobody did anything"
                    )
                self.judged += 1

    def _mandate_for(
        self, subscription: OwnerSubscription, period: SubscriptionPeriod, over_at: datetime
    ) -> Mandate | None:
        """Return the mandate that was in use and active all the time, and covers what is owed."""
        since = period.ends_at - BEFORE_THE_END
        paise = subscription.renewal(period)[2]
        mandates: list[Mandate] = list(subscription.mandates.order_by("pk"))
        for mandate in mandates:
            changes = StateChange.objects.filter(what="mandate", transaction__subscription_payment__mandate=mandate)
            before = changes.filter(at__lte=since).order_by("pk").last()
            if before is None or before.new != "ACTIVE" or changes.filter(at__gt=since, at__lte=over_at).exists():
                continue
            if mandate.cancel_at is not None and mandate.cancel_at <= over_at:
                continue
            if not mandate.is_in_use and mandate.state not in ENDED and mandate.cancel_at is None:
                continue  # it was never in use
            if mandate.covers(period.payment.period, paise) and str(mandate) not in self.weak_notices:
                return mandate
        return None

    def _is_undisturbed(
        self, simulator: Simulator, subscription: OwnerSubscription, period: SubscriptionPeriod, over_at: datetime
    ) -> bool:
        since = period.starts_at + BEGINS_WITHIN
        if period.payment.status == PaymentStatus.REFUNDED:
            return False
        if any(since <= at <= over_at for at in self._acts[subscription.owner_id]):
            return False
        if any(began <= over_at and ended >= period.ends_at - BEFORE_THE_END for began, ended in self._away):
            return False
        debits = OwnerSubscriptionPayment.objects.filter(subscription=subscription, renews_from=period.ends_at)
        if StateChange.objects.filter(
            transaction__subscription_payment__in=debits, cause=ChangeCause.REJECTED
        ).exists():
            return False  # PhonePe refused a notice that it could take
        attempts = Counter[str]()
        for name in debits.values_list("merchant_order_id", flat=True):
            order = simulator.orders.get(name)
            attempts.update(attempt.state for attempt in (order.attempts if order else ()))
        return not (attempts["FAILED"] or attempts["PENDING"])
