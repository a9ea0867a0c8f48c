"""What owners, operators and workers do with subscriptions: over HTTP, as the app does, or by its services."""

from django.utils import timezone
from knox.models import get_token_model

from core import tasks
from core.errors import DomainError
from core.models import BillingPeriod, Channel, PricingPlan
from core.services.mandates.cancelling import cancel_autopay, cancel_subscription
from core.services.mandates.setup import Way, start_setup
from core.services.subscriptions.changing import change_plan, resume
from zelton_backend.simulation.actions import Actions
from zelton_backend.simulation.people import Payer

AUTOPAY = "/api/owner-subscriptions/autopay/"
WAY = Way("ANDROID", "com.phonepe.app")


class SubscriptionActions:
    """Everything returns a few words about what came of it."""

    def __init__(self, actions: Actions, plans: tuple[PricingPlan, ...]) -> None:
        self._actions, self._plans = actions, plans

    def sets_up(self, who: Payer, plan: int, period: str, *, over_http: bool) -> str:
        chosen = self._plans[plan]
        if over_http:
            body = {"pricing_plan_id": chosen.pk, "period": period, "device_os": WAY.device_os}
            return self._actions.posts(fresh_token(who), AUTOPAY, {**body, "target_app": WAY.target_app})
        try:
            started = start_setup(owner=who.owner, plan=chosen, period=BillingPeriod(period), way=WAY)
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"
        return f"{201 if started.is_new else 200} {started.mandate}"

    def pays(self, who: Payer, plan: int, period: str, *, over_http: bool) -> str:
        if not over_http:
            return self._actions.subscribes(who, plan, period, key=None, over_http=False)
        body = {"pricing_plan_id": self._plans[plan].pk, "period": period}
        return self._actions.posts(fresh_token(who), "/api/owner-subscriptions/initiate-payment/", body)

    def cancels_autopay(self, who: Payer) -> str:
        try:
            return str(cancel_autopay(who.owner.pk, now=timezone.now()).shown_state)
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"

    def cancels(self, who: Payer, *, over_http: bool) -> str:
        if over_http:
            return self._actions.posts(fresh_token(who), "/api/owner-subscriptions/cancel/", {})
        try:
            return str(cancel_subscription(who.owner, now=timezone.now()).status)
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"

    def resumes(self, who: Payer) -> str:
        try:
            return str(resume(who.owner, now=timezone.now()).status)
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"

    def changes_plan(self, who: Payer, plan: int, period: str) -> str:
        try:
            change_plan(
                who.owner,
                self._plans[plan],
                BillingPeriod(period),
                channel=Channel.REDIRECT,
                now=timezone.now(),
            )
        except DomainError as refusal:
            return f"{refusal.status_code} {refusal.code}"
        return "changed"

    def reprices(self, plan: int, paise: int) -> str:
        PricingPlan.objects.filter(pk=self._plans[plan].pk).update(monthly_price_paise=paise)
        self._plans[plan].refresh_from_db()
        return f"{paise} paise a month"

    def renews(self) -> str:
        """Do what a worker does every minute."""
        return f"looked at {tasks.renew_subscriptions()}"


def fresh_token(who: Payer) -> str:
    """Log in anew: no log-in lasts for months."""
    token: str = get_token_model().objects.create(who.user)[1]
    return token
