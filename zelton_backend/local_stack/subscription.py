"""After the rent: the owner subscribes to a plan, gets a tax invoice, and everybody is told by mail."""

from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from zelton_backend.local_stack.http import get, post_json
from zelton_backend.local_stack.journey import (
    STEP_TAKES_AT_MOST,
    Journey,
    expect,
    expect_status,
    open_pay_page,
    pay,
)
from zelton_backend.local_stack.written import in_india, in_rupees

MAILS = "mails"  # the folder beside the logs in which mail ends, see EMAIL_URL
WANTED = 3  # the payer's two, of the payment and of the refund, and the owner's


def subscribe(journey: Journey) -> str:
    plan = get(f"{journey.web}/api/pricing-plans/").json()[0]
    body = {"pricing_plan_id": plan["id"], "period": "monthly"}
    url = f"{journey.web}/api/owner-subscriptions/initiate-payment/"
    journey.order = expect_status(post_json(url, body, token=journey.owner_token), 201).json()
    open_pay_page(journey)
    pay(journey)
    return f"The owner subscribes: {journey.order['charged_for']}, {in_rupees(journey.order['amount'])}, paid"


def wait_for_subscription(journey: Journey) -> str:
    def active() -> dict[str, Any] | None:
        stands = owner_gets(journey, "owner-subscriptions/")
        return stands if stands["status"] == "active" else None

    stands = journey.family.wait_for("the subscription to be active", active, seconds=STEP_TAKES_AT_MOST)
    return f"The subscription is {stands['status']}, paid until {in_india(stands['paid_until'])}"


def get_invoice(journey: Journey) -> str:
    (invoice,) = owner_gets(journey, "owner-subscriptions/invoices/")["results"]
    url = f"{journey.web}/api/owner-subscriptions/invoices/{invoice['id']}/"
    paper = expect_status(get(url, token=journey.owner_token), 200)
    expect("The beginning of the invoice", paper.body[:4], b"%PDF")
    taxes = {name: invoice[name] for name in ("cgst", "sgst", "igst") if invoice[name] != "0.00"}
    tax = " + ".join(f"{name.upper()} {in_rupees(amount)}" for name, amount in taxes.items())
    return f"Tax invoice {invoice['number']} issued: {in_rupees(invoice['taxable_amount'])} + {tax}, a PDF"


def read_mails(journey: Journey) -> str:
    def came() -> list[str] | None:
        told = letters_in(journey)
        return told if len(told) >= WANTED else None

    journey.letters = journey.family.wait_for("the mails to be sent", came, seconds=STEP_TAKES_AT_MOST)
    return "\n".join(["Mails were sent:", *(f"{'':14}{line}" for line in journey.letters)])


def letters_in(journey: Journey) -> list[str]:
    """Return all mails that were sent so far, the first one first: to whom each is, and what about."""
    paths = (journey.family.logs / MAILS).glob("*")
    # Their names tell in which second they were begun, and no more.
    return [letter for path in sorted(paths, key=_written_at) for letter in _letters(path)]


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _letters(path: Path) -> list[str]:
    """Return whom each letter of a file is to, and what about; Django puts a line of dashes after each."""
    letters = []
    for raw in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
        letter = BytesParser(policy=policy.default).parsebytes(raw)
        if letter["To"]:
            pdfs = sum(part.get_content_type() == "application/pdf" for part in letter.walk())
            letters.append(f"{letter['To']}: {letter['Subject'].strip()}{' (with the receipt)' if pdfs else ''}")
    return letters


def owner_gets(journey: Journey, path: str) -> Any:
    return expect_status(get(f"{journey.web}/api/{path}", token=journey.owner_token), 200).json()


SUBSCRIPTION_STEPS: tuple[Callable[[Journey], str], ...] = (
    subscribe,
    wait_for_subscription,
    get_invoice,
    read_mails,
)
