"""A person pays: plain links and plain forms, without a line of JavaScript."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from phonepe_simulator import Request, VirtualClock
from phonepe_simulator.pay_page.rupees import rupees
from tests.simulator.people import API, RETURN_URL, Merchant, order, read

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self.labelled, self.refresh, self.text = [], [], set(), None, ""
        self.outside, self.alerts, self._in_alert = [], [], False
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
        self._in_alert = given.get("role") == "alert"
        self.outside += [given[key] for key in ("src", "data") if given.get(key, "").startswith(("http", "//"))]

    def handle_data(self, data):
        self.text += data
        if self._in_alert and data.strip():
            self.alerts.append(data)
            self._in_alert = False


class Browser:
    """Follows links, fills forms, and remembers the page it shows. A form is always answered with a redirect."""

    def __init__(self, merchant, device=None):
        self._sim = merchant.sim
        self._device = {"User-Agent": device} if device else {}

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
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._device}
        response = self._sim.handle(Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body))
        assert (response.status == 303) or method == "GET"
        if response.status == 303:
            return self._load("GET", response.headers["Location"], b"")
        self.url, self.status, self.headers = url, response.status, response.headers
        self.page = _Reader(response.body.decode())
        assert self.page.outside == []
        for form in self.page.forms:
            assert set(form["needed"]) <= self.page.labelled
        return self

    def sees(self, text):
        return text in " ".join(self.page.text.split())


@pytest.fixture
def payer(merchant: Merchant) -> Browser:
    return opened(merchant, IPHONE)


@pytest.fixture
def desktop(merchant: Merchant) -> Browser:
    return opened(merchant, None)


def opened(merchant, device, **fields):
    return Browser(merchant, device).open(read(merchant.pay(**fields))["redirectUrl"])


def test_the_page_says_what_is_to_be_paid(merchant, clock: VirtualClock):
    payer = opened(merchant, IPHONE, amount=12345600, flow={"message": "Rent <script>alert(1)</script>"})
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
def test_any_upi_app_lets_the_payer_choose(merchant, way, outcome):
    payer = opened(merchant, None if way == "UPI_QR" else IPHONE)
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
    assert payer.sees("Wrong OTP. It is 123456.")

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

    assert len(payer.page.alerts) == 1
    assert merchant.status()["paymentDetails"] == []


def test_a_bank_login(merchant, payer):
    payer.submit("/bank")
    payer.submit("/bank", user="test", password="wrong")
    assert payer.page.alerts == ["Wrong user or password. Both are test."]

    payer.submit("/bank", user="test", password="test")

    assert merchant.status()["paymentDetails"][0]["paymentMode"] == "NET_BANKING"
    assert RETURN_URL in payer.page.links
    assert payer.page.refresh == f"4;url={RETURN_URL}"


def test_only_what_is_offered_is_shown(merchant):
    cards = {"type": "CARD", "cardTypes": ["DEBIT_CARD"]}
    payer = opened(merchant, None, flow={"paymentModeConfig": {"enabledPaymentModes": [{"type": "UPI_QR"}, cards]}})

    assert [form["action"].rsplit("/", 1)[1] for form in payer.page.forms] == ["qr", "card"]
    assert payer.sees("Debit card")
    assert not payer.sees("4208")
    payer.submit("/card", number="4208585190116667", expiry="06/27", cvv="508")
    assert payer.page.alerts == ["The merchant does not take this kind of card for this order."]


def test_after_a_failure_the_payer_tries_again(merchant, payer):
    payer.submit("/upi-id", vpa="failed@ybl")
    payer.open(next(link for link in payer.page.links if "again" in link))
    payer.submit("/upi-id", vpa="success@ybl")

    assert merchant.status()["state"] == "COMPLETED"


def test_or_may_not_try_again(merchant):
    payer = opened(merchant, IPHONE, disablePaymentRetry=True)
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
    payer = Browser(merchant, IPHONE).open(f"/transact/uat_v2?token={token}")
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


SHOWN = {
    IPHONE: ["app", "upi-id", "card", "bank"],
    IPAD: ["app", "upi-id", "card", "bank"],
    ANDROID: ["app", "card", "bank"],
    LINUX: ["qr", "card", "bank"],
    None: ["qr", "card", "bank"],
}


def steps(payer):
    return [form["action"].rsplit("/", 1)[1] for form in payer.page.forms]


class TestModesByDevice:
    @pytest.mark.parametrize(("device", "shown"), SHOWN.items())
    def test_a_phone_has_upi_apps_and_a_desktop_a_qr_code(self, merchant, device, shown):
        assert steps(opened(merchant, device)) == shown

    @pytest.mark.parametrize(
        ("where", "devices"), [("ios", [IPHONE]), ("everywhere", [IPHONE, ANDROID, LINUX]), ("nowhere", [])]
    )
    def test_where_a_upi_id_is_asked_for(self, merchant, where, devices):
        """Merchants may do so on iOS alone since 28 February 2026, unless their kind of business is exempt."""
        merchant.sim.change_settings(upi_collect=where)
        url = read(merchant.pay())["redirectUrl"]

        for device in (IPHONE, ANDROID, LINUX):
            assert ("upi-id" in steps(Browser(merchant, device).open(url))) == (device in devices)

    def test_every_mode_can_be_shown_on_every_device(self, merchant):
        merchant.sim.change_settings(modes_by_device=False, upi_collect="everywhere")

        assert steps(opened(merchant, LINUX)) == ["app", "qr", "upi-id", "card", "bank"]

    def test_a_mode_that_was_not_offered_is_shown_nowhere(self, merchant):
        payer = opened(merchant, ANDROID, flow={"paymentModeConfig": {"enabledPaymentModes": [{"type": "CARD"}]}})

        assert steps(payer) == ["card"]

    def test_a_payer_with_the_wrong_device_is_told(self, merchant):
        modes = [{"type": "UPI_INTENT"}, {"type": "UPI_COLLECT"}]
        payer = opened(merchant, LINUX, flow={"paymentModeConfig": {"enabledPaymentModes": modes}})

        assert steps(payer) == []
        assert payer.sees("This order can be paid by UPI app or UPI ID only, which this device does not offer.")
        assert RETURN_URL in payer.page.links

    def test_the_phone_that_scanned_the_code_pays(self, merchant, desktop):
        desktop.submit("/qr")
        link = next(link for link in desktop.page.links if "UPI_QR" in link)
        Browser(merchant, ANDROID).open(link).submit("/settle", outcome="success")

        assert desktop.open(desktop.page.refresh.partition("url=")[2]).sees("Payment successful")
        assert merchant.status()["paymentDetails"][0]["paymentMode"] == "UPI_QR"

    @pytest.mark.parametrize("wrong", ["android", "", True])
    def test_a_wrong_setting_is_refused(self, merchant, wrong):
        assert merchant.control("PATCH", "/settings", {"upi_collect": wrong}).status == 400


class TestWhatCannotBeEntered:
    def post(self, merchant, step, **fields):
        token = merchant.sim.orders["RENT-1"].token
        return merchant.sim.handle(
            Request("POST", f"/transact/uat_v2/{step}", {}, {}, urlencode({"token": token} | fields).encode())
        )

    def test_a_mode_that_the_order_does_not_offer(self, merchant):
        opened(merchant, None, flow={"paymentModeConfig": {"enabledPaymentModes": [{"type": "UPI_QR"}]}})

        self.post(merchant, "bank", user="test", password="test")
        self.post(merchant, "upi-id", vpa="success@ybl")
        self.post(merchant, "settle", mode="NET_BANKING", outcome="success")
        assert merchant.status()["paymentDetails"] == []

    def test_a_kind_of_card_that_the_order_does_not_take(self, merchant):
        modes = [{"type": "CARD", "cardTypes": ["DEBIT_CARD"]}]
        opened(merchant, None, flow={"paymentModeConfig": {"enabledPaymentModes": modes}})

        self.post(merchant, "settle", mode="CARD", card="CREDIT_CARD", outcome="success")
        self.post(merchant, "otp", card="CREDIT_CARD", otp="123456")
        assert merchant.status()["paymentDetails"] == []
        self.post(merchant, "otp", card="DEBIT_CARD", otp="123456")
        assert merchant.status()["state"] == "COMPLETED"

    def test_while_a_payment_is_pending_its_page_is_shown(self, merchant, payer):
        payer.submit("/upi-id", vpa="pending@ybl")

        for step in ("app?mode=UPI_INTENT", "bank", "otp?card=DEBIT_CARD", "qr"):
            path, _, query = step.partition("?")
            token = merchant.sim.orders["RENT-1"].token
            assert payer.open(f"/transact/uat_v2/{path}?token={token}&{query}").sees("Payment pending")

    @pytest.mark.parametrize("vpa", ["a@bank", "asha", "asha@", "asha@b", "as ha@bank", "asha@1bank"])
    def test_what_is_no_upi_id(self, payer, vpa):
        payer.submit("/upi-id", vpa=vpa)

        assert payer.page.alerts == ["A UPI ID looks like name@bank."]


class TestExpiry:
    CARD = {"number": "4208585190116667", "cvv": "508"}

    def test_a_card_is_good_to_the_end_of_its_month_in_india(self, payer, clock):
        payer.submit("/card", **self.CARD, expiry="01/26")
        assert payer.sees("Confirm at your bank")

    def test_and_not_a_moment_longer(self, merchant, clock):
        clock.move_to(datetime(2026, 1, 31, 18, 30, tzinfo=UTC))  # midnight in India
        payer = opened(merchant, None)

        payer.submit("/card", **self.CARD, expiry="01/26")
        assert payer.page.alerts == ["The card has expired: any month to come will do."]

    def test_a_part_of_a_second_left_is_shown_as_a_second(self, merchant, payer, clock):
        clock.advance(0.5)
        assert payer.open(read_url(merchant)).sees("20:00")


class TestWhatIsShownAgain:
    def test_a_wrong_card_keeps_its_number_and_not_its_cvv(self, merchant, payer):
        payer.submit("/card", number="4111 1111 1111 1111", expiry="06/27", cvv="987")

        form = next(form for form in payer.page.forms if form["action"].endswith("/card"))
        assert (form["fields"]["number"], form["fields"]["expiry"]) == ("4111 1111 1111 1111", "06/27")
        assert form["fields"]["cvv"] == ""

    def test_a_reload_shows_it_again_and_a_new_visit_does_not(self, merchant, payer):
        payer.submit("/upi-id", vpa="nonsense")
        asked = payer.url
        assert payer.open(asked).page.alerts == ["A UPI ID looks like name@bank."]
        assert payer.open(read_url(merchant)).page.alerts == []

    def test_an_older_mistake_is_not_shown_for_a_newer_one(self, merchant, payer):
        payer.submit("/upi-id", vpa="nonsense")
        older = payer.url
        payer.submit("/card", number="1")

        assert payer.page.alerts == ["Use one of the test cards shown below, never a real card."]
        assert payer.open(older).page.alerts == []

    def test_nothing_long_is_kept(self, merchant, payer):
        payer.submit("/upi-id", vpa="x" * 10_000)

        form = next(form for form in payer.page.forms if form["action"].endswith("/upi-id"))
        assert len(form["fields"]["vpa"]) == 100

    def test_one_orders_mistake_is_not_anothers(self, merchant, payer):
        payer.submit("/upi-id", vpa="nonsense")
        other = read(merchant.pay(merchant_order_id="RENT-2"))["redirectUrl"]

        assert Browser(merchant, IPHONE).open(f"{other}&wrong=1").page.alerts == []

    def test_after_a_failed_payment_too(self, merchant, payer):
        payer.submit("/upi-id", vpa="failed@ybl")
        payer.open(next(link for link in payer.page.links if "again" in link))
        payer.submit("/upi-id", vpa="nonsense")

        assert payer.page.alerts == ["A UPI ID looks like name@bank."]


class TestForms:
    @pytest.mark.parametrize("step", ["upi-id", "card", "otp", "bank", "settle", "conclude", "nonsense", ""])
    @pytest.mark.parametrize("fields", [{}, {"token": "x"}, {"outcome": "maybe", "mode": "CASH", "card": "GOLD"}])
    def test_each_is_answered_with_a_redirect_whatever_it_holds(self, merchant, payer, step, fields):
        token = merchant.sim.orders["RENT-1"].token
        body = urlencode({"token": token} | fields).encode()

        answer = merchant.sim.handle(Request("POST", f"/transact/uat_v2/{step}", {}, {}, body))

        assert answer.status == 303
        assert answer.headers["Location"].startswith("/transact/uat_v2")
        assert merchant.status()["paymentDetails"] == []

    def test_after_the_order_has_ended_too(self, merchant, payer, clock):
        clock.advance(1200)
        token = merchant.sim.orders["RENT-1"].token

        answer = merchant.sim.handle(Request("POST", "/transact/uat_v2/card", {}, {}, f"token={token}".encode()))

        assert (answer.status, answer.headers["Location"]) == (303, f"/transact/uat_v2?token={token}")

    @pytest.mark.parametrize("vpa", ["", "nonsense", "<b>@bank"])
    def test_an_address_with_a_wrong_upi_id_leads_back(self, merchant, payer, vpa):
        query = urlencode({"token": merchant.sim.orders["RENT-1"].token, "mode": "UPI_COLLECT", "vpa": vpa})

        assert payer.open(f"/transact/uat_v2/app?{query}").sees("Choose how to pay")

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_other_methods_are_refused(self, merchant, payer, method):
        assert merchant.sim.handle(Request(method, "/transact/uat_v2")).status == 404


def read_url(merchant):
    return f"/transact/uat_v2?token={merchant.sim.orders['RENT-1'].token}"


def test_the_pay_page_is_no_api_call(merchant, payer):
    assert {call.path.startswith(API) for call in merchant.sim.calls} == {True}
