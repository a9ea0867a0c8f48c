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
        assert body["detail"] == (
            "The Growth plan begins as soon as this is paid, and is paid until 1 May 2026. "
            "₹332.67 that are left of your present plan are taken off its price."
        )
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
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        pays_a_period(asha, plan, phonepe)  # May

        started = subscribes(asha, growth)

        body = started.json()
        assert (body["amount"], body["ends_at"]) == ("1666.67", "2026-06-01T06:30:00Z")
        phonepe.pays(started)
        verifies(asha, started)
        for day, due in (("2026-05-02", "0.00"), ("2026-05-30", "1499.00"), ("2026-06-02", "1499.00")):
            traveller.move_to(noon(day))
            told = stands(asha)
            assert (told["plan"]["name"], told["units_allowed"], told["amount_due"]) == ("Growth", 50, due)
        assert subscribes(Caller(asha.user), growth).json()["ends_at"] == "2026-07-01T06:30:00Z"

    def test_a_longer_period_takes_the_place_of_prepaid_ones(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        """May was credited with the rest of April; of the year 344 of 365 days are left on its second day."""
        estate = make_plan("Estate", monthly_price_paise=2_999_00, yearly_price_paise=29_990_00)
        pays_a_period(asha, plan, phonepe)
        started = subscribes(asha, growth, "yearly")
        assert started.json()["credit"] == "831.67"
        phonepe.pays(started)
        verifies(asha, started)
        traveller.move_to(noon("2026-05-02"))

        told = Caller(asha.user).get(f"{ROOT}/active/").json()
        assert (told["plan"]["name"], told["period"], told["ends_at"]) == ("Growth", "yearly", "2027-04-11T06:30:00Z")
        body = subscribes(Caller(asha.user), estate, "yearly").json()
        assert (body["amount"], body["credit"], body["ends_at"]) == ("14136.99", "14127.56", "2027-04-11T06:30:00Z")

    def test_a_refund_of_a_longer_period_gives_back_what_it_had_credited(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        is_refunded(pays_a_period(asha, growth, phonepe, "yearly"), None, operator, days)

        assert subscribes(Caller(asha.user), growth).json()["credit"] == "331.97"  # of 479 of 720 hours

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
        assert (again.json()["amount"], again.json()["credit"]) == ("666.67", "332.67")
        assert again.json()["detail"] == first.json()["detail"]

    def test_after_a_longer_period_has_begun_it_alone_is_credited(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        """Of its 365 days 360 are left; the rest of April was credited when it began."""
        estate = make_plan("Estate", monthly_price_paise=2_999_00, yearly_price_paise=29_990_00)
        pays_a_period(asha, growth, phonepe, "yearly")
        traveller.move_to(noon("2026-04-16"))

        body = subscribes(Caller(asha.user), estate, "yearly").json()

        assert (body["amount"], body["credit"]) == ("14794.52", "14784.66")
        assert body["ends_at"] == "2027-04-11T06:30:00Z"

    def test_of_what_was_refunded_in_part_the_rest_is_credited(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        """399/499 of thirty days are 2,072,561 s, and ten days and an hour have passed: 1,204,961 s of 2,592,000."""
        is_refunded(OwnerSubscriptionPayment.objects.get(), "100.00", operator, days)

        body = subscribes(Caller(asha.user), growth).json()

        assert (body["amount"], body["credit"]) == ("464.88", "231.97")

    def test_a_period_of_which_no_full_end_is_known_ends_where_it_does(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe
    ) -> None:
        SubscriptionPeriod.objects.update(full_ends_at=None)

        assert subscribes(asha, growth).json()["credit"] == "332.67"

    def test_time_is_counted_by_the_second(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        """A second of this plan costs 38 paise."""
        PricingPlan.objects.filter(pk=growth.pk).update(monthly_price_paise=9_99_999_99)
        traveller.move_to(noon("2026-04-11") + timedelta(seconds=1))

        assert subscribes(asha, growth).json()["amount"] == "666333.61"

    def test_what_is_credited_beyond_the_price_is_not_paid_out(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan
    ) -> None:
        PricingPlan.objects.filter(pk=plan.pk).update(monthly_price_paise=99_00)
        PricingPlan.objects.filter(pk=growth.pk).update(monthly_price_paise=199_00)

        body = changes_plan(asha, growth, preview=True).json()

        assert (body["takes_effect"], body["price"], body["credit"]) == ("now", "0.00", "332.67")

    def test_a_rupee_is_charged(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        """In the last thousandth of the month ₹1,499 less ₹499 are just that."""
        traveller.move_to(noon("2026-05-01") - timedelta(days=30) / 1000)
        asha = Caller(asha.user)
        assert changes_plan(asha, growth, preview=True).json()["charged_now"] == "1.00"

        started = subscribes(asha, growth)

        assert (started.status_code, started.json()["amount"]) == (201, "1.00")
        assert changes_plan(asha, growth).json()["merchant_order_id"] == started.json()["merchant_order_id"]

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

    def test_a_refund_of_the_second_gives_the_first_back(
        self, asha: Caller, growth: PricingPlan, phonepe: PhonePe, operator: Caller, traveller: Traveller, days: Days
    ) -> None:
        estate = make_plan("Estate", monthly_price_paise=2_999_00, yearly_price_paise=29_990_00)
        pays_a_period(asha, growth, phonepe)
        traveller.move_to(noon("2026-04-16"))

        is_refunded(pays_a_period(asha, estate, phonepe), None, operator, days)

        told = stands(asha)
        assert (told["plan"]["name"], told["paid_until"]) == ("Growth", "2026-05-01T06:30:00Z")

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

    def test_a_refund_of_a_prepaid_period_that_it_lies_over_shortens_it(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        may = pays_a_period(asha, plan, phonepe)
        pays_a_period(asha, growth, phonepe)

        is_refunded(may, None, operator, days)

        told = stands(asha)
        assert (told["plan"]["name"], told["paid_until"]) == ("Growth", "2026-05-01T06:30:00Z")


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

    @pytest.mark.parametrize(
        ("yearly", "takes_effect", "charged", "begins"),
        [
            (333_67, "now", "1.00", "2026-04-11T06:30:00Z"),
            (333_66, "period_end", "0.00", "2026-05-01T06:30:00Z"),
            (300_00, "period_end", "0.00", "2026-05-01T06:30:00Z"),
        ],
    )
    def test_a_longer_period_begins_at_once_if_there_is_a_rupee_to_pay(
        self, asha: Caller, yearly: int, takes_effect: str, charged: str, begins: str
    ) -> None:
        """Of what was paid, ₹332.67 are left; what is opened for nothing would end with the month."""
        longer = make_plan("Growth", monthly_price_paise=1_499_00, yearly_price_paise=yearly, max_units=50)

        body = changes_plan(asha, longer, "yearly", preview=True).json()

        assert (body["takes_effect"], body["charged_now"], body["starts_at"]) == (takes_effect, charged, begins)
        told = changes_plan(asha, longer, "yearly")
        assert told.status_code == (201 if takes_effect == "now" else 200)
        waits = stands(asha)["pending_change"]
        assert waits is None if takes_effect == "now" else waits["period"] == "yearly"

    @pytest.mark.parametrize(("seconds", "takes_effect"), [(0, "period_end"), (-1, "now")])
    def test_a_longer_period_that_ends_no_later_than_what_is_paid_waits_for_it(
        self, asha: Caller, growth: PricingPlan, seconds: int, takes_effect: str
    ) -> None:
        paid_until = noon("2027-04-11") + timedelta(seconds=seconds)
        SubscriptionPeriod.objects.update(ends_at=paid_until, full_ends_at=paid_until)

        assert changes_plan(asha, growth, "yearly", preview=True).json()["takes_effect"] == takes_effect

    def test_it_says_what_is_charged_what_for_and_from_when(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, nano: PricingPlan, traveller: Traveller
    ) -> None:
        def says(wanted: PricingPlan) -> dict[str, Any]:
            told = changes_plan(Caller(asha.user), wanted, preview=True).json()
            assert (told.pop("success"), told.pop("preview"), told.pop("period")) == (True, True, "monthly")
            assert told.pop("plan")["name"] == wanted.name
            return dict(told)

        assert says(growth) == {
            "takes_effect": "now",
            "charged_now": "666.67",
            "price": "666.67",
            "charged_for": "Growth plan, monthly, from now to 1 May 2026",
            "credit": "332.67",
            "starts_at": "2026-04-11T06:30:00Z",
            "ends_at": "2026-05-01T06:30:00Z",
            "detail": "The Growth plan begins as soon as this is paid, and is paid until 1 May 2026. "
            "₹332.67 that are left of your present plan are taken off its price.",
        }
        assert says(nano) == {
            "takes_effect": "period_end",
            "charged_now": "0.00",
            "price": "199.00",
            "charged_for": "Nano plan, monthly, 1 May 2026 to 1 June 2026",
            "credit": "0.00",
            "starts_at": "2026-05-01T06:30:00Z",
            "ends_at": "2026-06-01T06:30:00Z",
            "detail": "The Nano plan, monthly, begins on 1 May 2026, when what is paid has ended. "
            "Nothing is charged before.",
        }
        traveller.move_to(noon("2026-05-01") - timedelta(minutes=42))
        assert says(growth) == {
            "takes_effect": "now",
            "charged_now": "0.00",
            "price": "0.97",
            "charged_for": "Growth plan, monthly, from now to 1 May 2026",
            "credit": "0.49",
            "starts_at": "2026-05-01T05:48:00Z",
            "ends_at": "2026-05-01T06:30:00Z",
            "detail": "The Growth plan begins at once. Nothing is charged before 1 May 2026.",
        }

    def test_past_due_it_is_what_the_next_payment_is_for(
        self, asha: Caller, growth: PricingPlan, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-05-03"))

        body = changes_plan(Caller(asha.user), growth).json()

        assert (body["takes_effect"], body["starts_at"]) == ("period_end", "2026-05-01T06:30:00Z")
        told = stands(asha)
        assert (told["status"], told["amount_due"]) == ("past_due", "1499.00")
        assert told["pending_change"]["plan"]["name"] == "Growth"

    @pytest.mark.parametrize("preview", [True, False])
    def test_what_has_expired_or_was_never_paid_is_not_changed(
        self,
        asha: Caller,
        other_owner: Caller,
        plan: PricingPlan,
        growth: PricingPlan,
        traveller: Traveller,
        preview: bool,
    ) -> None:
        assert subscribes(other_owner, plan).status_code == 201
        traveller.move_to(noon("2026-05-08"))

        for owner in (asha, other_owner):
            told = assert_problem(changes_plan(Caller(owner.user), growth, preview=preview), 409, "no_subscription")
            assert told["error"] == "No subscription runs that could be changed. Pay for the plan that you want."

    def test_an_upgrade_waits_for_a_payment_for_something_else_too(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe
    ) -> None:
        waiting = subscribes(asha, plan)
        calls = len(phonepe.simulator.calls)

        told = assert_problem(changes_plan(asha, growth), 409, "payment_waits")

        assert told["error"] == "A payment of ₹499.00 is waiting. Finish it, or wait until it ends at 12:20."
        assert len(phonepe.simulator.calls) == calls
        assert subscribes(asha, plan).json()["merchant_order_id"] == waiting.json()["merchant_order_id"]

    def test_a_free_upgrade_changes_nothing_of_what_has_passed(
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        pays_a_period(asha, plan, phonepe)
        traveller.move_to(noon("2026-06-01") - timedelta(minutes=40))
        pays_a_period(asha, plan, phonepe)
        PricingPlan.objects.filter(pk=growth.pk).update(monthly_price_paise=499_50)

        assert changes_plan(Caller(asha.user), growth).json()["takes_effect"] == "now"

        plans = SubscriptionPeriod.objects.order_by("pk").values_list("plan__name", flat=True)
        assert list(plans) == ["Starter", "Growth", "Growth"]  # April, May and June

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
        self, asha: Caller, plan: PricingPlan, growth: PricingPlan, nano: PricingPlan, phonepe: PhonePe
    ) -> None:
        PricingPlan.objects.update(is_offered=False)

        for wanted in ({"preview": True}, {}, {"period": "yearly"}):
            assert_problem(changes_plan(asha, growth, **wanted), 400, "invalid", field="pricing_plan_id")
        assert_problem(changes_plan(asha, nano), 400, "invalid", field="pricing_plan_id")
        assert_problem(subscribes(asha, growth), 400, "invalid", field="pricing_plan_id")
        assert changes_plan(asha, plan).status_code == 200
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

    def test_a_change_that_waits_is_forgotten(self, asha: Caller, nano: PricingPlan, traveller: Traveller) -> None:
        changes_plan(asha, nano)

        assert asha.post(f"{ROOT}/cancel/").json()["pending_change"] is None

        assert asha.post(f"{ROOT}/resume/").json()["pending_change"] is None
        traveller.move_to(noon("2026-04-29"))
        assert stands(asha)["amount_due"] == "499.00"

    def test_what_was_announced_is_not_due_any_more(self, asha: Caller, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-04-29"))
        asha = Caller(asha.user)
        assert stands(asha)["amount_due"] == "499.00"

        assert asha.post(f"{ROOT}/cancel/").json()["amount_due"] == "0.00"

    def test_it_is_not_resumed_after_its_end_though_the_clock_is_late(self, asha: Caller, traveller: Traveller) -> None:
        asha.post(f"{ROOT}/cancel/")
        traveller.move_to(noon("2026-05-01"))

        told = assert_problem(Caller(asha.user).post(f"{ROOT}/resume/"), 409, "no_subscription")

        assert told["error"] == "The subscription has ended. Pay for a plan to begin again."
        assert stands(asha)["status"] == "cancelled"

    def test_without_one_there_is_nothing_to_cancel_or_resume(self, owner: Caller) -> None:
        for what in ("cancel", "resume"):
            told = assert_problem(owner.post(f"{ROOT}/{what}/"), 409, "no_subscription")
            assert told["error"] == "There is no subscription yet. Pay for a plan first."

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
