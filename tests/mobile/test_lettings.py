"""Owners let in the app what is theirs, and their tenants find it in theirs."""

import re

from tests.mobile.phones import Phones
from tests.mobile.town import Town

PASSWORD = "three-Mangoes-2026"


def test_an_owner_lets_a_first_flat_and_invites_the_tenant_twice(phones: Phones, town: Town) -> None:
    kavita = phones.new(town.comes_new().owner)
    kavita.reads("Nothing is let at the moment")
    kavita.taps("to-properties")
    kavita.sees("no-properties")
    kavita.taps("add-property")
    kavita.sees("property-name").fill("Hill View")
    kavita.taps("save-property")
    kavita.sees("unit-name").fill("Flat 7")
    kavita.taps("save-unit")
    kavita.sees("vacant")
    kavita.taps("invite-tenant")
    kavita.taps("send-invitation")
    kavita.reads("Please enter a phone number or an e-mail address.")
    kavita.sees("tenant-name").fill("Imran Ali")
    kavita.sees("tenant-phone").fill("98111 22444")
    kavita.sees("rent").fill("12,000")
    kavita.page.get_by_role("radio", name=re.compile("^1 ")).locator("visible=true").first.click()  # of this month
    kavita.keeps("let")
    kavita.taps("send-invitation")
    lost = kavita.sees("invitation-link").inner_text()
    kavita.taps("done")
    kavita.reads("Imran Ali")
    kavita.keeps("properties")
    kavita.page.get_by_role("button", name=re.compile("Imran Ali")).click()
    kavita.taps("invite-again")
    link = kavita.sees("invitation-link").inner_text()

    imran = phones.new()
    imran.page.goto(lost)
    imran.chooses_password(PASSWORD)
    imran.reads(re.compile("This link is not valid any more. .* whoever invited you"))
    imran.page.goto(link)
    imran.chooses_password(PASSWORD)
    imran.sees("password-chosen")
    imran.page.get_by_role("button", name="Sign in").click()
    imran.signs_in("9811122444", PASSWORD)

    imran.reads("₹12,000.00")
    imran.reads(re.compile("Hill View, Flat 7"))


def test_a_property_whose_answer_and_log_in_are_lost_is_made_once(phones: Phones, town: Town) -> None:
    owner = town.comes_new().owner
    kavita = phones.new(owner)
    kavita.opens("/property/new")
    kavita.sees("property-name").fill("Hill View")
    with kavita.losing_answers("/api/properties/"):
        kavita.taps("save-property")
        kavita.reads(re.compile("We cannot reach Zelton"))
        assert town.properties(owner) == ["Hill View"]
    town.log_ins_expire(owner)
    kavita.taps("save-property")
    kavita.sees("username").fill(owner)
    kavita.sees("password").fill("demo-Keys-2026")
    kavita.taps("sign-in-button")
    kavita.sees("new-property")  # and it knows what was written
    kavita.taps("save-property")

    kavita.sees("new-unit")
    assert town.properties(owner) == ["Hill View"]


def test_what_is_not_an_owners_is_not_there(phones: Phones, town: Town) -> None:
    farid = phones.new(town.comes_new().tenant)
    farid.reads("You have no home with Zelton yet")
    farid.opens("/properties")
    farid.is_at_home()
