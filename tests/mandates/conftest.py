"""An owner, a plan, and UPI AutoPay against the simulator."""

import pytest
import time_machine

from core.models import OwnerSubscription, PricingPlan
from tests.mandates.autopay import Autopay
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def autopay(
    owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days, traveller: time_machine.Traveller
) -> Autopay:
    """The owner Asha, who has not subscribed yet, and whatever happens to her mandates."""
    return Autopay(owner.user, plan, phonepe, traveller)


@pytest.fixture
def subscribed(autopay: Autopay) -> Autopay:
    """Asha has set AutoPay up and paid the first month with it."""
    autopay.sets_up()
    autopay.approves()
    assert OwnerSubscription.objects.get().status == "active"
    return autopay
