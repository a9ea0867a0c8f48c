"""A person pays: plain links and plain forms, without a line of JavaScript."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from phonepe_simulator import Request, VirtualClock
from phonepe_simulator.pay_page.rupees import rupees
from tests.simulator.people import API, RETURN_URL, Merchant, order, read


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self.labelled, self.refresh, self.text = [], [], set(), None, ""
        self.outside = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append({"method": given["method"], "action": given["action"], "fields": {}, "needed": []})
        elif tag in ("input", "select", "button") and given.get("name"):
            self.forms[-1]["fields"].setdefault(given["name"], given.get("value", ""))
            if given.get("type") != "hidden" and tag != "button":
                self.forms[-1]["needed"].append(given["id"])
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "label":
            self.labelled.add(given["for"])
        elif tag == "meta" and given.get("http-equiv") == "refresh":
            self.refresh = given["content"]
        self.outside += [given[key] for key in ("src", "data") if given.get(key, "").startswith(("http", "//"))]

    def handle_data(self, data):
        self.text += data


class Browser:
    """Follows links, fills forms, and remembers the page it shows."""

    def __init__(self, merchant):
        self._sim = merchant.sim

    def open(self, url):
        return self._load("GET", url, b"")

    def submit(self, action, **typed):
        form = next(form for form in self.page.forms if form["action"].endswith(action))
        fields = form["fields"] | typed
        if form["method"] == "get":
            return self._load("GET", f"{form['action']}?{urlencode(fields)}", b"")
        return self._load("POST", form["action"], urlencode(fields).encode())

    def _load(self, method, url, body):
        parts = urlsplit(url)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self._sim.handle(Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body))
        if response.status == 303:
            return self._load("GET", response.headers["Location"], b"")
        self.status, self.headers = response.status, response.headers
        self.page = _Reader(response.body.decode())
        assert self.page.outside == []
        for form in self.page.forms:
            assert set(form["needed"]) <= self.page.labelled
        return self

    def sees(self, text):
        return text in " ".join(self.page.text.split())


@pytest.fixture
def payer(merchant: Merchant) -> Browser:
    return opened(merchant)


def opened(merchant, **fields):
    return Browser(merchant).open(read(merchant.pay(**fields))["redirectUrl"])


def test_the_page_says_what_is_to_be_paid(merchant, clock: VirtualClock):
    payer = opened(merchant, amount=12345600, flow={"message": "Rent <script>alert(1)</script>"})
    clock.advance(61)
    payer.open(f"/transact/uat_v2?token={merchant.sim.orders['RENT-1'].token}")

    assert payer.sees("₹1,23,456.00")
    assert payer.sees("Simulator: no real money moves")
    assert payer.sees("Rent <script>alert(1)</script>")
    assert payer.sees("18:59")
    assert RETURN_URL in payer.page.links


@pytest.mark.parametrize(
    ("vpa", "state", "words"),
    [
        ("success@ybl", "COMPLETED", "Payment successful"),
        ("SUCCESS@YBL", "COMPLETED", "Payment successful"),
        ("failed@ybl", "PENDING", "Payment failed"),
        ("Failure@ybl", "PENDING", "Payment failed"),
        ("pending@ybl", "PENDING", "Payment pending"),
    ],
)
def test_a_upi_id_does_what_its_name_says(merchant, payer, vpa, state, words):
    payer.submit("/upi-id", vpa=vpa)

    assert payer.sees(words)
    assert merchant.status()["state"] == state


@pytest.mark.parametrize("outcome", ["success", "failure", "pending"])
@pytest.mark.parametrize("way", ["UPI_INTENT", "UPI_COLLECT", "UPI_QR"])
def test_any_upi_app_lets_the_payer_choose(merchant, payer, way, outcome):
    if way == "UPI_INTENT":
        payer.submit("/app")
    elif way == "UPI_COLLECT":
        payer.submit("/upi-id", vpa="asha@bank")
    else:
        payer.submit("/qr")
        payer.open(next(link for link in payer.page.links if "UPI_QR" in link))
    payer.submit("/settle", outcome=outcome)

    (attempt,) = merchant.status()["paymentDetails"]
    states = {"success": "COMPLETED", "failure": "FAILED", "pending": "PENDING"}
    assert (attempt["paymentMode"], attempt["state"]) == (way, states[outcome])


@pytest.mark.parametrize(
    ("number", "cvv", "kind"),
    [("4208 5851 9011 6667", "508", "CREDIT_CARD"), ("4242424242424242", "936", "DEBIT_CARD")],
)
def test_a_test_card_and_its_otp(merchant, payer, number, cvv, kind):
    payer.submit("/card", number=number, expiry="06/27", cvv=cvv)
    payer.submit("/otp", otp="000000")
    assert (payer.status, payer.sees("Wrong OTP")) == (422, True)

    payer.submit("/otp", otp="123456")

    assert payer.sees("Payment successful")
    assert merchant.status()["paymentDetails"][0]["instrument"]["type"] == kind


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "4111 1111 1111 1111"},
        {"expiry": "06/25"},
        {"expiry": "13/27"},
        {"cvv": "000"},
        {"number": ""},
    ],
)
def test_a_wrong_card_is_explained(merchant, payer, typed):
    payer.submit("/card", **({"number": "4208585190116667", "expiry": "06/27", "cvv": "508"} | typed))

    assert payer.status == 422
    assert merchant.status()["paymentDetails"] == []


def test_a_bank_login(merchant, payer):
    payer.submit("/bank")
    payer.submit("/bank", user="test", password="wrong")
    assert payer.status == 422

    payer.submit("/bank", user="test", password="test")

    assert merchant.status()["paymentDetails"][0]["paymentMode"] == "NET_BANKING"
    assert RETURN_URL in payer.page.links
    assert payer.page.refresh == f"4;url={RETURN_URL}"


def test_only_what_is_offered_is_shown(merchant):
    cards = {"type": "CARD", "cardTypes": ["DEBIT_CARD"]}
    payer = opened(merchant, flow={"paymentModeConfig": {"enabledPaymentModes": [{"type": "UPI_QR"}, cards]}})

    assert [form["action"].rsplit("/", 1)[1] for form in payer.page.forms] == ["qr", "card"]
    assert payer.sees("Debit card")
    assert not payer.sees("4208")
    payer.submit("/card", number="4208585190116667", expiry="06/27", cvv="508")
    assert payer.status == 422


def test_after_a_failure_the_payer_tries_again(merchant, payer):
    payer.submit("/upi-id", vpa="failed@ybl")
    payer.open(next(link for link in payer.page.links if "again" in link))
    payer.submit("/upi-id", vpa="success@ybl")

    assert merchant.status()["state"] == "COMPLETED"


def test_or_may_not_try_again(merchant):
    payer = opened(merchant, disablePaymentRetry=True)
    payer.submit("/upi-id", vpa="failed@ybl")

    assert payer.sees("Payment failed")
    assert payer.page.links == [RETURN_URL]


def test_a_pending_payment_is_followed_and_settled(merchant, payer):
    payer.submit("/upi-id", vpa="pending@ybl")
    assert payer.page.refresh.startswith("3;url=/transact/uat_v2?token=")

    payer.submit("/conclude", outcome="success")

    assert payer.sees("Payment successful")


def test_an_expired_order_cannot_be_paid(merchant, payer, clock):
    clock.advance(1200)
    payer.submit("/upi-id", vpa="success@ybl")

    assert payer.sees("Order expired")
    assert merchant.status()["state"] == "FAILED"


def test_a_second_tap_changes_nothing(merchant, payer):
    payer.submit("/app")
    page = payer.page
    payer.submit("/settle", outcome="success")
    payer.page = page
    payer.submit("/settle", outcome="failure")

    assert payer.sees("Payment successful")
    assert len(merchant.status(details="true")["paymentDetails"]) == 1


def test_a_mobile_order_has_a_page_too(merchant):
    token = read(merchant.call("POST", "/checkout/v2/sdk/order", order(flow={"merchantUrls": None})))["token"]
    payer = Browser(merchant).open(f"/transact/uat_v2?token={token}")
    payer.submit("/upi-id", vpa="success@ybl")

    assert payer.sees("You can go back to the app now.")


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_nobody_guesses_a_page(merchant, payer, token):
    payer.open(f"/transact/uat_v2?token={token}")

    assert payer.status == 404


def test_the_page_loads_nothing_from_elsewhere_and_hides_its_token(payer):
    policy = payer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert payer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert payer.open("/transact/uat_v2/style.css").status == 200
    assert payer.open("/transact/uat_v2/script.js").status == 200


@pytest.mark.parametrize(
    ("paise", "shown"),
    [
        (100, "₹1.00"),
        (99999, "₹999.99"),
        (100000, "₹1,000.00"),
        (1000000050, "₹1,00,00,000.50"),
        (12345678900, "₹12,34,56,789.00"),
    ],
)
def test_rupees_are_grouped_the_indian_way(paise, shown):
    assert rupees(paise) == shown


def test_the_pay_page_is_no_api_call(merchant, payer):
    assert {call.path.startswith(API) for call in merchant.sim.calls} == {True}
