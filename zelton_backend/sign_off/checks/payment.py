"""Section 2 of the checklist: what PhonePe is asked for, and what an answer that goes wrong may not do."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core.models import PaymentTransaction
from core.money import rupees_for_people
from zelton_backend.sign_off.masks import fingerprint
from zelton_backend.sign_off.proofs import NotMet, Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import Uat, in_threads, leaves, order_of

ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,63}")
UDF = re.compile(r"udf([1-9]|1[0-5])")
PAID, AT_ONCE = 24, 8
ALL_MODES = ["UPI_INTENT", "UPI_COLLECT", "UPI_QR", "CARD", "NET_BANKING"]


def bodies(uat: Uat) -> list[dict[str, Any]]:
    """Return what PhonePe was asked to create."""
    return [json.loads(call.request.body) for call in uat.phonepe.orders_created()]


@requirement("P1", "merchantOrderId is unique for each transaction")
def every_order_has_an_id_of_its_own(uat: Uat) -> Proof:
    tenants = [uat.caller(uat.let(f"tenant{number}").tenant.user) for number in range(PAID)]
    answers = in_threads(lambda tenant: tenant.starts_rent(), tenants, at_once=AT_ONCE)
    expect("Answers to clients that start payments at once", {answer.status for answer in answers}, {201})
    first = order_of(answers[0])
    uat.phonepe.expires(first.id)
    uat.pass_time(21)
    uat.start_payment(by=tenants[0])

    ids = [body["merchantOrderId"] for body in bodies(uat)]
    expect("Pay calls", len(ids), PAID + 1)
    expect("Different merchantOrderIds", len(set(ids)), PAID + 1)
    wrong = [each for each in ids if not ORDER_ID.fullmatch(each)]
    expect("merchantOrderIds outside of PhonePe's alphabet or length", wrong, [])
    uat.record.saw("merchantOrderIds that PhonePe received", ids=ids)
    return uat.proof(
        f"{PAID} tenants paid at once and one again after a failed order: {PAID + 1} pay calls, all with different ids "
        "of at most 63 letters, digits, _ and -."
    )


@requirement("P2", "expireAfter is in seconds, from 300 to 3600")
def orders_live_as_long_as_phonepe_allows(uat: Uat) -> Proof:
    for number, seconds in enumerate((300, 1200, 3600)):
        tenant = uat.caller(uat.let(f"tenant{number}").tenant.user)
        with uat.configured(PHONEPE_ORDER_EXPIRE_AFTER=seconds):
            uat.start_payment(by=tenant)
        expect("expireAfter as PhonePe received it", bodies(uat)[-1].get("expireAfter"), seconds)
    for forbidden in ("299", "3601"):
        sentence = uat.refusal(PHONEPE_ORDER_EXPIRE_AFTER=forbidden)
        expect_that(sentence, f"The product starts with PHONEPE_ORDER_EXPIRE_AFTER={forbidden}.")
    return uat.proof("300, 1200 and 3600 s reached PhonePe as configured; with 299 or 3601 the product does not start.")


@requirement("P3", "amount is in paise")
def amounts_are_paise(uat: Uat) -> Proof:
    uat.start_payment("1234.56")
    amount = bodies(uat)[-1]["amount"]
    expect("amount of an order of ₹1,234.56", (type(amount).__name__, amount), ("int", 1_234_56))
    for refused in ("0.99", "0.00", "-5", "1.001", "1e3"):
        expect(f"The answer to a payment of ₹{refused}", uat.tenant.starts_rent(refused).status, 400)
    expect("Pay calls", len(bodies(uat)), 1)
    return uat.proof(
        f"{rupees_for_people(1_234_56)} reached PhonePe as the integer 123456. ₹0.99, zero, negative amounts, parts of "
        "a paisa and exponents were refused here."
    )


@requirement("P4", "Unused udf keys are left out, metaInfo only when needed")
def nothing_empty_is_sent(uat: Uat) -> Proof:
    uat.start_payment()
    uat.start_payment(by=uat.caller(uat.let("other").tenant.user), channel="mobile_sdk")
    for body in bodies(uat):
        empty = [value for value in leaves(body) if value in (None, "", {}, [])]
        expect("Empty values in the pay call", empty, [])
        unknown = [key for key in body.get("metaInfo", {}) if not UDF.fullmatch(key)]
        expect("Keys of metaInfo beside udf1 to udf15", unknown, [])
    return uat.proof("Neither the pay call nor the SDK order call has an empty or null value, or a key of metaInfo.")


@requirement("P5", "redirectUrl is given, and leads back to the right order")
def the_payer_comes_back(uat: Uat) -> Proof:
    order = uat.start_payment()
    url = bodies(uat)[-1]["paymentFlow"]["merchantUrls"]["redirectUrl"]
    parts = urlsplit(url)
    expect("Scheme of redirectUrl", parts.scheme, "https")
    expect("redirectUrl", url, f"{settings.PHONEPE_REDIRECT_BASE_URL}/payments/return/{order.id}/")
    uat.phonepe.is_paid(order.id)
    uat.clock.shift(10)

    page = uat.door.request("browser", "GET", parts.path)

    expect("Status of the page", page.status, 200)
    expect_that("Payment received" in page.text, "The page does not say that the payment was received.")
    uat.record.saw("The page says", text="Payment received")
    uat.expect_status(order, "completed")
    return uat.proof("The pay call names an absolute https address; after the payment it shows this order as paid.")


@requirement("P6", "paymentFlow.type is PG_CHECKOUT")
def the_flow_is_pg_checkout(uat: Uat) -> Proof:
    uat.start_payment()
    uat.start_payment(by=uat.caller(uat.let("other").tenant.user), channel="mobile_sdk")
    expect("paymentFlow.type", [body["paymentFlow"]["type"] for body in bodies(uat)], ["PG_CHECKOUT"] * 2)
    return uat.proof("Web and mobile orders were both created with PG_CHECKOUT.")


@requirement("P7", "orderId of the answer is mapped to merchantOrderId")
def both_ids_are_known(uat: Uat) -> Proof:
    order = uat.start_payment()
    theirs = uat.phonepe.simulator.orders[order.id].order_id
    expect("order_id told to the client", order.order_id, theirs)
    stored = PaymentTransaction.objects.get(merchant_order_id=order.id).phonepe_order_id
    expect("orderId in our books", stored, theirs)
    uat.phonepe.is_paid(order.id)
    uat.clock.shift(5)

    uat.knock({"event": "checkout.order.completed", "payload": {"orderId": theirs, "state": "COMPLETED"}})
    uat.pass_time(2, every_second=True)

    uat.expect_status(order, "completed")
    return uat.proof(
        "Our books and the API show both ids; a webhook that named only PhonePe's orderId found the order."
    )


@requirement("P8", "The pay page's redirectUrl is used exactly as received")
def the_pay_page_is_handed_on_unchanged(uat: Uat) -> Proof:
    uat.phonepe.fails_with("awkward_url", "pay")
    answer = uat.tenant.starts_rent()
    order = order_of(answer)
    [call] = uat.phonepe.orders_created()
    given = json.loads(call.response.body)["redirectUrl"]
    expect_that("%2B" in given and given.endswith("=") and len(given) > 1500, "The URL to compare is not awkward.")
    told = order.started["redirect_url"]
    uat.record.saw("redirectUrl from PhonePe", is_=fingerprint(given))
    uat.record.saw("redirect_url to the client", is_=fingerprint(told))
    if told != given:
        raise NotMet(f"The client got {fingerprint(told)}; PhonePe gave {fingerprint(given)}.")
    again = uat.tenant.starts_rent()
    expect("The same URL at the second tap", again.json()["redirect_url"] == given, expected=True)
    return uat.proof(
        f"A URL of {len(given)} characters with %2B and = reached the client byte for byte, at the second tap too."
    )


@requirement("P9", "paymentModeConfig holds one list; CARD entries carry cardTypes")
def modes_are_one_list(uat: Uat) -> Proof:
    uat.start_payment()
    expect_that("paymentModeConfig" not in bodies(uat)[-1]["paymentFlow"], "Modes are sent that nobody asked for.")
    for number, channel in enumerate(("redirect", "mobile_sdk")):
        tenant = uat.caller(uat.let(f"tenant{number}").tenant.user)
        uat.start_payment(by=tenant, channel=channel, payment_modes=ALL_MODES)
        config = bodies(uat)[-1]["paymentFlow"]["paymentModeConfig"]
        expect("Lists in paymentModeConfig", list(config), ["enabledPaymentModes"])
        modes = {mode["type"]: mode for mode in config["enabledPaymentModes"]}
        expect("Modes", sorted(modes), sorted(ALL_MODES))
        expect("cardTypes of CARD", sorted(modes["CARD"]["cardTypes"]), ["CREDIT_CARD", "DEBIT_CARD"])
    return uat.proof("Without a wish no modes are sent; with one a single list, in which CARD names its cardTypes.")


GONE_WRONG: dict[str, tuple[int, Any]] = {
    "400 BAD_REQUEST": (400, {"code": "BAD_REQUEST", "message": "Please check the inputs you have provided."}),
    "500 INTERNAL_SERVER_ERROR": (500, {"code": "INTERNAL_SERVER_ERROR", "message": "There is an error"}),
    "503 that is not JSON": (503, b"upstream connect error"),
    "200 that is not JSON": (200, b"<html>Welcome</html>"),
}
CUT = {"timeout before": "timeout_before", "timeout after it was created": "timeout_after"}


@requirement("P10", "BAD_REQUEST, 500, timeout and a 503 that is not JSON neither lose nor double an order")
def no_order_is_lost_or_doubled(uat: Uat) -> Proof:
    for number, name in enumerate([*GONE_WRONG, *CUT]):
        tenant = uat.caller(uat.let(f"tenant{number}").tenant.user)
        before = len(uat.phonepe.orders_created())
        if name in CUT:
            uat.phonepe.fails_with(CUT[name], "pay", times=1)
        else:
            status, body = GONE_WRONG[name]
            uat.phonepe.says("pay", body, status=status)
        with uat.configured(PHONEPE_TIMEOUT=1):
            refused = tenant.starts_rent(key="tap")
        expect_that(refused.status in (502, 503), f"{name}: the client was answered {refused.status}.")
        expect_that(refused.json().get("detail"), f"{name}: the client was told no sentence.")
        tried = json.loads(uat.phonepe.orders_created()[before].request.body)["merchantOrderId"]
        kept = PaymentTransaction.objects.filter(merchant_order_id=tried).exists()
        expect(f"{name}: the order is kept in our books", kept, expected=True)

        uat.clock.shift(4)
        order = uat.start_payment(by=tenant, key="tap")
        uat.phonepe.is_paid(order.id)
        uat.clock.shift(4)
        state = tenant.verifies(order.id).json()["state"]
        expect(f"{name}: state once the next try is paid", state, "COMPLETED")
        theirs = uat.phonepe.simulator.orders
        paid = [each for each in {tried, order.id} & set(theirs) if theirs[each].state == "COMPLETED"]
        expect(f"{name}: orders paid at PhonePe", paid, [order.id])
        shown = tenant.get(f"/api/payments/{order.payment_id}/").json()
        expect(f"{name}: status of the payment", shown["status"], "completed")
        due = tenant.get("/api/tenancies/").json()
        outstanding = (due["results"] if isinstance(due, dict) else due)[0]["outstanding"]
        expect(f"{name}: rent outstanding", outstanding, "0.00")
        uat.record.saw(name, answered=refused.status, then="paid once, nothing outstanding")
    uat.pass_time(25)
    expect("Captures in the ledger, some time later", uat.captures(), len(GONE_WRONG) + len(CUT))
    uat.expect_books_agree()
    return uat.proof(
        f"{len(GONE_WRONG) + len(CUT)} answers that go wrong ({', '.join([*GONE_WRONG, *CUT])}): each time the client "
        "got a sentence, the order stayed in the books, and the next try was paid exactly once."
    )


@requirement("P11", "Mobile: the backend creates the SDK order, and only orderId and order token reach the app")
def the_app_gets_nothing_secret(uat: Uat) -> Proof:
    answer = uat.tenant.starts_rent(channel="mobile_sdk")
    expect("The answer to the app", answer.status, 201)
    [call] = uat.phonepe.calls("sdk_order")
    told, given = answer.json(), json.loads(call.response.body)
    expect("order_id", told["order_id"], given["orderId"])
    expect_that(told["token"] == given["token"], "The app got another order token than PhonePe gave.")
    expect_that("redirect_url" not in told, "The app got a pay page.")
    secrets = {"access token": call.token, "client secret": settings.PHONEPE_CLIENT_SECRET}
    for name, secret in secrets.items():
        expect_that(secret not in answer.text, f"The app got the {name}.")
    uat.record.saw("Fields in the answer to the app", names=sorted(told))
    return uat.proof("checkout/v2/sdk/order was called by the backend; the app got orderId and order token, no secret.")
