"""Upgrade, downgrade, cancel and resume: POST change-plan, cancel, resume and initiate-payment, and what GET tells."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from time_machine import Traveller

from core.india import INDIA
from core.models import (
    Notification,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PricingPlan,
    Refund,
    SubscriptionPeriod,
)
from core.services import worker
from core.services.subscriptions.checkout import SubscriptionSlot
from tests.api.answers import assert_problem
from tests.people import Caller, make_plan
from tests.phonepe import Days, PhonePe
from tests.subscriptions import ROOT, changes_plan, is_refunded, pays_a_period, subscribes, verifies


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=INDIA)


@pytest.fixture
def growth(db: None) -> PricingPlan:
    return make_plan("Growth", monthly_price_paise=1_499_00, yearly_price_paise=14_990_00, max_units=50)


@pytest.fixture
def nano(db: None) -> PricingPlan:
    return make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00, max_units=2)


@pytest.fixture
def asha(owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller) -> Any:
    """Starter, paid for April on its first day; it is noon of the 11th: two thirds are left."""
    traveller.move_to(noon("2026-04-01"))
    pays_a_period(owner, plan, phonepe)
    traveller.move_to(noon("2026-04-11"))
    return owner


def stands(owner: Caller) -> Any:
    answer = Caller(owner.user).get(f"{ROOT}/")
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestStanding:
    def test_none_yet(self, owner: Caller, phonepe: PhonePe) -> None:
        told = stands(owner)

        assert (told["status"], told["plan"], told["amount_due"]) == (None, None, "0.00")
        assert not OwnerSubscription.objects.exists()

    def test_it_tells_what_runs(self, asha: Caller) -> None:
        told = stands(asha)

        assert (told["status"], told["plan"]["name"], told["period"]) == ("active", "Starter", "monthly")
        assert told["current_period_end"] == told["paid_until"] == "2026-05-01T06:30:00Z"
        assert (told["pending_change"], told["autopay"], told["cancel_at_period_end"]) == (None, None, False)

    def test_it_is_right_though_the_clock_is_late(self, asha: Caller, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-05-03"))
        told = stands(asha)
        assert (told["status"], told["amount_due"]) == ("past_due", "499.00")

        traveller.move_to(noon("2026-05-08"))
        assert (stands(asha)["status"], stands(asha)["amount_due"]) == ("expired", "0.00")


class TestUpgrade:
    def test_the_rest_of_the_period_is_paid(self, asha: Caller, growth: PricingPlan, phonepe: PhonePe) -> None:
        """Two thirds of ₹1,499 less two thirds of ₹499: ₹666.67, of which ₹332.67 are credited."""
        answer = subscribes(asha, growth)

        assert answer.status_code == 201
        body = answer.json()
        assert (body["amount"], body["credit"]) == ("666.67", "332.67")
        assert body["charged_for"] == "Growth plan, monthly, from now to 1 May 2026"
        assert (body["starts_at"], body["ends_at"]) == ("2026-04-11T06:30:00Z", "2026-05-01T06:30:00Z")
        phonepe.pays(answer)
        assert verifies(asha, answer).json()["payment"]["purpose"] == "upgrade"

        told = stands(asha)
        assert (told["plan"]["name"], told["paid_until"]) == ("Growth", "2026-05-01T06:30:00Z")
        assert asha.get(f"{ROOT}/active/").json()["plan"]["name"] == "Growth"

    def test_it_keeps_the_anchor(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        pays_a_period(asha, growth, phonepe)
        traveller.move_to(noon("2026-04-30"))

        pays_a_period(asha, growth, phonepe)

        assert OwnerSubscription.objects.get().anchor == noon("2026-04-01")
        assert SubscriptionPeriod.objects.latest("pk").ends_at == noon("2026-06-01")

    def test_two_in_one_period_cost_what_one_does(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        estate = make_plan("Estate", monthly_price_paise=2_999_00, yearly_price_paise=29_990_00)
        pays_a_period(asha, growth, phonepe)
        traveller.move_to(noon("2026-04-16"))

        body = subscribes(Caller(asha.user), estate).json()

        assert (body["amount"], body["credit"]) == ("750.00", "749.50")  # halves of ₹1,500 and of ₹1,499

    def test_prepaid_periods_are_upgraded_too(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe
    ) -> None:
        pays_a_period(asha, plan, phonepe)  # May

        body = subscribes(asha, growth).json()

        assert (body["amount"], body["ends_at"]) == ("1666.67", "2026-06-01T06:30:00Z")

    def test_a_longer_period_begins_anew(self, asha: Caller, growth: PricingPlan, phonepe: PhonePe) -> None:
        body = subscribes(asha, growth, "yearly").json()

        assert (body["amount"], body["credit"]) == ("14657.33", "332.67")
        assert body["ends_at"] == "2027-04-11T06:30:00Z"
        phonepe.pays(body["merchant_order_id"])
        worker.run(worker.ORDERS, everything=True)
        assert OwnerSubscription.objects.get().anchor == noon("2026-04-11")
        assert stands(asha)["paid_until"] == "2027-04-11T06:30:00Z"

    def test_the_price_of_a_payment_that_waits_stays(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        first = subscribes(asha, growth)
        PricingPlan.objects.filter(pk=growth.pk).update(monthly_price_paise=1_999_00)
        days.pass_by(60)

        again = subscribes(asha, growth)

        assert (again.status_code, again.json()["merchant_order_id"]) == (200, first.json()["merchant_order_id"])
        assert again.json()["amount"] == "666.67"

    def test_a_raised_price_costs_nothing_of_what_is_paid(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan
    ) -> None:
        PricingPlan.objects.filter(pk=plan.pk).update(monthly_price_paise=999_00)

        assert changes_plan(asha, growth, preview=True).json()["credit"] == "332.67"

    def test_below_a_rupee_nothing_is_charged(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-05-01") - timedelta(minutes=40))
        asha, calls = Caller(asha.user), len(phonepe.simulator.calls)
        assert_problem(subscribes(asha, growth), 409, "nothing_due")

        body = changes_plan(asha, growth).json()

        assert (body["takes_effect"], body["charged_now"]) == ("now", "0.00")
        assert stands(asha)["plan"]["name"] == "Growth"
        assert len(phonepe.simulator.calls) == calls

    def test_one_that_is_paid_too_late_goes_back_whole(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-05-01") - timedelta(minutes=10) - timedelta(days=1))
        started = subscribes(Caller(asha.user), growth)
        assert started.status_code == 201
        phonepe.pays(started)
        traveller.move_to(noon("2026-05-01"))

        assert verifies(Caller(asha.user), started).json()["state"] == "COMPLETED"

        assert (
            Refund.objects.get().amount_paise == OwnerSubscriptionPayment.objects.latest("pk").transaction.amount_paise
        )
        assert stands(asha)["status"] == "past_due"

    def test_a_refund_of_it_gives_the_smaller_plan_back(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        is_refunded(pays_a_period(asha, growth, phonepe), None, operator, days)

        told = stands(asha)
        assert (told["status"], told["plan"]["name"], told["paid_until"]) == (
            "active",
            "Starter",
            "2026-05-01T06:30:00Z",
        )

    @pytest.mark.parametrize(("refunded", "costs"), [(None, Decimal("664.35")), ("333.33", Decimal("331.25"))])
    def test_what_was_refunded_of_it_is_credited_no_more(
        self,
        asha: Caller,
        growth: PricingPlan,
        phonepe: PhonePe,
        operator: Caller,
        days: Days,
        refunded: str | None,
        costs: Decimal,
    ) -> None:
        upgrade = pays_a_period(asha, growth, phonepe)
        assert upgrade.transaction.amount_paise == 666_67
        is_refunded(upgrade, refunded, operator, days)
        days.pass_by(2 * 3600)
        SubscriptionPeriod.objects.filter(payment=upgrade).update(ends_at=days.now())

        again = subscribes(Caller(asha.user), growth)

        assert again.status_code == 201, again.content
        assert abs(Decimal(again.json()["amount"]) - costs) <= Decimal("2.00")

    def test_a_refund_of_what_it_lies_over_ends_both(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        pays_a_period(asha, growth, phonepe)

        is_refunded(OwnerSubscriptionPayment.objects.earliest("pk"), None, operator, days)

        assert SubscriptionPeriod.objects.filter(ends_at__gt=days.now()).count() == 0


class TestChangePlan:
    def test_a_preview_changes_nothing(self, asha: Caller, growth: PricingPlan, phonepe: PhonePe) -> None:
        calls = len(phonepe.simulator.calls)

        body = changes_plan(asha, growth, preview=True).json()

        assert (body["preview"], body["takes_effect"], body["charged_now"]) == (True, "now", "666.67")
        assert len(phonepe.simulator.calls) == calls
        assert OwnerSubscriptionPayment.objects.count() == 1

    def test_an_upgrade_gives_a_pay_page(self, asha: Caller, growth: PricingPlan, phonepe: PhonePe) -> None:
        answer = changes_plan(asha, growth)

        assert (answer.status_code, answer.json()["amount"]) == (201, "666.67")
        assert changes_plan(asha, growth).json()["merchant_order_id"] == answer.json()["merchant_order_id"]

    def test_the_same_plan_by_the_year_begins_at_once(self, asha: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        answer = changes_plan(asha, plan, "yearly")

        assert answer.status_code == 201
        assert (answer.json()["amount"], answer.json()["ends_at"]) == ("4657.33", "2027-04-11T06:30:00Z")
        phonepe.pays(answer)
        verifies(asha, answer)
        assert (stands(asha)["period"], stands(asha)["paid_until"]) == ("yearly", "2027-04-11T06:30:00Z")

    def test_a_downgrade_waits_for_the_end_and_is_the_renewal(
        self, asha: Caller, nano: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        body = changes_plan(asha, nano).json()

        assert (body["takes_effect"], body["charged_now"], body["price"]) == ("period_end", "0.00", "199.00")
        assert body["detail"].startswith("The Nano plan, monthly, begins on 1 May 2026")
        waiting = stands(asha)["pending_change"]
        assert (waiting["plan"]["name"], waiting["amount"]) == ("Nano", "199.00")
        assert stands(asha)["plan"]["name"] == "Starter"

        traveller.move_to(noon("2026-04-29"))
        assert stands(asha)["amount_due"] == "199.00"
        pays_a_period(asha, nano, phonepe)
        assert stands(asha)["pending_change"] is None
        traveller.move_to(noon("2026-05-01"))
        assert stands(asha)["plan"]["name"] == "Nano"

    def test_what_was_told_of_another_plan_is_told_anew(
        self, asha: Caller, nano: PricingPlan, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-04-29"))
        assert stands(asha)["amount_due"] == "499.00"

        changes_plan(Caller(asha.user), nano)

        assert stands(asha)["amount_due"] == "199.00"
        prices = Notification.objects.filter(kind="subscription_renews").order_by("pk")
        assert ["499" in notice.text for notice in prices] == [True, False]

    @pytest.mark.parametrize(("yearly", "takes_effect"), [(332_68, "now"), (332_67, "period_end")])
    def test_a_longer_period_begins_at_once_if_there_is_a_paisa_to_pay(
        self, asha: Caller, yearly: int, takes_effect: str
    ) -> None:
        """Of what was paid, ₹332.67 are left."""
        longer = make_plan("Growth", monthly_price_paise=1_499_00, yearly_price_paise=yearly, max_units=50)

        body = changes_plan(asha, longer, "yearly").json()

        assert (body["takes_effect"], body["charged_now"]) == (takes_effect, "0.00")

    def test_the_present_plan_takes_a_waiting_change_back(
        self, asha: Caller, plan: PricingPlan, nano: PricingPlan
    ) -> None:
        changes_plan(asha, nano)

        assert changes_plan(asha, plan).status_code == 200
        assert stands(asha)["pending_change"] is None

    def test_not_while_a_payment_waits(
        self, asha: Caller, plan: PricingPlan, nano: PricingPlan, phonepe: PhonePe
    ) -> None:
        subscribes(asha, plan)
        calls = len(phonepe.simulator.calls)

        told = assert_problem(changes_plan(asha, nano), 409, "payment_waits")

        assert "₹499.00 is waiting" in told["error"]
        assert len(phonepe.simulator.calls) == calls

    def test_nor_while_one_is_begun_at_the_same_moment(
        self, asha: Caller, plan: PricingPlan, nano: PricingPlan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks = SubscriptionSlot.current

        def current(slot: SubscriptionSlot) -> Any:
            monkeypatch.setattr(SubscriptionSlot, "current", looks)
            found = slot.current()
            assert subscribes(asha, plan).status_code == 201
            return found

        monkeypatch.setattr(SubscriptionSlot, "current", current)

        assert_problem(changes_plan(asha, nano), 409, "payment_waits")
        assert stands(asha)["pending_change"] is None

    def test_without_a_subscription_there_is_nothing_to_change(
        self, owner: Caller, plan: PricingPlan, tenant: Caller, phonepe: PhonePe
    ) -> None:
        assert_problem(changes_plan(owner, plan), 409, "no_subscription")
        assert_problem(changes_plan(tenant, plan), 403, "permission_denied")
        assert not phonepe.simulator.calls

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"pricing_plan_id": 0}, "pricing_plan_id"),
            ({"period": "weekly"}, "period"),
            ({"preview": "soon"}, "preview"),
        ],
    )
    def test_what_cannot_be_is_a_400(self, asha: Caller, plan: PricingPlan, wrong: dict[str, Any], field: str) -> None:
        assert_problem(changes_plan(asha, plan, **wrong), 400, "invalid", field=field)

    def test_a_withdrawn_plan_is_for_who_has_it(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe
    ) -> None:
        PricingPlan.objects.update(is_offered=False)

        assert_problem(changes_plan(asha, growth), 400, "invalid", field="pricing_plan_id")
        assert_problem(subscribes(asha, growth), 400, "invalid", field="pricing_plan_id")
        assert subscribes(asha, plan).status_code == 201


class TestCancelAndResume:
    def test_it_ends_with_what_is_paid(self, asha: Caller, traveller: Traveller) -> None:
        answer = asha.post(f"{ROOT}/cancel/")

        assert (answer.json()["status"], answer.json()["cancel_at_period_end"]) == ("active", True)
        traveller.move_to(noon("2026-04-29"))
        assert stands(asha)["amount_due"] == "0.00"
        traveller.move_to(noon("2026-05-01"))
        assert stands(asha)["status"] == "cancelled"
        assert_problem(Caller(asha.user).post(f"{ROOT}/resume/"), 409, "no_subscription")

    def test_resume_undoes_it(self, asha: Caller, traveller: Traveller) -> None:
        asha.post(f"{ROOT}/cancel/")
        resumed = asha.post(f"{ROOT}/resume/").json()
        assert (resumed["status"], resumed["cancel_at_period_end"]) == ("active", False)
        assert_problem(asha.post(f"{ROOT}/resume/"), 409, "no_subscription")

        traveller.move_to(noon("2026-05-01"))
        assert stands(asha)["status"] == "past_due"

    def test_anothers_goes_on(
        self, asha: Caller, other_owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        pays_a_period(other_owner, plan, phonepe)
        meera = Caller(other_owner.user)

        assert meera.post(f"{ROOT}/cancel/").json()["current_period_end"] == "2026-05-11T06:30:00Z"
        assert (stands(asha)["cancel_at_period_end"], stands(meera)["cancel_at_period_end"]) == (False, True)

    def test_past_due_it_ends_at_once(self, asha: Caller, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-05-03"))

        assert Caller(asha.user).post(f"{ROOT}/cancel/").json()["status"] == "cancelled"
        assert_problem(Caller(asha.user).post(f"{ROOT}/cancel/"), 409, "no_subscription")

    def test_after_it_a_payment_begins_anew(
        self, asha: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        asha.post(f"{ROOT}/cancel/")
        traveller.move_to(noon("2026-05-03"))
        stands(asha)

        pays_a_period(asha, plan, phonepe)

        assert OwnerSubscription.objects.get().anchor == noon("2026-05-03")
        assert stands(asha)["status"] == "active"

    def test_a_cancelled_plan_is_not_changed(self, asha: Caller, nano: PricingPlan) -> None:
        asha.post(f"{ROOT}/cancel/")

        told = assert_problem(changes_plan(asha, nano), 409, "no_subscription")
        assert "ends on 1 May 2026" in told["error"]


class TestPayments:
    def test_an_owner_sees_their_own(self, asha: Caller, other_owner: Caller) -> None:
        (payment,) = asha.get(f"{ROOT}/payments/").json()["results"]

        assert (payment["amount"], payment["plan"], payment["purpose"]) == ("499.00", "Starter", "first")
        assert other_owner.get(f"{ROOT}/payments/").json()["results"] == []
