"""The simulator's own pages in a real Chromium: going back, reloading, and what each device is shown."""

import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from phonepe_simulator import Simulator
from phonepe_simulator.http_server import SimulatorServer
from tests.simulator.people import API, OverHttp, order

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP rebound.example 127.0.0.1, MAP sim.lan 127.0.0.1",
]
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def shop() -> Iterator[OverHttp]:
    simulator = Simulator(seed=7)
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        yield OverHttp(simulator, server)


@pytest.fixture
def opens(browser: Browser, shop: OverHttp) -> Callable[..., Page]:
    """Open a page of the shop in a window of a width, as a device."""

    def opens(path: str = "", *, width: int = 1280, device: str | None = None) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 844}, user_agent=device)
        page.goto(f"{shop.server.url}{path}" if path else pay_page(shop))
        return page

    return opens


def pay_page(shop: OverHttp) -> str:
    back = f"{shop.server.url}/nowhere"
    wanted = order(flow={"merchantUrls": {"redirectUrl": back}})
    shop.send("POST", f"{API}/checkout/v2/pay", wanted, {"Authorization": f"O-Bearer {shop.token()}"})
    return str(shop.control("GET", "/orders/RENT-1")[1]["pay_page_url"])


def go_back(page: Page) -> None:
    """Press the browser's back button; Chromium fails with ERR_CACHE_MISS where it would have to send a form again."""
    page.go_back()
    expect(page.locator("h1")).to_be_visible()


def reload(page: Page) -> None:
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    page.reload()
    assert "POST" not in methods, "a person would be asked whether to send the form again"


def enter_card(page: Page, number: str = "4208 5851 9011 6667") -> None:
    page.locator("summary", has_text="card").click()
    form = page.locator("details[open]")
    form.get_by_label("Card number").fill(number)
    form.get_by_label("Expiry").fill("06/30")
    form.get_by_label("CVV").fill("508")
    form.get_by_role("button").click()


class TestGoingBack:
    def test_after_a_wrong_otp(self, opens: Callable[..., Page], shop: OverHttp) -> None:
        page = opens()
        enter_card(page)
        page.get_by_label("One-time password").fill("000000")
        page.get_by_role("button", name="Submit").click()
        expect(page.get_by_role("alert")).to_have_text("Wrong OTP. It is 123456.")
        reload(page)

        go_back(page)
        expect(page.get_by_label("One-time password")).to_be_visible()
        go_back(page)
        expect(page.locator("h1")).to_have_text("Choose how to pay")
        page.go_forward()
        page.get_by_label("One-time password").fill("123456")
        page.get_by_role("button", name="Submit").click()

        expect(page.locator("h1")).to_have_text("Payment successful")
        go_back(page)
        expect(page.locator("h1")).to_have_text("Payment successful")
        assert [attempt.state for attempt in shop.sim.orders["RENT-1"].attempts] == ["COMPLETED"]

    def test_after_a_wrong_card(self, opens: Callable[..., Page]) -> None:
        page = opens()
        enter_card(page, "4111 1111 1111 1111")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Card number")).to_have_value("4111 1111 1111 1111")

        reload(page)
        go_back(page)
        expect(page.get_by_role("alert")).to_have_count(0)

    def test_after_a_wrong_bank_login(self, opens: Callable[..., Page]) -> None:
        page = opens()
        page.locator("summary", has_text="Net banking").click()
        page.get_by_role("button", name="Go to the bank").click()
        page.get_by_label("User name").fill("test")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Submit").click()
        expect(page.get_by_role("alert")).to_be_visible()

        reload(page)
        go_back(page)
        expect(page.locator("h1")).to_have_text("Log in to your bank")

    def test_after_a_wrong_upi_id_and_one_that_asks(self, opens: Callable[..., Page]) -> None:
        page = opens(width=390, device=IPHONE)
        page.locator("summary", has_text="UPI ID").click()
        page.get_by_label("UPI ID").fill("nonsense")
        page.get_by_role("button", name="Pay").click()
        expect(page.get_by_role("alert")).to_be_visible()
        reload(page)

        page.get_by_label("UPI ID").fill("asha@bank")
        page.get_by_role("button", name="Pay").click()
        expect(page.get_by_text("UPI app of asha@bank")).to_be_visible()
        reload(page)
        go_back(page)
        expect(page.locator("h1")).to_have_text("Choose how to pay")

    def test_after_a_failed_payment(self, opens: Callable[..., Page], shop: OverHttp) -> None:
        page = opens(width=390, device=ANDROID)
        page.get_by_role("button", name="Open UPI app").click()
        page.get_by_role("button", name="Failure").click()
        expect(page.locator("h1")).to_have_text("Payment failed")
        reload(page)

        go_back(page)
        page.get_by_role("button", name="Success").click()

        expect(page.locator("h1")).to_have_text("Payment successful")
        assert len(shop.sim.orders["RENT-1"].attempts) == 2


class TestDevices:
    @pytest.mark.parametrize(
        ("device", "width", "modes"),
        [
            (ANDROID, 390, ["UPI app", "Debit or credit card", "Net banking"]),
            (IPHONE, 390, ["UPI app", "UPI ID", "Debit or credit card", "Net banking"]),
            (None, 1280, ["UPI QR code", "Debit or credit card", "Net banking"]),
        ],
    )
    def test_each_is_shown_its_own_modes(
        self, opens: Callable[..., Page], device: str | None, width: int, modes: list[str]
    ) -> None:
        page = opens(width=width, device=device)

        expect(page.locator("summary")).to_have_text(modes)
        assert_fits(page)

    def test_a_phone_pays_what_a_desktop_shows_as_a_code(self, opens: Callable[..., Page], shop: OverHttp) -> None:
        desktop = opens()
        desktop.get_by_role("button", name="Show QR code").click()
        link = desktop.get_by_role("link", name="Open what the code says").get_attribute("href")
        phone = opens(str(link).removeprefix(shop.server.url), width=390, device=ANDROID)
        phone.get_by_role("button", name="Success").click()

        expect(desktop.locator("h1")).to_have_text("Payment successful", timeout=10_000)


class TestFrontPage:
    @pytest.mark.parametrize("width", [390, 1280])
    def test_it_leads_to_the_pay_page_and_fits(self, opens: Callable[..., Page], shop: OverHttp, width: int) -> None:
        pay_page(shop)
        page = opens("/", width=width)
        assert_fits(page)

        page.get_by_role("link", name="Pay it").click()

        expect(page.locator("h1")).to_have_text("Choose how to pay")

    def test_its_own_links_to_the_control_api_are_let_in(self, opens: Callable[..., Page]) -> None:
        page = opens("/")

        page.get_by_role("link", name="Everything that happened").click()

        assert '"orders":[]' in page.content()


class TestPagesOfOtherSites:
    @pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "sim.lan"])
    def test_they_cannot_steer_the_simulator(
        self, browser: Browser, shop: OverHttp, another_site: int, name: str
    ) -> None:
        """Another port of this machine is another origin of the same site; a name on the LAN is no secure address."""
        page = browser.new_page()
        page.goto(f"http://{name}:{another_site}/")
        steal = "url => fetch(url, {method: 'PATCH', mode: 'cors', body: '{}'}).then(a => a.status, () => 'blocked')"
        settings = f"http://{name}:{shop.server.server_address[1]}/_simulator/settings"
        assert page.evaluate(steal, settings) == "blocked"
        post = "url => fetch(url, {method: 'POST', mode: 'no-cors', body: '{\"merchant_name\": \"Stolen\"}'})"
        page.evaluate(f"async url => {{ await ({post})(url) }}", settings)

        assert shop.sim.settings.merchant_name == "Test merchant"

    def test_a_name_that_was_made_to_point_here_sees_nothing(self, browser: Browser, shop: OverHttp) -> None:
        pay_page(shop)
        page = browser.new_page()

        answer = page.goto(f"http://rebound.example:{shop.server.server_address[1]}/_simulator/state")

        assert answer is not None
        assert answer.status == 403
        assert "--allow-host" in page.content()
        assert "RENT-1" not in page.content()


@pytest.fixture
def another_site() -> Iterator[int]:
    """A web server of somebody else; returns its port."""
    server = HTTPServer(("127.0.0.1", 0), _AnotherSite)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


class _AnotherSite(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>Another site</h1>")

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
