"""One rent payment through all processes, over HTTP alone: every step says what it saw."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from zelton_backend.local_stack.http import Answer, answers, get, get_pages, post_json
from zelton_backend.local_stack.processes import Family, StackError
from zelton_backend.local_stack.web_page import WebPage
from zelton_backend.local_stack.written import in_rupees

STEP_TAKES_AT_MOST = 30.0  # seconds
# The tenant has a phone, on which the pay page offers UPI apps.
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}
MODES = ["UPI_INTENT", "UPI_QR", "CARD", "NET_BANKING"]


class WentWrong(StackError):
    """A step saw something else than it should have."""


@dataclass(slots=True)
class Journey:
    family: Family
    web: str
    simulator: str
    token: str
    owner_token: str = ""
    order: dict[str, Any] = field(default_factory=dict)
    page: WebPage | None = None
    return_url: str = ""
    letters: list[str] = field(default_factory=list)

    def api(self, path: str) -> Any:
        return expect_status(get(f"{self.web}/api/{path}", token=self.token), 200).json()

    def control(self, what: str) -> list[dict[str, Any]]:
        """Ask the simulator what it saw of our order; our own server is not asked."""
        about = f"merchant_order_id={self.order['merchant_order_id']}"
        return get_pages(f"{self.simulator}/_simulator/{what}{'&' if '?' in what else '?'}{about}")

    def today(self) -> str:
        """Return the day in India, on whose calendar statements run."""
        return datetime.now(ZoneInfo("Asia/Kolkata")).date().isoformat()

    def outstanding(self) -> str:
        return str(self.tenancy()["outstanding"])

    def tenancy(self) -> dict[str, Any]:
        """Return the one tenancy of a seeded tenant."""
        found: dict[str, Any] = self.api("tenancies/")[0]
        return found


def expect_status(answer: Answer, *statuses: int) -> Answer:
    """:raises WentWrong: if the answer has another status"""
    if answer.status not in statuses:
        raise WentWrong(f"{answer.url} answered {answer.status}: {answer.text[:500]}")
    return answer


def expect(what: str, seen: object, expected: object) -> None:
    """:raises WentWrong: if they differ"""
    if seen != expected:
        raise WentWrong(f"{what} is {seen!r} and should be {expected!r}.")


def initiate(journey: Journey) -> str:
    amount = journey.outstanding()
    journey.order = open_order(journey, amount)
    return f"Rent payment of {in_rupees(amount)} initiated: order {journey.order['merchant_order_id']}"


def open_order(journey: Journey, amount: str) -> dict[str, Any]:
    """Return an order whose pay page opens.

    An order of an earlier run is handed back while it lives, but the simulator that had its page is gone. Asking
    for other ways to pay makes the server look for it and open a new one.
    """
    for modes in (None, MODES, MODES[:3]):
        order = _initiate(journey, amount, modes)
        if answers(order["redirect_url"]):
            return order
    raise WentWrong(f"The pay page of order {order['merchant_order_id']} does not open.")


def _initiate(journey: Journey, amount: str, modes: list[str] | None) -> dict[str, Any]:
    body = {"amount": amount, **({"payment_modes": modes} if modes else {})}
    deadline = time.monotonic() + STEP_TAKES_AT_MOST
    while True:
        answer = post_json(f"{journey.web}/api/payments/initiate-rent-payment/", body, token=journey.token)
        if answer.status != 409 or time.monotonic() > deadline:
            order: dict[str, Any] = expect_status(answer, 200, 201).json()
            return order
        journey.family.watch()
        time.sleep(1)  # the server is just asking about the order that is in the way


def open_pay_page(journey: Journey) -> str:
    journey.page = WebPage(expect_status(get(journey.order["redirect_url"], headers=PHONE), 200))
    return "Pay page opened, as the browser of the tenant's phone would"


def pay(journey: Journey) -> str:
    to_app = journey.page.form_to("app") if journey.page else None
    if to_app is None:
        raise WentWrong("The pay page has no form that opens a UPI app.")
    app = expect_status(to_app.submit(headers=PHONE), 200)
    approve = WebPage(app).form_to("settle")
    if approve is None:
        raise WentWrong(f"The UPI app at {app.url} has no form to approve the payment.")
    paid = expect_status(approve.submit(headers=PHONE, outcome="success"), 200)
    if "Payment successful" not in paid.text:
        raise WentWrong(f"After the form was sent, {paid.url} does not say that the payment was successful.")
    back = [link for link in WebPage(paid).links if journey.order["merchant_order_id"] in link]
    if not back:
        raise WentWrong("The pay page has no link back to us.")
    journey.return_url = back[0]
    return "Approved in the pay page's pretend UPI app"


def wait_for_webhook(journey: Journey) -> str:
    def received() -> dict[str, Any] | None:
        return next((each for each in journey.control("webhooks") if each["answered"] == 200), None)

    webhook = journey.family.wait_for("our server to take PhonePe's webhook", received, seconds=STEP_TAKES_AT_MOST)
    return f"Webhook {webhook['event']} received and stored: our server answered 200"


def wait_for_worker(journey: Journey) -> str:
    # Nobody has asked our server about this order yet, so that a status check can come from the worker alone.
    def checked() -> int | None:
        calls = journey.control("calls?name=order_status")
        return sum(call["status"] == 200 for call in calls) or None

    def completed() -> bool | None:
        payment = journey.api(f"payments/{journey.order['payment_id']}/")
        return payment["status"] == "completed" or None

    wait = journey.family.wait_for
    count = wait("the worker to ask PhonePe about the order", checked, seconds=STEP_TAKES_AT_MOST)
    wait("the payment to be completed in our books", completed, seconds=STEP_TAKES_AT_MOST)
    return f"The worker asked PhonePe's Order Status API ({count} call in the simulator's log), not the webhook's word"


def verify(journey: Journey) -> str:
    seen = journey.api(f"payments/verify-payment/{journey.order['merchant_order_id']}/")
    expect("The verified state", seen["state"], "COMPLETED")
    payment = seen["payment"]
    expect("The verified amount", payment["amount"], journey.order["amount"])
    amount = in_rupees(payment["amount"])
    return f"verify-payment says COMPLETED: {amount} by {payment['payment_mode']}, UTR {payment['utr']}"


def owe_nothing(journey: Journey) -> str:
    expect("What is outstanding", journey.outstanding(), "0.00")
    return "Outstanding rent is ₹0.00"


def get_receipt(journey: Journey) -> str:
    receipt = get(f"{journey.web}/api/payments/{journey.order['payment_id']}/receipt/", token=journey.token)
    expect_status(receipt, 200)
    expect("The beginning of the receipt", receipt.body[:4], b"%PDF")
    return f"Receipt downloaded: a PDF of {len(receipt.body) // 1024} KiB"


def come_back(journey: Journey) -> str:
    page = expect_status(get(journey.return_url), 200)
    if "Payment received" not in page.text:
        raise WentWrong(f"{page.url} does not say that the payment was received.")
    return "The tenant's browser came back to a page that says “Payment received”"


STEPS: tuple[Callable[[Journey], str], ...] = (
    initiate,
    open_pay_page,
    pay,
    wait_for_webhook,
    wait_for_worker,
    verify,
    owe_nothing,
    get_receipt,
    come_back,
)
