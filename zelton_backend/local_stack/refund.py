"""After the payment: a part of it goes back, and the statement shows where every rupee went."""

from collections.abc import Callable
from typing import Any

from zelton_backend.local_stack.http import get, post_json
from zelton_backend.local_stack.journey import STEP_TAKES_AT_MOST, Journey, expect, expect_status
from zelton_backend.local_stack.written import in_rupees

GOES_BACK = "1000.00"


def refund_a_part(journey: Journey) -> str:
    body = {"amount": GOES_BACK, "reason": "Repair that the tenant paid for"}
    url = f"{journey.web}/api/payments/{journey.order['payment_id']}/refund/"
    refund: dict[str, Any] = expect_status(post_json(url, body, token=journey.owner_token), 202).json()
    return f"The owner refunds {in_rupees(refund['amount'])}: PhonePe calls it {refund['refund_id']}, {refund['state']}"


def wait_for_refund(journey: Journey) -> str:
    def completed() -> dict[str, Any] | None:
        payment: dict[str, Any] = journey.api(f"payments/{journey.order['payment_id']}/")
        return payment if payment["status"] == "partially_refunded" else None

    payment = journey.family.wait_for("PhonePe to pay the refund", completed, seconds=STEP_TAKES_AT_MOST)
    expect("The refunded amount", payment["refunded_amount"], GOES_BACK)
    expect("What is outstanding", journey.outstanding(), GOES_BACK)
    return f"The refund is COMPLETED; {in_rupees(GOES_BACK)} of rent is outstanding again"


def read_statement(journey: Journey) -> str:
    today = journey.today()
    url = f"{journey.web}/api/statements/?from={today}&to={today}"
    statement: dict[str, Any] = expect_status(get(url, token=journey.token), 200).json()
    expect("The statement's closing balance", statement["closing_balance"], GOES_BACK)
    lines = [f"{'':14}{row['amount']:>12}  {row['description']}" for row in statement["movements"]]
    return "\n".join([f"The tenant's statement closes at {in_rupees(statement['closing_balance'])}:", *lines])


REFUND_STEPS: tuple[Callable[[Journey], str], ...] = (refund_a_part, wait_for_refund, read_statement)
