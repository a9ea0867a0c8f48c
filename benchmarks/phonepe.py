"""PhonePe in a benchmark: orders made in the simulator, and when it was asked about each."""

from collections import defaultdict
from datetime import datetime

from benchmarks.load import Load
from benchmarks.stage import Stage
from zelton_backend.local_stack.http import post_form
from zelton_backend.local_stack.surroundings import SANDBOX_PATH

Calls = dict[int, list[float]]


def make_orders(stage: Stage, count: int) -> None:
    """Make the orders ZLT-bench-1 to ZLT-bench-count, which nobody pays, and note their ids as a pay call does."""
    seen = stage.load(pay_calls(stage, "ZLT-bench-@N@", count, connections=8))
    if seen.statuses != {"200": count}:
        raise RuntimeError(f"The simulator made other orders than {count}: {seen.statuses}")
    made = stage.ask_simulator("/orders?limit=1000")
    stage.sql(
        "UPDATE core_paymenttransaction SET phonepe_order_id = made.order_id "
        "FROM unnest(%s::text[], %s::text[]) AS made(name, order_id) WHERE merchant_order_id = made.name",
        values=[[order["merchant_order_id"] for order in made], [order["order_id"] for order in made]],
    )


def pay_calls(stage: Stage, merchant_order_id: str, count: int, *, connections: int) -> Load:
    """Return a load of pay calls as the product makes them, sent by nobody in between."""
    body = (
        f'{{"merchantOrderId": "{merchant_order_id}", "amount": 1500000, "expireAfter": 3600, '
        '"paymentFlow": {"type": "PG_CHECKOUT", "merchantUrls": {"redirectUrl": "http://127.0.0.1/"}}}'
    )
    return Load(
        int(stage.simulator.rpartition(":")[2]),
        f"{SANDBOX_PATH}/checkout/v2/pay",
        body,
        headers={"Authorization": f"O-Bearer {access_token(stage)}"},
        connections=connections,
        requests=count,
        first=1,
    )


def access_token(stage: Stage) -> str:
    settings = stage.settings
    client = {
        "client_id": settings["PHONEPE_CLIENT_ID"],
        "client_secret": settings["PHONEPE_CLIENT_SECRET"],
        "client_version": settings["PHONEPE_CLIENT_VERSION"],
        "grant_type": "client_credentials",
    }
    return str(post_form(f"{settings['PHONEPE_BASE_URL']}/v1/oauth/token", client).json()["access_token"])


def status_calls(stage: Stage, *, since: float) -> Calls:
    """Return when each order was asked about, by its number; moments as seconds since 1970."""
    calls: Calls = defaultdict(list)
    for call in stage.ask_simulator("/calls?name=order_status&limit=1000"):
        at = datetime.fromisoformat(call["at"]).timestamp()
        if at >= since and call["merchant_order_id"]:
            calls[int(call["merchant_order_id"].rpartition("-")[2])].append(at)
    return calls
