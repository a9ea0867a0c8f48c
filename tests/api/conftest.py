import pytest

from core.models import OwnerSubscriptionPayment, Payment, PricingPlan, Refund
from tests.api.world import World
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """The tenant's rent, paid and confirmed by PhonePe's webhook."""
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)
    payment.refresh_from_db()
    assert payment.status == "completed"
    return payment


@pytest.fixture
def world(
    tenant: Caller,
    stranger: Caller,
    owner: Caller,
    other_owner: Caller,
    operator: Caller,
    paid: Payment,
    plan: PricingPlan,
    phonepe: PhonePe,
    days: Days,
) -> World:
    started = owner.post("/api/owner-subscriptions/initiate-payment/", {"pricing_plan_id": plan.pk, "period": "yearly"})
    phonepe.pays(started)
    assert owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out", "amount": "1.00"}).status_code == 202
    days.pass_by(3600)
    days.tick_for(1)
    subscription_payment = OwnerSubscriptionPayment.objects.get(status="completed")
    refund = Refund.objects.get(state="COMPLETED")
    names = {
        "tenancy": paid.tenancy_id,
        "property": paid.tenancy.unit.property_id,
        "unit": paid.tenancy.unit_id,
        "owner": paid.tenancy.unit.property.owner_id,
        "payment": paid.pk,
        "order": paid.merchant_order_id,
        "refund": refund.merchant_refund_id,
        "subscription_payment": subscription_payment.pk,
        "invoice": subscription_payment.papers.get().pk,
        "subscription_order": subscription_payment.merchant_order_id,
    }
    people = {
        "nobody": None,
        "tenant": tenant.user,
        "stranger": stranger.user,
        "owner": owner.user,
        "other_owner": other_owner.user,
        "superuser": operator.user,
    }
    return World(names, people)
