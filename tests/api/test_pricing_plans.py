"""GET /api/pricing-plans/"""

from django.test import Client

from core.models import PricingPlan
from tests.people import make_plan


class TestPricingPlans:
    def test_anybody_sees_what_is_on_offer_the_cheapest_first(self, plan: PricingPlan) -> None:
        free = make_plan("Tiny")
        PricingPlan.objects.filter(pk=free.pk).update(monthly_price_paise=100, features=[])
        hidden = make_plan("Former")
        PricingPlan.objects.filter(pk=hidden.pk).update(is_offered=False)

        answer = Client().get("/api/pricing-plans/")

        assert answer.status_code == 200
        tiny, starter = answer.json()
        assert (tiny["name"], tiny["monthly_price"], tiny["features"]) == ("Tiny", "1.00", [])
        assert starter == {
            "id": plan.pk,
            "name": "Starter",
            "monthly_price": "499.00",
            "yearly_price": "4990.00",
            "max_units": 10,
            "features": ["Receipts"],
        }
