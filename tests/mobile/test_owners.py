"""Owners see in the app what came, pay back, and pay for their own subscription."""

import re

from tests.mobile.phones import Phones
from tests.mobile.town import Town


def test_a_tenant_sees_what_an_owner_pays_back(phones: Phones, town: Town) -> None:
    couple = town.moves_in()
    ravi = phones.new(couple.tenant)
    order = ravi.starts_rent()
    town.attempt(order)
    ravi.opens(f"/payments/{order}")
    ravi.is_told("paid")

    meera = phones.new(couple.owner)
    meera.reads("₹15,000.00")
    meera.keeps("owner-home")
    meera.opens("/payments")
    meera.page.get_by_role("button", name=re.compile("15,000.00.*Ravi Kumar")).click()
    meera.sees("received")
    meera.taps("refund")
    meera.chooses("A part of it")
    meera.sees("refund-amount").fill("1500")
    meera.sees("refund-reason").fill("The lift did not work")
    meera.taps("refund-next")
    meera.keeps("refund")
    meera.taps("confirm-refund")
    meera.reads("The lift did not work")
    meera.reads("On its way")

    ravi.opens(f"/payments/{order}")
    ravi.reads("The lift did not work")
    ravi.reads("₹1,500.00")
    for refund in town.refund_ids(order):
        town.conclude_refund(refund)
    town.wait_for_refund(order)
    ravi.opens(f"/payments/{order}")
    ravi.reads("Paid back")
    ravi.keeps("refunded")
    ravi.opens("/")
    ravi.reads("₹1,500.00")  # due again


def test_an_owner_pays_for_a_subscription(phones: Phones, town: Town) -> None:
    meera = phones.new(town.moves_in().owner)
    meera.opens("/subscription")
    meera.reads(re.compile("Starter"))
    meera.keeps("subscription")
    meera.taps("pay-subscription")
    meera.is_at_phonepe()
    meera.presses("Open UPI app")
    meera.presses("Success")

    meera.comes_back()

    meera.is_told("paid")
    meera.taps("done")
    meera.opens("/subscription")
    meera.reads(re.compile("Starter · monthly"))
