"""Plans are kept here; what was paid for them is shown."""

from core.models import OwnerSubscription, PricingPlan
from tests.admin.desk import Desk, errors, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe

FORM = {
    "name": "Growth",
    "monthly_price_paise": "1499",
    "yearly_price_paise": "14990.5",
    "max_units": "50",
    "features": "Receipts\r\n\r\n  Rent through PhonePe ",
    "is_offered": "on",
}


def test_a_plan_is_priced_in_rupees(desk: Desk) -> None:
    assert desk.saves(PricingPlan, FORM).status_code == 302

    plan = PricingPlan.objects.get()
    assert (plan.monthly_price_paise, plan.yearly_price_paise) == (1_499_00, 14_990_50)
    assert plan.features == ["Receipts", "Rent through PhonePe"]
    page = desk.looks_at(plan).content.decode()
    assert 'value="14990.50"' in page
    assert "Receipts\nRent through PhonePe</textarea>" in page


def test_a_wrong_price_is_a_sentence(desk: Desk) -> None:
    assert "The smallest amount is ₹1.00." in errors(desk.saves(PricingPlan, {**FORM, "yearly_price_paise": "0"}))


def test_a_plan_without_features_is_fine(desk: Desk) -> None:
    assert desk.saves(PricingPlan, {**FORM, "features": ""}).status_code == 302
    assert PricingPlan.objects.get().features == []


def test_a_subscription_shows_its_paid_periods(
    desk: Desk, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
) -> None:
    body = {"pricing_plan_id": plan.pk, "period": "yearly"}
    started = owner.post("/api/owner-subscriptions/initiate-payment/", body)
    phonepe.pays(started)
    days.tick_for(25)

    page = words(desk.looks_at(OwnerSubscription.objects.get()))

    assert started.json()["merchant_order_id"] in page
    assert "Starter" in page
