"""The page on which a person approves a mandate, and the control API that does the same."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from phonepe_simulator import Request
from tests.simulator.people import read
from tests.simulator.subscribers import active, announced, mandate_of, order_of, redeem, set_up

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def page_url(merchant):
    return urlsplit(read(merchant.control("GET", "/mandates/MS-1"))["page_url"])


def opened(merchant):
    url = page_url(merchant)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    return merchant.sim.handle(Request("GET", url.path, query)).body.decode()


def pressed(merchant, act):
    url = page_url(merchant)
    form = urlencode({"token": parse_qs(url.query)["token"][0], "act": act}).encode()
    return merchant.sim.handle(Request("POST", url.path, headers=FORM, body=form))


def test_a_person_approves_pauses_and_withdraws(merchant):
    set_up(merchant)
    asked = opened(merchant)
    assert all(words in asked for words in ("Approve AutoPay", "up to ₹750.00", "every month", "pays ₹500.00 now"))

    for act, state in (("approve", "ACTIVE"), ("pause", "PAUSED"), ("unpause", "ACTIVE"), ("revoke", "REVOKED")):
        assert f'value="{act}"' in opened(merchant)
        assert pressed(merchant, act).status == 303
        assert mandate_of(merchant)["state"] == state
    assert "<button" not in opened(merchant)


def test_pressing_a_button_of_an_old_page_changes_nothing(merchant):
    set_up(merchant)
    pressed(merchant, "decline")

    assert pressed(merchant, "approve").status == 303

    assert mandate_of(merchant)["state"] == "FAILED"
    assert "wrong UPI PIN" in opened(merchant)


def test_an_unknown_link(merchant):
    page = merchant.sim.handle(Request("GET", "/transact/mandate", {"token": "x"}))

    assert (page.status, "Unknown mandate" in page.body.decode()) == (404, True)
    assert merchant.sim.handle(Request("POST", "/transact/mandate")).headers["Location"] == "/transact/mandate"


def test_the_link_of_a_setup_can_lead_there(merchant):
    merchant.sim.change_settings(mandate_link="page")

    assert read(set_up(merchant))["intentUrl"] == page_url(merchant).geturl()


def test_the_front_page_leads_there(merchant):
    set_up(merchant)

    page = merchant.sim.handle(Request("GET", "/", headers={"Accept": "text/html", "Host": "localhost"}))

    assert f'href="{page_url(merchant).geturl()}"' in page.body.decode()


def test_the_control_api_decides_pauses_and_withdraws(merchant):
    set_up(merchant)

    for act, state in (("approve", "ACTIVE"), ("pause", "PAUSED"), ("unpause", "ACTIVE"), ("revoke", "REVOKED")):
        assert read(merchant.control("POST", f"/mandates/MS-1/{act}"))["state"] == state
    assert merchant.control("POST", "/mandates/MS-1/approve").status == 409
    assert [each["state"] for each in read(merchant.control("GET", "/mandates"))] == ["REVOKED"]


def test_it_declines_with_a_reason(merchant):
    set_up(merchant)

    assert merchant.control("POST", "/mandates/MS-1/decline", {"reason": "MOOD"}).status == 400
    merchant.control("POST", "/mandates/MS-1/decline", {"reason": "INSUFFICIENT_BALANCE"})

    assert order_of(merchant, "SETUP-1")["errorCode"] == "INSUFFICIENT_BALANCE"


def test_it_lets_a_debit_and_a_notice_fail(merchant, clock):
    announced(merchant, clock)
    merchant.control("POST", "/mandates/MS-1/fail-debits", {"reason": "PAYMENT_ERROR", "times": 4})
    redeem(merchant)
    clock.advance(3)
    merchant.sim.tick()

    assert merchant.sim.orders["DEBIT-1"].attempts[0].error_code == "PAYMENT_ERROR"
    assert read(merchant.control("POST", "/mandates/MS-1/fail-notices"))["redemptions"] == ["DEBIT-1"]
    assert merchant.sim.mandates["MS-1"].failing_notices == 1


def test_it_ends_an_order_of_a_mandate_and_decides_about_its_attempt(merchant):
    set_up(merchant)

    assert read(merchant.control("POST", "/orders/SETUP-1/expire"))["state"] == "FAILED"
    assert read(merchant.control("POST", "/orders/SETUP-1/conclude"))["state"] == "COMPLETED"
    assert merchant.control("POST", "/orders/SETUP-1/attempt").status == 409
    assert mandate_of(merchant)["state"] == "ACTIVE"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/mandates/MS-9/approve", {}, 404),
        ("/mandates/MS-1/pause", {"seconds": "long"}, 400),
        ("/mandates/MS-1/fail-debits", {"times": 0}, 400),
        ("/mandates/MS-1/fail-debits", {"times": "2"}, 400),
        ("/mandates/MS-1/fail-notices", {"reason": "x"}, 400),
    ],
)
def test_what_it_cannot_do_it_says(merchant, path, body, status):
    active(merchant)

    answer = merchant.control("POST", path, body)

    assert (answer.status, set(read(answer))) == (status, {"error"})
