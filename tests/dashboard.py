"""What happens at PhonePe without us: on its dashboard, or by another program with the merchant's credentials."""

from typing import Any

import requests
from django.conf import settings

from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.phonepe import PhonePe, order_id_of


def made_without_us(phonepe: PhonePe, merchant_order_id: str, amount: int) -> None:
    """PhonePe has an order that is in no row of ours."""
    flow = {"type": "PG_CHECKOUT", "merchantUrls": {"redirectUrl": "https://zelton.test"}}
    body = {"merchantOrderId": merchant_order_id, "amount": amount, "paymentFlow": flow}
    ask_phonepe(phonepe, "POST", "/checkout/v2/pay", body)


def refunded_without_us(phonepe: PhonePe, about: Any, name: str, amount: int) -> None:
    body = {"merchantRefundId": name, "originalMerchantOrderId": order_id_of(about), "amount": amount}
    ask_phonepe(phonepe, "POST", "/payments/v2/refund", body)


def order_status(phonepe: PhonePe, merchant_order_id: str) -> Any:
    return ask_phonepe(phonepe, "GET", f"/checkout/v2/order/{merchant_order_id}/status?settlementDetails=true")


def ask_phonepe(phonepe: PhonePe, method: str, path: str, body: Any = None) -> Any:
    """Call PhonePe beside the product, with the merchant's own credentials."""
    with requests.Session() as session:
        session.mount("http://", SimulatorAdapter(phonepe.simulator))
        login = {
            "client_id": settings.PHONEPE_CLIENT_ID,
            "client_secret": settings.PHONEPE_CLIENT_SECRET,
            "client_version": settings.PHONEPE_CLIENT_VERSION,
            "grant_type": "client_credentials",
        }
        token = session.post(f"{settings.PHONEPE_BASE_URL}/v1/oauth/token", data=login).json()["access_token"]
        headers = {"Authorization": f"O-Bearer {token}"}
        answer = session.request(method, f"{settings.PHONEPE_BASE_URL}{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()
