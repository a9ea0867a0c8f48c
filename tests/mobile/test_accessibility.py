"""The app shuts nobody out: no barrier on any screen, light or dark, in either language, and a keyboard is enough."""

import re

from playwright.sync_api import expect

from tests.mobile.phones import DESKTOP, Phones
from tests.mobile.town import Town


def test_the_screens_before_signing_in(phones: Phones) -> None:
    phone = phones.new()
    phone.sees("sign-in")
    phone.shuts_nobody_out()
    phone.opens("/password?token=MTI:abc")
    phone.sees("choose-password")
    phone.shuts_nobody_out()
    phone.chooses_password("three-Mangoes-2026")
    phone.sees("dead-link")
    phone.shuts_nobody_out()
    phone.taps("to-forgot-password")
    phone.sees("forgot-password")
    phone.shuts_nobody_out()


def test_a_tenants_screens(phones: Phones, town: Town) -> None:
    ravi = phones.new(town.moves_in().tenant)
    ravi.shuts_nobody_out()
    ravi.turns_to("account")
    ravi.shuts_nobody_out()
    ravi.taps("to-notifications")
    ravi.sees("notifications")
    ravi.shuts_nobody_out()
    ravi.page.go_back()
    ravi.taps("to-change-password")
    ravi.sees("change-password")
    ravi.shuts_nobody_out()
    ravi.page.go_back()
    ravi.page.locator('[role="tab"][href="/"]:visible').click()
    ravi.taps("pay-rent")
    ravi.sees("pay")
    ravi.chooses("A part of it")
    ravi.sees("amount").fill("14,999.50")  # too little would be left
    ravi.shuts_nobody_out()
    ravi.chooses("All of it")
    ravi.taps("pay-button")
    order = ravi.is_at_phonepe()
    ravi.opens(f"/payments/{order}")
    ravi.is_told("pending")
    ravi.shuts_nobody_out()
    town.attempt(order)
    ravi.is_told("paid")
    ravi.shuts_nobody_out()
    ravi.taps("done")
    ravi.turns_to("payments")
    ravi.shuts_nobody_out()
    ravi.taps("statement-link")
    ravi.sees("statement")
    ravi.shuts_nobody_out()


def test_an_owners_screens_in_hindi(phones: Phones, town: Town) -> None:
    couple = town.moves_in()
    town.attempt(phones.new(couple.tenant).starts_rent())
    meera = phones.new(couple.owner, language="hi")
    expect(meera.page.locator("html")).to_have_attribute("lang", "hi")
    meera.taps("chart-toggle")
    meera.shuts_nobody_out()
    for tab in ("account", "subscription", "properties"):
        meera.turns_to(tab)
        meera.shuts_nobody_out()
    meera.page.get_by_role("button", name=re.compile("Flat 3B")).click()
    meera.sees("unit")
    meera.taps("end-tenancy")
    meera.taps("rename-unit")
    meera.shuts_nobody_out()
    unit = meera.page.url.rpartition("/")[2]
    meera.page.go_back()
    meera.taps("add-property")
    meera.sees("new-property")
    meera.shuts_nobody_out()
    meera.page.go_back()
    meera.turns_to("account")
    meera.taps("to-notifications")
    meera.sees("notifications")
    meera.shuts_nobody_out()
    meera.page.go_back()
    meera.taps("to-billing")
    meera.taps("edit-billing")
    meera.shuts_nobody_out()
    meera.page.go_back()
    meera.turns_to("payments")
    meera.page.get_by_role("button", name=re.compile("15,000.00.*Ravi Kumar")).click()
    meera.sees("received")
    meera.taps("refund")
    meera.sees("refund-reason").fill("The lift did not work")
    meera.taps("refund-next")
    meera.shuts_nobody_out()
    meera.opens(f"/let/{unit}")
    meera.sees("let-unit")
    meera.shuts_nobody_out()


def test_a_keyboard_is_enough_to_switch_and_to_pay(phones: Phones, town: Town) -> None:
    desk = phones.new(town.moves_in().tenant, agent=DESKTOP)
    keyboard, focused = desk.page.keyboard, desk.page.locator(":focus")

    def tabs_to(role: str) -> None:
        for _ in range(20):
            keyboard.press("Tab")
            if focused.count() and focused.get_attribute("role") == role:
                return
        raise AssertionError(f"Tab leads to no {role}")

    desk.opens("/notifications")
    desk.sees("notifications")
    tabs_to("switch")
    expect(focused).to_be_checked()
    keyboard.press("Space")
    expect(focused).not_to_be_checked()
    expect(focused).to_have_attribute("data-testid", "switch-rent_due")
    desk.opens("/")
    desk.is_at_home()

    tabs_to("button")
    expect(focused).to_have_attribute("data-testid", "pay-rent")
    keyboard.press("Enter")
    desk.sees("pay")
    tabs_to("radio")
    expect(focused).to_contain_text("All of it")
    keyboard.press("Tab")  # out of the group, and into the next at what is chosen there
    expect(focused).to_contain_text("UPI app")
    keyboard.press("ArrowDown")
    expect(focused).to_contain_text("card")
    expect(focused).to_be_checked()
    keyboard.press("Tab")
    expect(focused).to_have_attribute("data-testid", "pay-button")
    keyboard.press("Space")
    desk.is_at_phonepe()
