"""A tenant pays on a phone: a real Chromium, the real pay page, the real way back. Skipped where there is none.

`ZELTON_SCREENSHOTS=docs/pictures` keeps what it saw, for the README.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from core.india import day_in_india
from core.models import Payment
from phonepe_simulator import Simulator
from phonepe_simulator.http_server import SimulatorServer
from tests.people import Caller, make_owner, make_tenancy, make_tenant

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on this machine"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the test's own thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_page(viewport={"width": 390, "height": 844}, user_agent=ANDROID)
        browser.close()


@pytest.fixture
def simulator(settings: Any, live_server: Any) -> Iterator[Simulator]:
    client = {"client_id": settings.PHONEPE_CLIENT_ID, "client_secret": settings.PHONEPE_CLIENT_SECRET}
    simulator = Simulator(webhook_url=f"{live_server.url}/api/webhooks/phonepe-webhook/", **client)
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        settings.PHONEPE_BASE_URL = f"{server.url}/apis/pg-sandbox"
        settings.PHONEPE_REDIRECT_BASE_URL = live_server.url
        yield simulator


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("ZELTON_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def open_pay_page(phone: Page) -> Payment:
    tenancy = make_tenancy(
        make_owner("asha"), make_tenant("ravi"), starts_on=day_in_india(timezone.now()).replace(day=1)
    )
    answer = Caller(tenancy.tenant.user).starts_rent().json()
    phone.goto(answer["redirect_url"])
    return Payment.objects.get(pk=answer["payment_id"])


def pay_in_upi_app(phone: Page) -> None:
    phone.get_by_role("button", name="Open UPI app").click()
    phone.get_by_role("button", name="Success").click()


class TestPayPage:
    def test_a_tenant_pays_in_a_upi_app_and_comes_back(self, phone: Page, simulator: Simulator) -> None:
        payment = open_pay_page(phone)
        expect(phone.get_by_text("₹15,000").first).to_be_visible()
        keep(phone, "pay-page")

        pay_in_upi_app(phone)

        expect(phone.get_by_role("heading", name="Payment received")).to_be_visible(timeout=15_000)
        keep(phone, "return-page")
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert str(payment.tenancy.tenant) not in phone.content()
