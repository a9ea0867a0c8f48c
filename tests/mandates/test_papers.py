"""Money that goes back whole has no tax papers: nothing was supplied for it."""

from datetime import timedelta

from django.utils import timezone

from core.models import Invoice, Refund
from core.services import audit
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, at_the_end
from tests.subscriptions import pays_a_period, subscribes

DAY = timedelta(days=1)


def papers() -> list[tuple[str, int]]:
    return list(Invoice.objects.order_by("pk").values_list("kind", "total_paise"))


def all_went_back(autopay: Autopay) -> None:
    autopay.works_until(timezone.now() + DAY, every=timedelta(hours=6))
    assert [refund.state for refund in Refund.objects.all()] == ["COMPLETED"]
    assert list(audit.differences()) == []


def test_a_check_of_the_account_has_none(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)

    autopay.sets_up()
    autopay.approves()

    all_went_back(autopay)
    assert papers() == [("tax_invoice", 499_00)]
    assert Refund.objects.get().reason == "It only checked the account for AutoPay"


def test_a_checkout_that_was_replaced_and_paid_all_the_same_has_none(autopay):
    checkout = subscribes(autopay.caller(), autopay.plan)
    autopay.sets_up()
    autopay.phonepe.pays(checkout)
    autopay.delivers()

    all_went_back(autopay)

    assert papers() == []


def test_a_debit_that_came_for_a_paid_period_has_none(subscribed):
    subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
    debit = announced(subscribed)
    at_the_end(subscribed)
    pays_a_period(subscribed.caller(), subscribed.plan, subscribed.phonepe)

    subscribed.phonepe.simulator.conclude(debit.merchant_order_id, "success")

    all_went_back(subscribed)
    assert papers() == [("tax_invoice", 499_00), ("tax_invoice", 499_00)]
