"""The figures of a refusal's sentence, for an app that has sentences in another language."""

from django.test import Client

from core.models import Payment, PricingPlan, Tenancy
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def test_amounts_are_told_as_everywhere(tenant: Caller, tenancy: Tenancy) -> None:
    above = tenant.post("/api/payments/initiate-rent-payment/", {"amount": "15000.01"})
    rest = tenant.post("/api/payments/initiate-rent-payment/", {"amount": "14999.50"})

    assert assert_problem(above, 400, "amount_above_due")["params"] == {"due": "15000.00"}
    assert assert_problem(rest, 400, "rest_too_small")["params"] == {"rest": "0.50"}


def test_what_is_left_to_refund_is_told(owner: Caller, paid: Payment) -> None:
    answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "15000.01", "reason": "Repair"})

    assert assert_problem(answer, 422, "refund_above_rest")["params"] == {"left": "15000.00"}


def test_days_numbers_and_names_are_told(
    owner: Caller, tenancy: Tenancy, plan: PricingPlan, phonepe: PhonePe, days: Days
) -> None:
    def starts(plan: PricingPlan) -> object:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        return owner.post("/api/owner-subscriptions/initiate-payment/", body)

    PricingPlan.objects.filter(pk=plan.pk).update(max_units=1)
    small = PricingPlan.objects.create(name="Small", monthly_price_paise=9_00, yearly_price_paise=90_00, max_units=1)
    phonepe.pays(starts(plan))
    days.tick_for(25)

    unit = owner.post("/api/units/", {"property": tenancy.unit.property_id, "name": "Flat 2"})
    other = starts(small)

    assert assert_problem(unit, 409, "unit_limit")["params"] == {"plan": "Starter", "units": 1, "wanted": 2}
    assert assert_problem(other, 409, "other_plan_running")["params"] == {"plan": "Starter", "until": "2026-05-10"}


def test_how_long_to_wait_is_told(tenant: Caller) -> None:
    body = {"email": "ravi@example.org"}
    for _ in range(6):
        answer = Client().post("/api/auth/password-reset/", body, content_type="application/json")

    assert assert_problem(answer, 429, "throttled")["params"] == {"seconds": int(answer.headers["Retry-After"])}


def test_a_refusal_without_figures_has_no_params(tenant: Caller) -> None:
    assert "params" not in assert_problem(tenant.get("/api/payments/9999/"), 404, "not_found")
