"""POST initiate-payment, GET verify-payment and GET active below /api/owner-subscriptions/"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from core.models import JournalEntry, OwnerSubscriptionPayment, PaymentTransaction, PricingPlan, SubscriptionPeriod
from core.services.subscriptions.checkout import SubscriptionSlot
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller, make_plan
from tests.phonepe import Days, PhonePe
from tests.subscriptions import ROOT, changes_plan, is_refunded, pays_a_period, subscribes, verifies


def happens_before_the_lock(what: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen after a request has looked at its subscription, and before it has locked it."""
    locks = SubscriptionSlot.lock_payer

    def lock_payer(slot: SubscriptionSlot) -> None:
        monkeypatch.setattr(SubscriptionSlot, "lock_payer", locks)
        what()
        slot.lock_payer()

    monkeypatch.setattr(SubscriptionSlot, "lock_payer", lock_payer)


class TestInitiatePayment:
    @pytest.mark.parametrize(
        ("period", "amount", "ends_at", "until"),
        [
            ("monthly", "499.00", "2026-05-10T06:30:00Z", "10 May 2026"),
            ("yearly", "4990.00", "2027-04-10T06:30:00Z", "10 April 2027"),
        ],
    )
    def test_it_gives_the_owner_a_pay_page(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, period: str, amount: str, ends_at: str, until: str
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
            "charged_for": f"Starter plan, {period}, 10 April 2026 to {until}",
            "credit": "0.00",
            "starts_at": "2026-04-10T06:30:00Z",
            "ends_at": ends_at,
            "detail": f"If paid today, the Starter plan runs from 10 April 2026 to {until}.",
        }

    def test_the_mobile_sdk_gets_a_token_instead(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        body = subscribes(owner, plan, channel="mobile_sdk").json()

        assert body["token"]
        assert "redirect_url" not in body

    def test_two_taps_give_the_same_page(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        first, again = subscribes(owner, plan), subscribes(owner, plan)

        assert (again.status_code, again.json()) == (200, first.json())
        assert len(phonepe.orders_taken()) == 1

    def test_the_subscription_is_locked_before_it_is_read_whether_another_payment_waits(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe
    ) -> None:
        with CaptureQueriesContext(connection) as captured:
            subscribes(owner, plan)

        read = [each["sql"] for each in captured]
        looks = next(number for number, sql in enumerate(read) if "is_taken" in sql)
        assert read[looks - 1].startswith('SELECT "core_ownersubscription"."id"')
        assert ("FOR UPDATE" in read[looks - 1]) == connection.features.has_select_for_update

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


class TestWhileAPlanRuns:
    """Starter, paid for a month on 10 April."""

    @pytest.fixture
    def nano(self) -> PricingPlan:
        return make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00)

    @pytest.fixture(autouse=True)
    def starter(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days) -> OwnerSubscriptionPayment:
        payment = pays_a_period(owner, plan, phonepe)
        days.pass_by(10 * 24 * 3600)
        return payment

    @pytest.mark.parametrize(
        ("period", "amount", "ends_at", "until"),
        [
            ("monthly", "499.00", "2026-06-10T06:30:00Z", "10 June 2026"),
            ("yearly", "4990.00", "2027-05-10T06:30:00Z", "10 May 2027"),
        ],
    )
    def test_the_same_plan_goes_on_where_it_ends(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, period: str, amount: str, ends_at: str, until: str
    ) -> None:
        answer = subscribes(owner, plan, period)

        assert answer.status_code == 201
        body = answer.json()
        assert (body["amount"], body["credit"]) == (amount, "0.00")
        assert (body["starts_at"], body["ends_at"]) == ("2026-05-10T06:30:00Z", ends_at)
        assert body["detail"] == f"The Starter plan is paid until 10 May 2026. This payment extends it to {until}."
        phonepe.pays(answer)
        verifies(owner, answer)
        period_opened = SubscriptionPeriod.objects.latest("pk")
        said = [datetime.fromisoformat(body[name]) for name in ("starts_at", "ends_at")]
        assert [period_opened.starts_at, period_opened.ends_at] == said

    def test_a_smaller_plan_is_refused_before_phonepe_is_asked(
        self, owner: Caller, nano: PricingPlan, phonepe: PhonePe
    ) -> None:
        calls = len(phonepe.simulator.calls)

        for period in ("monthly", "yearly"):
            answer = subscribes(owner, nano, period)
            assert_problem(answer, 409, "other_plan_running")
            assert answer.json()["detail"] == (
                "Your Starter plan is paid until 10 May 2026. A smaller plan or a shorter period can begin then: "
                "change the plan, and nothing is charged before."
            )

        assert len(phonepe.simulator.calls) == calls
        assert OwnerSubscriptionPayment.objects.count() == 1

    def test_so_is_one_after_which_it_would_only_begin_later(
        self, owner: Caller, plan: PricingPlan, nano: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        pays_a_period(owner, plan, phonepe, "yearly")
        days.pass_by(25 * 24 * 3600)

        answer = subscribes(Caller(owner.user), nano)

        assert_problem(answer, 409, "other_plan_running")
        assert "until 10 May 2027" in answer.json()["detail"]

    def test_a_page_of_the_same_plan_stays_when_another_is_refused(
        self, owner: Caller, plan: PricingPlan, nano: PricingPlan, phonepe: PhonePe
    ) -> None:
        first = subscribes(owner, plan)

        assert_problem(subscribes(owner, nano), 409, "other_plan_running")

        assert subscribes(owner, plan).json() == first.json()

    def test_once_it_has_ended_another_plan_begins_at_once(
        self, owner: Caller, nano: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(20 * 24 * 3600)

        answer = subscribes(Caller(owner.user), nano)

        assert answer.status_code == 201
        assert answer.json()["starts_at"] == "2026-05-10T06:30:00Z"

    def test_so_it_does_once_it_was_refunded(
        self, owner: Caller, operator: Caller, starter: OwnerSubscriptionPayment, nano: PricingPlan, days: Days
    ) -> None:
        is_refunded(starter, None, operator, days)

        answer = subscribes(owner, nano)

        assert answer.status_code == 201
        assert answer.json()["starts_at"] == "2026-04-20T07:30:00Z"

    def test_a_renewal_costs_what_its_owner_was_told(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        PricingPlan.objects.update(monthly_price_paise=599_00)
        days.pass_by(18 * 24 * 3600)
        owner = Caller(owner.user)
        assert owner.get(f"{ROOT}/").json()["amount_due"] == "599.00"

        PricingPlan.objects.update(monthly_price_paise=699_00)

        assert subscribes(owner, plan).json()["amount"] == "599.00"

    def test_what_has_ended_before_its_upgrade_is_stored_is_not_upgraded(
        self, owner: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        growth = make_plan("Growth", monthly_price_paise=1_499_00, yearly_price_paise=14_990_00)
        happens_before_the_lock(lambda: days.pass_by(20 * 24 * 3600), monkeypatch)

        told = assert_problem(subscribes(owner, growth), 409, "other_plan_running")

        assert "Your Starter plan is paid until 10 May 2026." in told["error"]
        assert OwnerSubscriptionPayment.objects.count() == 1

    def test_what_is_taken_back_before_its_payment_is_stored_is_not_paid(
        self, owner: Caller, plan: PricingPlan, nano: PricingPlan, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changes_plan(owner, nano)
        happens_before_the_lock(lambda: changes_plan(owner, plan), monkeypatch)

        assert_problem(subscribes(owner, nano), 409, "other_plan_running")

        assert OwnerSubscriptionPayment.objects.count() == 1

    def test_the_last_day_is_indias(
        self, owner: Caller, nano: PricingPlan, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        traveller.move_to(datetime(2026, 6, 1, 20, 0, tzinfo=UTC))  # 2 June in India
        pays_a_period(owner, plan, phonepe)

        assert "until 2 July 2026" in subscribes(Caller(owner.user), nano).json()["detail"]


class TestVerifyPayment:
    def test_a_paid_one_opens_its_period(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days) -> None:
        started = subscribes(owner, plan)
        assert verifies(owner, started).json()["state"] == "PENDING"
        assert verifies(owner, started).json()["poll_after"] == 2
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

    def test_one_that_waits_for_an_operator_says_so(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        started = subscribes(owner, plan)
        phonepe.pays(started)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        body = verifies(owner, started).json()

        assert (body["state"], body["under_review"], body["payment"]["under_review"]) == ("PENDING", True, True)
        assert "poll_after" not in body
        assert "We are looking into it" in body["detail"]

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
        return lambda plan, period: pays_a_period(owner, plan, phonepe, period)

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
        assert body["paid_until"] == ends_at

    def test_the_next_period_begins_where_this_one_ends(
        self, owner: Caller, plan: PricingPlan, paid_for: Any, days: Days
    ) -> None:
        paid_for(plan, "monthly")
        days.pass_by(10 * 24 * 3600)
        paid_for(plan, "yearly")

        first, second = SubscriptionPeriod.objects.order_by("pk")
        assert second.starts_at == first.ends_at
        body = owner.get(f"{ROOT}/active/").json()
        assert (body["period"], body["ends_at"]) == ("monthly", "2026-05-10T06:30:00Z")
        assert body["paid_until"] == "2027-05-10T06:30:00Z"

    def test_it_is_paid_until_the_last_of_those_that_follow_each_other_ends(
        self, owner: Caller, plan: PricingPlan, paid_for: Any, operator: Caller, days: Days
    ) -> None:
        paid = [paid_for(plan, "monthly") for _ in range(4)]
        assert owner.get(f"{ROOT}/active/").json()["paid_until"] == "2026-08-10T06:30:00Z"

        is_refunded(paid[2], "249.50", operator, days)  # half of June and July: after it there is a gap

        assert Caller(owner.user).get(f"{ROOT}/active/").json()["paid_until"] == "2026-06-25T06:30:00Z"

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
