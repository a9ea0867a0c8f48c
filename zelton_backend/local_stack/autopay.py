"""After the plan: the owner sets AutoPay up, a month passes, and the plan is renewed without anybody's doing."""

import sys
from collections.abc import Callable
from typing import Any

from zelton_backend.local_stack.http import get, post_json
from zelton_backend.local_stack.journey import PHONE, STEP_TAKES_AT_MOST, Journey, WentWrong, expect, expect_status
from zelton_backend.local_stack.subscription import letters_in, owner_gets
from zelton_backend.local_stack.web_page import WebPage
from zelton_backend.local_stack.written import in_india, in_rupees

DAYS = 32  # no month is longer, and its debit has been made by then
A_MONTH_TAKES_AT_MOST = 120.0  # seconds


def set_autopay_up(journey: Journey) -> str:
    stands = owner_gets(journey, "owner-subscriptions/")
    body = {
        "pricing_plan_id": stands["plan"]["id"],
        "period": stands["period"],
        "device_os": "ANDROID",
        "target_app": "com.phonepe.app",
    }
    url = f"{journey.web}/api/owner-subscriptions/autopay/"
    setup = expect_status(post_json(url, body, token=journey.owner_token), 201).json()
    page = WebPage(expect_status(get(_at_simulator(journey, setup)["page_url"], headers=PHONE), 200))
    approved = expect_status(page.forms[0].submit(headers=PHONE, act="approve"), 200)
    if "AutoPay is active" not in approved.text:
        raise WentWrong(f"After the approval, {approved.url} does not say that AutoPay is active.")
    return "The owner sets AutoPay up and approves it in the pretend UPI app"


def wait_for_autopay(journey: Journey) -> str:
    def active() -> dict[str, Any] | None:
        autopay: dict[str, Any] | None = owner_gets(journey, "owner-subscriptions/")["autopay"]
        return autopay if autopay and autopay["state"] == "ACTIVE" else None

    autopay = journey.family.wait_for("AutoPay to be active", active, seconds=STEP_TAKES_AT_MOST)
    day = in_india(autopay["next_debit_at"])
    return f"AutoPay is ACTIVE: {in_rupees(autopay['next_debit_amount'])} will be debited on {day}"


def let_a_month_pass(journey: Journey) -> str:
    before = owner_gets(journey, "owner-subscriptions/")
    for name in ("worker", "beat"):
        journey.family.stop(name)
    command = (sys.executable, "-m", "zelton_backend.local_stack.days_to_come", str(DAYS), journey.simulator)
    journey.family.run("days-to-come", *command, seconds=A_MONTH_TAKES_AT_MOST)
    (debit,) = _at_simulator(journey, before["autopay"])["redemptions"]
    order = expect_status(get(f"{journey.simulator}/_simulator/orders/{debit}"), 200).json()
    amount = before["autopay"]["next_debit_amount"]
    expect("What was debited", f"{order['captured'] / 100:.2f}", amount)
    days = f"announced on {in_india(order['created_at'])}, made on {in_india(order['attempts'][-1]['at'])}"
    return f"{DAYS} days pass on the simulator's clock: a debit of {in_rupees(amount)}, {days}"


def see_it_renewed(journey: Journey) -> str:
    stands = owner_gets(journey, "owner-subscriptions/")
    expect("The status of the subscription", stands["status"], "active")
    invoice = owner_gets(journey, "owner-subscriptions/invoices/")["results"][0]
    return f"The subscription is paid until {in_india(stands['paid_until'])}, with tax invoice {invoice['number']}"


def read_the_months_mails(journey: Journey) -> str:
    came = letters_in(journey)[len(journey.letters) :]
    return "\n".join(["Mails of that month:", *(f"{'':14}{line}" for line in came)])


def _at_simulator(journey: Journey, mandate: dict[str, Any]) -> dict[str, Any]:
    url = f"{journey.simulator}/_simulator/mandates/{mandate['merchant_subscription_id']}"
    found: dict[str, Any] = expect_status(get(url), 200).json()
    return found


AUTOPAY_STEPS: tuple[Callable[[Journey], str], ...] = (
    set_autopay_up,
    wait_for_autopay,
    let_a_month_pass,
    see_it_renewed,
    read_the_months_mails,
)
