"""Mandates in these tests: asked for, approved, announced and debited."""

from datetime import timedelta
from typing import Any

from phonepe_simulator import Response
from phonepe_simulator.clock import epoch_millis
from tests.simulator.people import Merchant, read

NOTICE = 24 * 3600
PRICE = 50000


def setup(
    merchant_order_id: str = "SETUP-1", subscription: str = "MS-1", *, flow: Any = None, **fields: Any
) -> dict[str, Any]:
    payment_flow = {
        "type": "SUBSCRIPTION_SETUP",
        "merchantSubscriptionId": subscription,
        "authWorkflowType": "TRANSACTION",
        "amountType": "VARIABLE",
        "maxAmount": 75000,
        "frequency": "MONTHLY",
        "paymentMode": {"type": "UPI_INTENT", "targetApp": "com.phonepe.app"},
    }
    return {
        "merchantOrderId": merchant_order_id,
        "amount": PRICE,
        "paymentFlow": payment_flow | (flow or {}),
        "deviceContext": {"deviceOS": "ANDROID"},
    } | fields


def notice(merchant_order_id: str = "DEBIT-1", subscription: str = "MS-1", *, flow: Any = None, **fields: Any) -> Any:
    payment_flow = {"type": "SUBSCRIPTION_REDEMPTION", "merchantSubscriptionId": subscription}
    return {"merchantOrderId": merchant_order_id, "amount": PRICE, "paymentFlow": payment_flow | (flow or {})} | fields


def set_up(merchant: Merchant, body: Any = None) -> Response:
    return merchant.call("POST", "/subscriptions/v2/setup", setup() if body is None else body)


def notify(merchant: Merchant, body: Any = None) -> Response:
    return merchant.call("POST", "/subscriptions/v2/notify", notice() if body is None else body)


def redeem(merchant: Merchant, merchant_order_id: str = "DEBIT-1") -> Response:
    return merchant.call("POST", "/subscriptions/v2/redeem", {"merchantOrderId": merchant_order_id})


def cancel(merchant: Merchant, subscription: str = "MS-1") -> Response:
    return merchant.call("POST", f"/subscriptions/v2/{subscription}/cancel")


def order_of(merchant: Merchant, merchant_order_id: str = "DEBIT-1") -> dict[str, Any]:
    path = f"/subscriptions/v2/order/{merchant_order_id}/status"
    answer: dict[str, Any] = read(merchant.call("GET", path, details="true"))
    return answer


def mandate_of(merchant: Merchant, subscription: str = "MS-1") -> dict[str, Any]:
    answer: dict[str, Any] = read(merchant.call("GET", f"/subscriptions/v2/{subscription}/status", details="true"))
    return answer


def active(merchant: Merchant) -> None:
    """Have an approved mandate."""
    set_up(merchant)
    merchant.sim.mandates.approve("MS-1")
    merchant.sim.tick()


def announced(merchant: Merchant, clock: Any, *, days: int = 5, **flow: Any) -> None:
    """Have a debit that was announced a day ago and lives for some days."""
    active(merchant)
    until = epoch_millis(clock.now() + timedelta(days=days))
    notify(merchant, notice(expireAt=until, flow=flow))
    clock.advance(NOTICE + 10)
    merchant.sim.tick()
