"""What must be true of our books and PhonePe's when all is calm, seen from outside: its record, and our tables."""

from collections import Counter
from collections.abc import Iterator

from tests.processes.deployment import Deployment

ORDERS = """
    SELECT o.*, coalesce(p.status, s.status) AS status, (
        SELECT count(*) FROM core_statechange c WHERE c.transaction_id = o.id AND c.new = 'completed'
    ) AS completions
    FROM core_paymenttransaction o
    LEFT JOIN core_payment p ON p.transaction_id = o.id
    LEFT JOIN core_ownersubscriptionpayment s ON s.transaction_id = o.id
"""
REFUNDS = """
    SELECT r.*, o.merchant_order_id FROM core_refund r JOIN core_paymenttransaction o ON o.id = r.transaction_id
"""
LATE = """
    SELECT merchant_order_id AS name FROM core_paymenttransaction WHERE next_check_at < now() - interval '3 seconds'
    UNION SELECT merchant_refund_id FROM core_refund WHERE next_check_at < now() - interval '3 seconds'
"""


def unfinished(deployment: Deployment) -> list[str]:
    """Return what still waits, though PhonePe has said its last word on it."""
    return [*_open_orders(deployment), *_running_refunds(deployment), *_waiting(deployment)]


def _open_orders(deployment: Deployment) -> Iterator[str]:
    ours = {row["merchant_order_id"]: row for row in deployment.rows(ORDERS)}
    for order in deployment.phonepe_says("orders"):
        if order["state"] != "PENDING" and ours[order["merchant_order_id"]]["state"] != order["state"]:
            yield f"{order['merchant_order_id']} is {order['state']} at PhonePe, not yet here"


def _running_refunds(deployment: Deployment) -> Iterator[str]:
    for refund in deployment.rows(REFUNDS):
        if refund["state"] not in ("COMPLETED", "FAILED"):
            yield f"refund {refund['merchant_refund_id']} is {refund['state']}"


def _waiting(deployment: Deployment) -> Iterator[str]:
    for row in deployment.rows(LATE):
        yield f"{row['name']} is due and was not asked about"
    for row in deployment.rows("SELECT id FROM core_webhookevent WHERE processed_at IS NULL"):
        yield f"webhook {row['id']} was not read"


def differences(deployment: Deployment) -> list[str]:
    """Return how our books differ from PhonePe's record, to the paisa."""
    return [
        *_differing_orders(deployment),
        *_differing_refunds(deployment),
        *_differing_tenancies(deployment),
        *_differing_periods(deployment),
        *_differing_mandates(deployment),
        *_lost_webhooks(deployment),
        *(f"alert: {row['kind']} {row['sentence']}" for row in deployment.rows("SELECT * FROM core_alert")),
    ]


def _differing_orders(deployment: Deployment) -> Iterator[str]:
    ours = {row["merchant_order_id"]: row for row in deployment.rows(ORDERS)}
    theirs = {order["merchant_order_id"]: order for order in deployment.phonepe_says("orders")}
    yield from (f"{name} is at PhonePe and not here" for name in theirs.keys() - ours.keys())
    for name, row in ours.items():
        order = theirs.get(name, {})
        paid = order.get("captured", 0)
        here = (row["state"], row["captured_paise"], row["refunding_paise"], row["completions"])
        there = (order.get("state", "PENDING"), paid, order.get("refunded", 0), int(paid > 0))
        if here != there or (order and order["amount"] != row["amount_paise"]):
            yield f"{name}: here {here}, at PhonePe {there}"
        if (row["status"] in ("completed", "partially_refunded", "refunded")) != (paid > 0):
            yield f"{name} is {row['status']}, PhonePe took {paid}"


def _differing_refunds(deployment: Deployment) -> Iterator[str]:
    kept = ("merchant_refund_id", "merchant_order_id", "refund_id", "state")
    ours = Counter((*(row[name] for name in kept), row["amount_paise"]) for row in deployment.rows(REFUNDS))
    theirs = Counter(
        (*(refund[name] for name in kept), refund["amount"]) for refund in deployment.phonepe_says("refunds")
    )
    yield from (f"refund only here: {refund}" for refund in ours - theirs)
    yield from (f"refund only at PhonePe: {refund}" for refund in theirs - ours)


def _differing_tenancies(deployment: Deployment) -> Iterator[str]:
    """Everybody owes what was charged, less what PhonePe took and has not paid back."""
    record = deployment.phonepe_says("record")
    paid: Counter[int] = Counter()
    for row in deployment.rows("SELECT tenancy_id, merchant_order_id FROM core_payment"):
        money = record.get(row["merchant_order_id"], {"captured": 0, "refunded": 0})
        paid[row["tenancy_id"]] += money["captured"] - money["refunded"]
    owed = deployment.rows(
        "SELECT split_part(account, ':', 2)::int AS tenancy, sum(amount_paise)::bigint AS paise FROM core_ledgerline"
        " WHERE account LIKE 'tenancy:%%:receivable' GROUP BY 1"
    )
    charged = deployment.rows(
        "SELECT tenancy_id, sum(amount_paise)::bigint AS paise FROM core_rentcharge"
        " WHERE reversed_at IS NULL GROUP BY 1"
    )
    here = {row["tenancy"]: row["paise"] for row in owed}
    for row in charged:
        expected = row["paise"] - paid[row["tenancy_id"]]
        if here[row["tenancy_id"]] != expected:
            yield f"tenancy {row['tenancy_id']} owes {here[row['tenancy_id']]}, by PhonePe's record {expected}"


def _differing_periods(deployment: Deployment) -> Iterator[str]:
    """A paid subscription payment opened its period once."""
    opened = deployment.rows(
        "SELECT s.merchant_order_id, s.status, count(p.id) AS periods FROM core_ownersubscriptionpayment s"
        " LEFT JOIN core_subscriptionperiod p ON p.payment_id = s.id GROUP BY 1, 2"
    )
    for row in opened:
        if row["periods"] > 1 or (row["periods"] == 0 and row["status"] in ("completed", "partially_refunded")):
            yield f"{row['merchant_order_id']} is {row['status']} and opened {row['periods']} periods"


def _differing_mandates(deployment: Deployment) -> Iterator[str]:
    """Whoever can be debited at PhonePe has that mandate in use here, and one alone."""
    ours = {row["merchant_subscription_id"]: row for row in deployment.rows("SELECT * FROM core_mandate")}
    for mandate in deployment.phonepe_says("mandates"):
        name, state = mandate["merchant_subscription_id"], mandate["state"]
        if name not in ours:
            yield f"{name} is at PhonePe and not here"
        elif (state == "ACTIVE") != ours[name]["is_in_use"]:
            yield f"{name} is {state} at PhonePe; here {ours[name]['state']}, in use: {ours[name]['is_in_use']}"


def _lost_webhooks(deployment: Deployment) -> Iterator[str]:
    """What PhonePe was told is received is stored."""
    stored = {bytes(row["body"]).decode() for row in deployment.rows("SELECT body FROM core_webhookevent")}
    for sent in deployment.phonepe_says("webhooks"):
        if sent["answered"] == 200 and sent["body"] not in stored:
            yield f"webhook {sent['event']} about {sent['merchant_order_id']} was answered and is not stored"
