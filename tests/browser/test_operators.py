"""Operators at their desks: a real Chromium walks from the find box to a refund that a second person lets go.

`ZELTON_SCREENSHOTS=docs/pictures` keeps what it saw, for the documents. Skipped where there is no Chromium.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright

from core.india import day_in_india
from core.models import EntryKind, OperatorAction, Payment, Refund, SuspensePlacement, Tenancy, User
from core.models.ledger_accounts import BANK, SUSPENSE
from core.services import audit, worker
from core.services.ledger import posting
from phonepe_simulator import Fault, Simulator
from phonepe_simulator.http_server import SimulatorServer
from tests.people import Caller, make_owner, make_tenancy, make_tenant

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
FINANCE = (
    "refund_payment", "approve_refund", "resolve_mismatch", "place_suspense", "ask_phonepe", "resolve_alert",
)  # fmt: skip

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on this machine"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the test's own thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def simulator(settings: Any, live_server: Any) -> Iterator[Simulator]:
    client = {"client_id": settings.PHONEPE_CLIENT_ID, "client_secret": settings.PHONEPE_CLIENT_SECRET}
    simulator = Simulator(webhook_url=f"{live_server.url}/api/webhooks/phonepe-webhook/", **client)
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        settings.PHONEPE_BASE_URL = f"{server.url}/apis/pg-sandbox"
        yield simulator


class Person:
    """Somebody of finance at a screen of their own."""

    def __init__(self, name: str, browser: Browser, url: str) -> None:
        finance, _ = Group.objects.get_or_create(name="finance")  # a test that empties the database took it along
        finance.permissions.set(Permission.objects.filter(codename__in=FINANCE))
        finance.permissions.add(*Permission.objects.filter(codename__startswith="view_"))
        self.user = User.objects.create(username=name, is_staff=True)
        self.user.groups.add(finance)
        session = Client()
        session.force_login(self.user)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session.cookies["sessionid"].value, "url": url}])
        self.page, self._url = context.new_page(), url

    def opens(self, path: str) -> None:
        self.page.goto(f"{self._url}{path}")

    def finds(self, text: str) -> None:
        self.opens("/admin/")
        box = self.page.locator(".find-box input")
        box.fill(text)
        box.press("Enter")

    def does(self, act: str, **answers: str) -> None:
        """Follow a button, answer the page that asks, and confirm."""
        self.page.locator(".acts").get_by_role("link", name=act, exact=True).click()
        self.confirms(act, **answers)

    def is_not_offered(self, act: str) -> None:
        expect(self.page.get_by_role("link", name=act, exact=True)).to_have_count(0)

    def reads(self, text: str) -> None:
        """See a text on the page, in what was told after an act or elsewhere."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def confirms(self, act: str, **answers: str) -> None:
        for field, value in answers.items():
            control = self.page.locator(f"[name={field}]")
            control.select_option(value) if control.evaluate("it => it.tagName") == "SELECT" else control.fill(value)
        self.keeps(f"asks-{act.lower().replace(' ', '-')}")
        self.page.locator("form.asking").get_by_role("button", name=act, exact=True).click()

    def keeps(self, name: str) -> None:
        if folder := os.environ.get("ZELTON_SCREENSHOTS"):
            for width in (1280, 390):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.screenshot(path=Path(folder) / f"admin-{name}-{width}.png", full_page=True)
            self.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def people(browser: Browser, live_server: Any) -> tuple[Person, Person]:
    return Person("farah", browser, live_server.url), Person("gopal", browser, live_server.url)


@pytest.fixture
def tenancy(db: None) -> Tenancy:
    first = day_in_india(timezone.now()).replace(day=1)
    return make_tenancy(make_owner("asha"), make_tenant("ravi"), starts_on=first)


def pays_rent(tenancy: Tenancy, simulator: Simulator) -> Payment:
    tenant = Caller(tenancy.tenant.user)
    name = tenant.starts_rent().json()["merchant_order_id"]
    simulator.attempt(name)
    tenant.verifies(name)
    return Payment.objects.get(merchant_order_id=name)


def three_seconds_pass(refund: Refund) -> None:
    asked = timezone.now() - timedelta(seconds=3)
    Refund.objects.filter(pk=refund.pk).update(asked_at=asked, next_check_at=timezone.now())


def test_a_refund_above_the_limit_takes_two(
    people: tuple[Person, Person], tenancy: Tenancy, simulator: Simulator, settings: Any
) -> None:
    settings.REFUND_APPROVAL_ABOVE = Decimal(5000)
    payment, (farah, gopal) = pays_rent(tenancy, simulator), people

    farah.finds(payment.merchant_order_id)
    farah.keeps("found")
    farah.reads(payment.merchant_order_id)
    farah.opens(f"/admin/core/payment/{payment.pk}/change/")
    farah.keeps("payment")
    farah.does("Refund", amount="6000", reason="The lift did not work")
    farah.reads("waits for a second person's approval")

    refund = Refund.objects.get()
    farah.opens(f"/admin/core/refund/{refund.pk}/change/")
    farah.reads("Awaiting Approval")
    farah.is_not_offered("Approve")
    farah.opens(f"/admin/core/refund/{refund.pk}/do/approve_refund/")
    farah.confirms("Approve", reason="I want it quickly")
    farah.reads("You asked for this refund yourself")

    gopal.finds(refund.merchant_refund_id)
    gopal.reads(refund.merchant_refund_id)
    gopal.opens(f"/admin/core/refund/{refund.pk}/change/")
    gopal.reads("Awaiting Approval")
    gopal.keeps("refund-waits")
    gopal.does("Approve", reason="Spoke with the owner")
    gopal.reads("approved; it is PENDING")

    simulator.conclude_refund(refund.merchant_refund_id, "success")
    three_seconds_pass(refund)
    gopal.does("Ask PhonePe now", reason="The tenant calls")
    gopal.reads("PhonePe gave its final word, COMPLETED")
    assert simulator.record()[payment.merchant_order_id]["refunded"] == 6_000_00
    names = OperatorAction.objects.values_list("action", "name")
    assert list(names) == [("refund", "farah"), ("approve_refund", "gopal"), ("ask_phonepe", "gopal")]
    assert not list(audit.differences())


def test_a_mismatch_is_kept_and_suspense_is_placed(
    people: tuple[Person, Person], tenancy: Tenancy, simulator: Simulator
) -> None:
    simulator.faults.add(Fault("wrong_amount", "order_status", value=1_000_00))
    pays_rent(tenancy, simulator)
    farah, _ = people
    posting.post(
        EntryKind.SETTLEMENT, "S-1", "PhonePe's payout", {BANK: 2_000_00, SUSPENSE: -2_000_00}, at=timezone.now()
    )

    farah.opens("/admin/core/suspenseplacement/")
    farah.keeps("suspense")
    farah.page.get_by_role("link", name="Decide").first.click()
    farah.does("Keep what came", reason="The tenant rounded up")
    farah.reads("decided; our books say completed")

    farah.opens("/admin/core/suspenseplacement/")
    farah.page.get_by_role("link", name="Decide").click()
    farah.confirms("Place", amount="2000.00", destination="tenancy", tenancy=str(tenancy.pk), reason="It is May's rent")
    farah.reads("Nothing is in suspense.")
    farah.keeps("suspense-placed")

    worker.tick()
    assert SuspensePlacement.objects.get().placed_by == farah.user
    assert tenancy.outstanding_paise() == -2_000_00
    said = [each for each in audit.differences() if "settlement:S-1" not in each]  # whose rows this story lacks
    assert not said
