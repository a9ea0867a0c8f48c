import pytest

from tests.simulator.people import fixture, order, read

LONGEST = "A" * 63
MODE = {"type": "UPI_QR"}


def config(**lists):
    return {"flow": {"paymentModeConfig": lists}}


GOOD = {
    "shortest amount": {"amount": 100},
    "longest id": {"merchant_order_id": LONGEST},
    "id with specials": {"merchant_order_id": "a_B-9"},
    "shortest life": {"expireAfter": 300},
    "longest life": {"expireAfter": 3600},
    "nulls are absent": {"expireAfter": None, "metaInfo": None, "disablePaymentRetry": None},
    "null inside": {"flow": {"message": None, "paymentModeConfig": None}},
    "null udf": {"metaInfo": {"udf1": "a", "udf2": None}},
    "free udf": {"metaInfo": {"udf10": "<any> text" + "x" * 246}},
    "strict udf": {"metaInfo": {"udf15": "a b_-@.+9"}},
    "one list": config(enabledPaymentModes=[MODE], disabledPaymentModes=None),
    "cards": config(enabledPaymentModes=[{"type": "CARD", "cardTypes": ["DEBIT_CARD"]}]),
    "unknown fields": {"surprise": {"a": 1}},
    "an app's address": {"flow": {"merchantUrls": {"redirectUrl": "myapp://paid"}}},
}
BAD = {
    "no id": {"merchantOrderId": None},
    "long id": {"merchant_order_id": LONGEST + "A"},
    "empty id": {"merchant_order_id": ""},
    "id with a slash": {"merchant_order_id": "a/b"},
    "id with a letter of another script": {"merchant_order_id": "अ1"},
    "id ending in a line break": {"merchant_order_id": "a\n"},
    "id as number": {"merchantOrderId": 12},
    "small amount": {"amount": 99},
    "negative amount": {"amount": -100},
    "amount with a fraction": {"amount": 100.5},
    "amount as text": {"amount": "1000"},
    "amount as truth": {"amount": True},
    "no amount": {"amount": None},
    "amount beyond a long": {"amount": 2**63},
    "short life": {"expireAfter": 299},
    "long life": {"expireAfter": 3601},
    "life as text": {"expireAfter": "600"},
    "no flow": {"paymentFlow": None},
    "another flow": {"flow": {"type": "PG"}},
    "no redirect": {"flow": {"merchantUrls": None}},
    "empty redirect": {"flow": {"merchantUrls": {"redirectUrl": ""}}},
    "relative redirect": {"flow": {"merchantUrls": {"redirectUrl": "/paid"}}},
    **{
        f"{url.partition(':')[0]} as redirect": {"flow": {"merchantUrls": {"redirectUrl": url}}}
        for url in (
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://shop.example/1",
            "file:///etc/passwd",
            "about:blank",
        )
    },
    "a scheme alone as redirect": {"flow": {"merchantUrls": {"redirectUrl": "https://"}}},
    "redirect with a space": {"flow": {"merchantUrls": {"redirectUrl": "https://shop.example/a b"}}},
    "redirect with a line break": {"flow": {"merchantUrls": {"redirectUrl": "https://shop.example/a\nb"}}},
    "redirect that cannot be read": {"flow": {"merchantUrls": {"redirectUrl": "https://[shop.example/"}}},
    "unknown udf": {"metaInfo": {"udf16": "a"}},
    "udf0": {"metaInfo": {"udf0": "a"}},
    "another key": {"metaInfo": {"note": "a"}},
    "long udf": {"metaInfo": {"udf1": "x" * 257}},
    "long strict udf": {"metaInfo": {"udf11": "x" * 51}},
    "strict udf with a star": {"metaInfo": {"udf11": "a*b"}},
    "udf as number": {"metaInfo": {"udf1": 5}},
    "meta as list": {"metaInfo": []},
    "both lists": config(enabledPaymentModes=[MODE], disabledPaymentModes=[MODE]),
    "no list": config(),
    "empty list": config(enabledPaymentModes=[]),
    "unknown mode": config(enabledPaymentModes=[{"type": "CASH"}]),
    "unknown card": config(enabledPaymentModes=[{"type": "CARD", "cardTypes": ["PREPAID"]}]),
    "card types without a card": config(enabledPaymentModes=[{"type": "UPI_QR", "cardTypes": ["DEBIT_CARD"]}]),
    "retry as text": {"disablePaymentRetry": "yes"},
}


@pytest.mark.parametrize("fields", GOOD.values(), ids=GOOD)
def test_a_good_order_is_taken(merchant, fields):
    assert merchant.pay(**fields).status == 200


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_a_bad_order_is_refused_and_not_made(merchant, fields):
    response = merchant.pay(**fields)

    assert (response.status, read(response)) == (400, fixture("error_bad_request"))
    assert response.headers["X-Simulator-Reason"]
    assert merchant.sim.orders == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(merchant, body):
    response = merchant.call("POST", "/checkout/v2/pay", body)

    assert (response.status, read(response)) == (400, fixture("error_bad_request"))


def test_a_body_too_large_is_refused(merchant):
    assert merchant.call("POST", "/checkout/v2/pay", b" " * 300_000).status == 413


def test_the_documented_requests_are_taken(merchant):
    for name in (
        "request_pay_standard_enabled_modes",
        "request_pay_standard_disabled_modes",
        "request_pay_standard_tpv",
    ):
        body = fixture(name) | {"merchantOrderId": name}
        body["paymentFlow"]["merchantUrls"]["redirectUrl"] = "https://shop.example/"
        assert merchant.call("POST", "/checkout/v2/pay", body).status == 200, name
    assert merchant.call("POST", "/checkout/v2/sdk/order", fixture("request_sdk_order")).status == 200


def test_the_documented_wrong_request_is_refused(merchant):
    body = fixture("request_sdk_order_both_mode_lists_invalid")

    assert merchant.call("POST", "/checkout/v2/sdk/order", body).status == 400


def test_a_split_is_not_enabled(merchant):
    split = fixture("request_pay_standard_split_settlement")

    response = merchant.call("POST", "/checkout/v2/pay", split)

    assert (response.status, read(response)) == (400, fixture("error_split_settlement_on_pay"))


def test_mobile_orders_need_no_redirect(merchant):
    body = order(flow={"merchantUrls": {"redirectUrl": None}})

    response = merchant.call("POST", "/checkout/v2/sdk/order", body)

    assert set(read(response)) == set(fixture("pay_response_sdk_order"))


def test_custom_checkouts_mobile_order_has_its_own_flow(merchant):
    assert merchant.call("POST", "/payments/v2/sdk/order", order(flow={"type": "PG"})).status == 200
    assert merchant.call("POST", "/checkout/v2/sdk/order", order("RENT-2", flow={"type": "PG"})).status == 400


ONLY_CARD = {"type": "CARD"}
DEBIT = {"type": "CARD", "cardTypes": ["DEBIT_CARD"]}
BOTH = {"type": "CARD", "cardTypes": ["DEBIT_CARD", "CREDIT_CARD"]}


@pytest.mark.parametrize(
    ("lists", "has_card", "card_types"),
    [
        ({"enabledPaymentModes": [ONLY_CARD]}, True, {"DEBIT_CARD", "CREDIT_CARD"}),
        ({"enabledPaymentModes": [DEBIT]}, True, {"DEBIT_CARD"}),
        ({"enabledPaymentModes": [MODE]}, False, set()),
        ({"disabledPaymentModes": [ONLY_CARD]}, True, {"DEBIT_CARD", "CREDIT_CARD"}),
        ({"disabledPaymentModes": [DEBIT]}, True, {"CREDIT_CARD"}),
        ({"disabledPaymentModes": [BOTH]}, False, set()),
    ],
)
def test_what_a_card_entry_means(merchant, lists, has_card, card_types):
    merchant.pay(**config(**lists))

    offer = merchant.sim.orders["RENT-1"].offer
    assert ("CARD" in offer.modes, set(offer.card_types)) == (has_card, card_types)
