"""POST initiate-payment, GET verify-payment and GET active below /api/owner-subscriptions/"""

from typing import Any

import pytest

from core.models import JournalEntry, OwnerSubscriptionPayment, PaymentTransaction, PricingPlan, SubscriptionPeriod
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller, make_plan
from tests.phonepe import Days, PhonePe

ROOT = "/api/owner-subscriptions"


def subscribes(owner: Caller, plan: PricingPlan, period: str = "monthly", **body: Any) -> Any:
    return owner.post(f"{ROOT}/initiate-payment/", {"pricing_plan_id": plan.pk, "period": period, **body})


def verifies(caller: Caller, started: Any) -> Any:
    return caller.get(f"{ROOT}/verify-payment/{started.json()['merchant_order_id']}/")


class TestInitiatePayment:
    @pytest.mark.parametrize(("period", "amount"), [("monthly", "499.00"), ("yearly", "4990.00")])
    def test_it_gives_the_owner_a_pay_page(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, period: str, amount: str
    ) -> None:
        answer = subscribes(owner, plan, period)

        assert answer.status_code == 201
        body = answer.json()
        order = phonepe.simulator.orders[body["merchant_order_id"]]
        assert body == {
            "success": True,
            "payment_id": OwnerSubscriptionPayment.objects.get().pk,
            "merchant_order_id": order.merchant_order_id,
            "order_id": order.order_id,
            "state": "PENDING",
            "redirect_url": PaymentTransaction.objects.get().redirect_url,
            "expire_at": "2026-04-10T06:50:00Z",
            "amount": amount,
        }

    def test_the_mobile_sdk_gets_a_token_instead(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        body = subscribes(owner, plan, channel="mobile_sdk").json()

        assert body["token"]
        assert "redirect_url" not in body

    def test_two_taps_give_the_same_page(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        first, again = subscribes(owner, plan), subscribes(owner, plan)

        assert (again.status_code, again.json()) == (200, first.json())
        assert len(phonepe.orders_taken()) == 1

    def test_another_period_or_plan_takes_its_place(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        twin = make_plan("Twin")  # at the same price

        assert [subscribes(owner, plan).status_code, subscribes(owner, plan, "yearly").status_code] == [201, 201]
        assert subscribes(owner, twin, "yearly").status_code == 201
        statuses = OwnerSubscriptionPayment.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == ["cancelled", "cancelled", "pending"]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"pricing_plan_id": 0}, "pricing_plan_id"),
            ({"pricing_plan_id": "abc"}, "pricing_plan_id"),
            ({"pricing_plan_id": None}, "pricing_plan_id"),
            ({"pricing_plan_id": True}, "pricing_plan_id"),
            ({"pricing_plan_id": 2**70}, "pricing_plan_id"),
            ({"period": "weekly"}, "period"),
            ({"period": None}, "period"),
            ({"period": ["monthly"]}, "period"),
            ({"channel": "app"}, "channel"),
        ],
    )
    def test_what_cannot_be_is_a_400(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, wrong: dict[str, Any], field: str
    ) -> None:
        assert_problem(subscribes(owner, plan, **wrong), 400, "invalid", field=field)
        assert not phonepe.simulator.calls

    def test_a_plan_that_is_not_offered_is_refused(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        PricingPlan.objects.update(is_offered=False)

        assert_problem(subscribes(owner, plan), 400, field="pricing_plan_id")

    def test_only_owners_subscribe(self, tenant: Caller, operator: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        for caller in (tenant, operator):
            assert_problem(subscribes(caller, plan), 403, "permission_denied")

    def test_phonepe_in_trouble_is_a_503(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "pay"))

        answer = subscribes(owner, plan)

        assert_problem(answer, 503, "phonepe_unknown")
        assert "Retry-After" in answer.headers


class TestVerifyPayment:
    def test_a_paid_one_opens_its_period(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days) -> None:
        started = subscribes(owner, plan)
        assert verifies(owner, started).json()["state"] == "PENDING"
        assert verifies(owner, started).json()["poll_after"] == 3
        phonepe.pays(started)
        days.pass_by(3)

        started_again = subscribes(owner, plan, "yearly")  # asks, and finds it paid

        assert_problem(started_again, 409)
        body = verifies(owner, started).json()
        assert (body["state"], body["payment"]["status"], body["payment"]["plan"]) == (
            "COMPLETED",
            "completed",
            "Starter",
        )
        assert body["payment"]["amount"] == "499.00"

    def test_webhook_clock_and_verify_open_one_period(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        started = subscribes(owner, plan)
        phonepe.pays(started)
        phonepe.delivers()
        verifies(owner, started)
        days.tick_for(30, also=lambda: (phonepe.delivers(), verifies(owner, started)))

        assert SubscriptionPeriod.objects.count() == 1
        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1

    def test_its_owner_and_staff_see_it_and_nobody_else(
        self, owner: Caller, operator: Caller, other_owner: Caller, tenant: Caller, plan: PricingPlan, phonepe: PhonePe
    ) -> None:
        started = subscribes(owner, plan)

        for caller in (owner, operator):
            assert verifies(caller, started).status_code == 200
        for caller in (other_owner, tenant):
            assert_problem(verifies(caller, started), 404, "not_found")

    def test_rent_is_not_verified_here_nor_this_there(
        self, owner: Caller, tenant: Caller, plan: PricingPlan, phonepe: PhonePe
    ) -> None:
        rent, subscription = tenant.starts_rent(), subscribes(owner, plan)

        assert_problem(verifies(owner, rent), 404)
        assert_problem(owner.verifies(subscription.json()["merchant_order_id"]), 404)


class TestActive:
    @pytest.fixture
    def paid_for(self, owner: Caller, phonepe: PhonePe, days: Days) -> Any:
        def pay(plan: PricingPlan, period: str) -> Any:
            started = subscribes(owner, plan, period)
            assert started.status_code == 201, started.content
            phonepe.pays(started)
            assert verifies(owner, started).json()["state"] == "COMPLETED"
            return started

        return pay

    def test_without_one_it_is_404(self, owner: Caller) -> None:
        assert_problem(owner.get(f"{ROOT}/active/"), 404, "not_found")

    @pytest.mark.parametrize(
        ("period", "ends_at"), [("monthly", "2026-05-10T06:30:00Z"), ("yearly", "2027-04-10T06:30:00Z")]
    )
    def test_it_tells_what_runs(
        self, owner: Caller, plan: PricingPlan, paid_for: Any, period: str, ends_at: str
    ) -> None:
        paid_for(plan, period)

        body = owner.get(f"{ROOT}/active/").json()

        assert (body["plan"]["name"], body["period"]) == ("Starter", period)
        assert (body["starts_at"], body["ends_at"]) == ("2026-04-10T06:30:00Z", ends_at)

    def test_the_next_period_begins_where_this_one_ends(
        self, owner: Caller, plan: PricingPlan, paid_for: Any, days: Days
    ) -> None:
        paid_for(plan, "monthly")
        days.pass_by(10 * 24 * 3600)
        paid_for(plan, "yearly")

        first, second = SubscriptionPeriod.objects.order_by("pk")
        assert second.starts_at == first.ends_at
        assert owner.get(f"{ROOT}/active/").json()["period"] == "monthly"

    def test_it_ends(self, owner: Caller, plan: PricingPlan, paid_for: Any, days: Days) -> None:
        paid_for(plan, "monthly")
        days.pass_by(30 * 24 * 3600 - 1)
        owner = Caller(owner.user)
        assert owner.get(f"{ROOT}/active/").status_code == 200

        days.pass_by(1)

        assert_problem(owner.get(f"{ROOT}/active/"), 404, "not_found")

    def test_it_is_ones_own(self, other_owner: Caller, tenant: Caller, plan: PricingPlan, paid_for: Any) -> None:
        paid_for(plan, "monthly")

        assert_problem(other_owner.get(f"{ROOT}/active/"), 404)
        assert_problem(tenant.get(f"{ROOT}/active/"), 403)
