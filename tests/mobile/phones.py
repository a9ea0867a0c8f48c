"""Phones in people's hands: what they tap, and what they read."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, StorageState, expect

from tests.mobile.audit import COLOURS, EVERYTHING, barriers
from tests.mobile.town import PASSWORD, Town

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
ORDER = re.compile(r"/payments/(ZLT-[A-Za-z0-9_-]+)")


class Phones:
    """The phones of a story."""

    def __init__(self, browser: Browser, town: Town) -> None:
        self._browser, self._town, self._open = browser, town, ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._open.close()

    def new(
        self, username: str = "", *, agent: str = ANDROID, at: datetime | None = None, language: str = "en"
    ) -> "Phone":
        """Return a phone; with a name, somebody has signed in on it some time ago.

        :param at: what its clock says, if that is not right
        :param language: what was chosen on its account screen
        """
        context = self._browser.new_context(
            viewport={"width": 390, "height": 844},
            user_agent=agent,
            locale="en-IN",
            storage_state=self._kept_by(username, language) if username else None,
        )
        self._open.callback(context.close)
        if at is not None:
            context.clock.install(time=at)
        phone = Phone(context, self._town)
        phone.opens("/")
        if username:
            phone.is_at_home()
        return phone

    def _kept_by(self, username: str, language: str) -> StorageState:
        kept = [
            {"name": "session", "value": self._town.session(username)},
            {"name": "language", "value": language},
        ]
        return cast("StorageState", {"cookies": [], "origins": [{"origin": self._town.app, "localStorage": kept}]})


class Phone:
    """A phone with the app on it. `page` is the tab that is looked at."""

    def __init__(self, context: BrowserContext, town: Town) -> None:
        self.context, self._town = context, town
        self.page: Page = context.new_page()

    def opens(self, path: str) -> None:
        self.page.goto(f"{self._town.app}{path}")

    def sees(self, screen: str) -> Locator:
        """Wait for a screen or a part of one, which the app knows by a name."""
        found = self.page.locator(f'[data-testid="{screen}"]:visible').first
        expect(found).to_be_visible()
        return found

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def taps(self, name: str) -> None:
        self.sees(name).click()

    def chooses(self, label: str) -> None:
        self.page.get_by_role("radio", name=re.compile(label)).locator("visible=true").first.click()

    def keeps(self, name: str) -> None:
        """Keep a picture of the screen, if pictures are wanted: ZELTON_SCREENSHOTS=docs/pictures."""
        if folder := os.environ.get("ZELTON_SCREENSHOTS"):
            self.page.wait_for_timeout(300)  # what slides in has arrived
            self.page.screenshot(path=Path(folder) / f"app-{name}.png")

    def shuts_nobody_out(self) -> None:
        """Look for barriers in the screen as it is now, light and dark."""
        expect(self.page.locator('[data-testid="loading"]:visible')).to_have_count(0)
        assert barriers(self.page, EVERYTHING) == [], self.page.url
        self.page.emulate_media(color_scheme="dark")
        self.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert barriers(self.page, COLOURS) == [], f"dark, {self.page.url}"
        self.page.emulate_media(color_scheme="light")

    def turns_to(self, tab: str) -> None:
        self.page.locator(f'[role="tab"][href="/{tab}"]:visible').click()
        self.sees(tab)

    def signs_in(self, username: str, password: str = PASSWORD) -> None:
        self.sees("username").fill(username)
        self.sees("password").fill(password)
        self.taps("sign-in-button")
        self.is_at_home()

    def chooses_password(self, password: str) -> None:
        self.sees("new-password").fill(password)
        self.sees("new-password-again").fill(password)
        self.taps("save-password")

    def is_at_home(self) -> None:
        expect(self.page.locator('[data-testid$="-home"]:visible').first).to_be_visible()

    # Paying

    def starts_rent(self, method: str = "UPI app") -> str:
        """Go from home to PhonePe's page; return the order."""
        self.taps("pay-rent")
        self.sees("pay")
        self.chooses(method)
        self.taps("pay-button")
        return self.is_at_phonepe()

    def is_at_phonepe(self) -> str:
        expect(self.page.get_by_text("Simulator: no real money moves")).to_be_visible()
        order = self.page.locator(".facts .id").first.inner_text()
        assert order.startswith("ZLT-"), order
        return order

    def presses(self, button: str) -> None:
        """Press a button or follow a link on PhonePe's page."""
        self.page.get_by_role("button", name=button).or_(self.page.get_by_role("link", name=button)).first.click()

    def comes_back(self) -> None:
        """Go from PhonePe's page over ours to the payment in the app."""
        self.page.get_by_role("link", name="Back to the app").click()

    def is_at_payment(self, order: str) -> None:
        expect(self.page).to_have_url(re.compile(rf"/payments/{order}$"))

    def is_told(self, verdict: str) -> None:
        """Wait for a word on the payment: `paid`, `pending`, `failed`, `uncertain`, `review`."""
        self.sees(f"payment-{verdict}")

    def passes_time(self, seconds: int) -> None:
        """Let the phone's clock, which was installed, go forward: whatever the app waits for is due."""
        self.context.clock.fast_forward(seconds * 1000)

    def passes_time_until_told(self, verdict: str) -> None:
        told = self.page.locator(f'[data-testid="payment-{verdict}"]:visible').first
        for _ in range(10):
            self.passes_time(30)
            with suppress(AssertionError):
                expect(told).to_be_visible(timeout=3_000)
                return
        self.is_told(verdict)

    def notes_verdicts(self) -> Callable[[], list[str]]:
        """Begin to note every word on the payment that is shown, however shortly; return how to read the notes."""
        self.page.evaluate(
            """() => {
                window.verdicts = [];
                const look = () => {
                    for (const each of document.querySelectorAll('[data-testid^="payment-"]'))
                        if (!window.verdicts.includes(each.dataset.testid)) window.verdicts.push(each.dataset.testid);
                };
                new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
                look();
            }"""
        )
        return lambda: cast("list[str]", self.page.evaluate("window.verdicts"))

    @contextmanager
    def losing_answers(self, path: str) -> Iterator[None]:
        """Let what is sent to an address of the API arrive there, and its answer be lost."""
        address = f"{self._town.api}{path}"

        def lose(route: Route) -> None:
            if route.request.method == "POST":
                route.fetch()
                route.abort()
            else:
                route.continue_()

        self.context.route(address, lose)
        yield
        self.context.unroute(address)

    @contextmanager
    def behind_a_portal(self) -> Iterator[None]:
        """Let whatever is asked of the API be answered as a hotel's Wi-Fi does."""
        everything = f"{self._town.api}/**"
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        page = "<html><body><h1>Welcome to Hotel Wi-Fi</h1></body></html>"
        self.context.route(
            everything, lambda route: route.fulfill(status=200, content_type="text/html", headers=headers, body=page)
        )
        yield
        self.context.unroute(everything)
