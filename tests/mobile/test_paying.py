"""Tenants pay rent in the app, in every way, and whatever happens meanwhile they are told the truth about it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.mobile.phones import DESKTOP, Phones
from tests.mobile.town import Town


def test_a_tenant_pays_by_a_upi_app(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new()
    phone.sees("sign-in")
    phone.keeps("sign-in")
    phone.signs_in(ravi)
    phone.reads("₹15,000.00")
    phone.keeps("tenant-home")
    phone.taps("pay-rent")
    phone.sees("pay")
    phone.keeps("pay")
    phone.chooses("UPI app")
    phone.taps("pay-button")
    order = phone.is_at_phonepe()

    phone.presses("Open UPI app")
    phone.presses("Success")
    phone.comes_back()

    phone.is_at_payment(order)
    phone.is_told("paid")
    phone.reads("UPI app")
    phone.reads(re.compile(r"^[0-9]{12}$"))  # the UTR
    phone.keeps("paid")
    with phone.page.expect_download() as receipt:
        phone.taps("receipt")
    assert receipt.value.path().read_bytes().startswith(b"%PDF")
    phone.taps("done")
    phone.reads("Nothing is due. Thank you!")
    assert town.captured(order) == 15_000_00


def test_by_a_qr_code(phones: Phones, town: Town) -> None:
    desk = phones.new(town.moves_in().tenant, agent=DESKTOP)
    order = desk.starts_rent("QR code")
    desk.presses("Show QR code")

    town.attempt(order, mode="UPI_QR")  # with another phone

    desk.comes_back()
    desk.is_told("paid")
    desk.reads("UPI QR code")


def test_by_card(phones: Phones, town: Town) -> None:
    phone = phones.new(town.moves_in().tenant)
    phone.starts_rent("card")
    for label, value in (("Card number", "4242 4242 4242 4242"), ("Expiry", "12/27"), ("CVV", "936")):
        phone.page.get_by_label(re.compile(label)).fill(value)
    phone.presses("Pay ₹15,000")
    phone.page.get_by_label("One-time password").fill("123456")
    phone.presses("Submit")

    phone.comes_back()

    phone.is_told("paid")
    phone.reads("Card")


def test_by_net_banking(phones: Phones, town: Town) -> None:
    phone = phones.new(town.moves_in().tenant)
    phone.starts_rent("Net banking")
    phone.presses("Go to the bank")
    phone.page.get_by_label("User name").fill("test")
    phone.page.get_by_label("Password").fill("test")
    phone.presses("Submit")

    phone.comes_back()

    phone.is_told("paid")
    phone.reads("Net banking")


def test_a_part_of_the_rent(phones: Phones, town: Town) -> None:
    phone = phones.new(town.moves_in().tenant)
    phone.taps("pay-rent")
    phone.chooses("A part of it")
    phone.sees("amount").fill("14,999.50")
    phone.reads(re.compile("Less than ₹1.00 would be left"))
    phone.sees("amount").fill("6000")
    phone.taps("pay-button")
    order = phone.is_at_phonepe()
    phone.presses("Open UPI app")
    phone.presses("Success")
    phone.comes_back()
    phone.is_told("paid")

    phone.taps("done")

    phone.reads("₹9,000.00")
    assert town.captured(order) == 6_000_00


def test_who_cancels_is_not_charged_and_may_go_on(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    order = phone.starts_rent()
    phone.presses("Cancel and go back")
    phone.comes_back()
    phone.is_told("pending")  # PhonePe may still take it

    phone.taps("continue-paying")
    assert phone.is_at_phonepe() == order
    phone.presses("Open UPI app")
    phone.presses("Success")
    phone.comes_back()

    phone.is_told("paid")
    assert town.payments(ravi) == ["completed"]


def test_a_failure_is_explained_and_can_be_paid_again(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    first = phone.starts_rent()
    town.attempt(first, "failure")
    town.expire(first)
    phone.opens(f"/payments/{first}")
    phone.is_told("failed")
    phone.keeps("failed")
    phone.shuts_nobody_out()

    phone.taps("pay-again")
    phone.taps("pay-button")
    second = phone.is_at_phonepe()
    phone.presses("Open UPI app")
    phone.presses("Success")
    phone.comes_back()

    phone.is_told("paid")
    assert town.payments(ravi) == ["failed", "completed"]
    assert town.captured(second) == 15_000_00


def test_a_network_that_is_lost_for_a_minute(phones: Phones, town: Town) -> None:
    phone = phones.new(town.moves_in().tenant)
    order = phone.starts_rent()
    phone.opens(f"/payments/{order}")
    phone.is_told("pending")
    seen = phone.notes_verdicts()

    phone.context.set_offline(True)
    phone.reads(re.compile("You are offline"))
    phone.keeps("offline")
    town.attempt(order)  # in the UPI app, by another network
    phone.context.set_offline(False)

    phone.is_told("paid")
    assert set(seen()) <= {"payment-pending", "payment-paid"}


def test_a_tab_that_is_closed_in_mid_payment(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    order = phone.starts_rent()
    phone.page.close()

    phone.page = phone.context.new_page()
    phone.opens("/")

    phone.is_at_payment(order)
    phone.is_told("pending")
    town.attempt(order)
    phone.is_told("paid")
    assert town.payments(ravi) == ["completed"]


def test_ten_minutes_without_a_word_and_then_success(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    phone.context.clock.install()
    order = phone.starts_rent()
    town.attempt(order, "pending")
    phone.opens(f"/payments/{order}")
    phone.is_told("pending")
    seen = phone.notes_verdicts()

    for _ in range(10):
        town.is_older(order, 60)
        phone.passes_time(60)
        phone.is_told("pending")
    phone.keeps("pending")
    town.conclude(order)

    phone.passes_time_until_told("paid")
    assert set(seen()) <= {"payment-pending", "payment-paid"}
    assert town.payments(ravi) == ["completed"]


def test_a_backend_that_is_killed_in_mid_payment(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    order = phone.starts_rent()
    phone.opens(f"/payments/{order}")
    phone.is_told("pending")
    seen = phone.notes_verdicts()

    def meanwhile() -> None:
        town.attempt(order)
        phone.taps("ask-now")
        phone.reads(re.compile("We cannot reach Zelton at the moment"))

    town.restart_web(meanwhile)

    phone.is_told("paid")
    assert set(seen()) <= {"payment-pending", "payment-paid"}
    assert town.payments(ravi) == ["completed"]


def test_two_devices_of_one_person_pay_once(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    devices = [phones.new(ravi), phones.new(ravi)]
    for device in devices:
        device.taps("pay-rent")
        device.chooses("UPI app")
    for device in devices:  # the second tap comes before the first is answered
        device.sees("pay-button").click(no_wait_after=True)
    one, other = devices
    order = one.is_at_phonepe()
    assert other.is_at_phonepe() == order

    one.presses("Open UPI app")
    other.presses("Open UPI app")
    one.presses("Success")
    other.presses("Success")

    one.comes_back()
    one.is_told("paid")
    other.opens("/")
    other.is_told("paid")
    assert town.payments(ravi) == ["completed"]
    assert town.captured(order) == 15_000_00


def test_a_log_in_that_ends_in_mid_payment(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi)
    order = phone.starts_rent()
    town.log_ins_expire(ravi)
    town.attempt(order)

    phone.opens(f"/payments/{order}")
    phone.sees("sign-in")
    phone.reads("You have been signed out. Please sign in again.")
    phone.keeps("signed-out")
    phone.sees("username").fill(ravi)
    phone.sees("password").fill("demo-Keys-2026")
    phone.taps("sign-in-button")

    phone.is_at_payment(order)
    phone.is_told("paid")


def test_a_portal_that_answers_in_the_place_of_the_api(phones: Phones, town: Town) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new()
    with phone.behind_a_portal():
        phone.sees("username").fill(ravi)
        phone.sees("password").fill("demo-Keys-2026")
        phone.taps("sign-in-button")
        phone.reads(re.compile("Something else than Zelton answered"))
        phone.keeps("portal")
    phone.signs_in(ravi)
    order = phone.starts_rent()
    town.attempt(order)

    with phone.behind_a_portal():
        phone.opens(f"/payments/{order}")
        phone.reads(re.compile("We cannot reach Zelton at the moment"))
        assert phone.page.locator('[data-testid="payment-failed"]').count() == 0

    phone.is_told("paid")


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_wrong_by_a_day(phones: Phones, town: Town, days: int) -> None:
    ravi = town.moves_in().tenant
    phone = phones.new(ravi, at=datetime.now(UTC) + timedelta(days=days))
    order = phone.starts_rent()

    phone.presses("Open UPI app")
    phone.presses("Success")
    phone.comes_back()

    phone.is_told("paid")
    assert town.captured(order) == 15_000_00
