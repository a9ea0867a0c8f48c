"""GET /api/owner-subscriptions/<id>/receipt/"""

from typing import Any

import pytest

from core.models import OwnerSubscriptionPayment, PricingPlan, User
from tests.api.answers import assert_problem
from tests.pdfs import text_of
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.subscriptions import ROOT, is_refunded, pays_a_period, subscribes


@pytest.fixture
def paid_period(owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> OwnerSubscriptionPayment:
    return pays_a_period(owner, plan, phonepe)


def gets(caller: Caller, payment: OwnerSubscriptionPayment) -> Any:
    return Caller(caller.user).get(f"{ROOT}/{payment.pk}/receipt/")


class TestSubscriptionReceipt:
    def test_it_tells_who_paid_for_what_and_until_when(
        self, owner: Caller, paid_period: OwnerSubscriptionPayment
    ) -> None:
        answer = gets(owner, paid_period)

        text = text_of(answer)
        assert f"No. RS-2026-27-{paid_period.pk:07d}" in text
        assert "₹499.00 Rupees four hundred and ninety-nine only Received on 10 April 2026, 12:00 IST" in text
        assert "Received from asha the owner Received by Zelton" in text
        what = "Starter plan, monthly, 10 April 2026, 12:00 to 10 May 2026, 12:00"
        assert f"For Amount {what} ₹499.00 Total ₹499.00" in text
        for reference in (paid_period.transaction.utr, paid_period.merchant_order_id):
            assert reference
            assert reference in text
        assert "Refunded" not in text
        assert answer.headers["Cache-Control"] == "no-store"
        assert f'filename="subscription-receipt-{paid_period.pk}.pdf"' in answer.headers["Content-Disposition"]

    def test_whatever_is_renamed_it_stays_as_it_was(
        self, owner: Caller, plan: PricingPlan, paid_period: OwnerSubscriptionPayment
    ) -> None:
        before = gets(owner, paid_period).content

        for row in (plan, owner.user.owner):
            row.name = "Renamed"
            row.save()

        assert gets(owner, paid_period).content == before

    def test_a_refund_is_named_and_the_period_is_the_one_that_was_paid_for(
        self, owner: Caller, operator: Caller, paid_period: OwnerSubscriptionPayment, days: Days
    ) -> None:
        is_refunded(paid_period, "100.00", operator, days)

        text = text_of(gets(owner, paid_period))

        assert "Refunded ₹100.00" in text
        assert "10 April 2026, 12:00 to 10 May 2026, 12:00" in text

    def test_an_order_that_was_replaced_opened_no_period(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        replaced = subscribes(owner, plan)
        subscribes(owner, plan, "yearly")
        phonepe.pays(replaced)
        days.tick_for(30)

        text = text_of(gets(owner, OwnerSubscriptionPayment.objects.get(pk=replaced.json()["payment_id"])))

        assert "Starter plan, monthly ₹499.00" in text

    def test_owner_and_staff_get_it_and_to_others_it_does_not_exist(
        self, owner: Caller, operator: Caller, other_owner: Caller, paid_period: OwnerSubscriptionPayment
    ) -> None:
        for caller in (owner, operator):
            assert text_of(gets(caller, paid_period))
        assert_problem(gets(other_owner, paid_period), 404, "not_found")
        powerless = Caller(User.objects.create(username="powerless", is_staff=True))
        assert gets(powerless, paid_period).status_code in (403, 404)

    def test_what_is_not_paid_has_none(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        started = subscribes(owner, plan)

        assert_problem(
            gets(owner, OwnerSubscriptionPayment.objects.get(pk=started.json()["payment_id"])), 409, "not_paid"
        )
