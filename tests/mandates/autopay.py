"""What an owner and the clock do with AutoPay, over HTTP and through the task."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from time_machine import Traveller

from core.models import Mandate, OwnerSubscription, OwnerSubscriptionPayment, PricingPlan, User
from core.services import worker
from core.tasks import renew_subscriptions
from tests.people import Caller
from tests.phonepe import PhonePe

AUTOPAY = "/api/owner-subscriptions/autopay/"


class Autopay:
    """One owner's AutoPay; the owner logs in anew each time, because no log-in lasts for months."""

    def __init__(self, user: User, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller) -> None:
        self.user, self.plan, self.phonepe, self._traveller = user, plan, phonepe, traveller

    def caller(self) -> Caller:
        return Caller(self.user)

    def sets_up(self, period: str = "monthly", *, by: Caller | None = None, **body: Any) -> Any:
        wanted = {"pricing_plan_id": self.plan.pk, "period": period, "device_os": "ANDROID"}
        way = {} if "upi_id" in body else {"target_app": "com.phonepe.app"}
        return (by or self.caller()).post(AUTOPAY, wanted | way | body)

    def cancels(self) -> Any:
        return self.caller().delete(AUTOPAY)

    def approves(self, mandate: Mandate | None = None) -> None:
        """The owner approves in the UPI app, and the webhook of it comes."""
        name = str(mandate or self.mandate)
        self.phonepe.simulator.mandates.approve(name)
        self.delivers()

    def delivers(self) -> None:
        """Webhooks come, and all that is due by then is done."""
        self.phonepe.delivers()
        self.pass_by(seconds=4)
        worker.tick()

    def pass_by(self, **span: float) -> None:
        self._traveller.shift(timedelta(**span))

    def go_to(self, moment: datetime) -> None:
        """Let time pass to a moment, while nobody works."""
        self._traveller.move_to(moment)

    def works(self) -> None:
        """What a worker does in a minute."""
        self.phonepe.delivers()
        worker.tick()
        renew_subscriptions()
        self.phonepe.delivers()

    def works_until(self, moment: datetime, *, every: timedelta = timedelta(hours=1)) -> None:
        """Let a worker work, seldom, until a moment; what is due between is done a little late."""
        while timezone.now() < moment:
            self._traveller.move_to(min(moment, timezone.now() + every))
            self.works()

    @property
    def mandate(self) -> Mandate:
        return Mandate.objects.latest("pk")

    @property
    def subscription(self) -> OwnerSubscription:
        return OwnerSubscription.objects.get(owner__user=self.user)

    @property
    def end(self) -> datetime:
        """The end of what is paid."""
        paid_until = self.subscription.paid_until
        assert paid_until is not None
        return paid_until

    @property
    def debits(self) -> list[OwnerSubscriptionPayment]:
        return list(OwnerSubscriptionPayment.objects.exclude(renews_from=None).order_by("pk"))

    def calls(self, name: str) -> list[Any]:
        return self.phonepe.simulator.calls_to(f"subscription_{name}")
