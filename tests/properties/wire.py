"""The wire between us and PhonePe: everything that crosses it is a moment of the story, and is looked at."""

import json
from typing import Any

from requests import PreparedRequest, Response

from core.models import PaymentTransaction, Refund
from phonepe_simulator import Simulator
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.properties.hiccups import Moments


class Wire(SimulatorAdapter):
    """The simulator under the SDK.

    :param told_paid: filled with the orders of which PhonePe has told us, when asked, that they are paid
    """

    def __init__(self, simulator: Simulator, moments: Moments, told_paid: set[str]) -> None:
        super().__init__(simulator)
        self._moments, self._told_paid = moments, told_paid

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        assert not self._moments.in_transaction(), "PhonePe is called inside a database transaction"
        if str(request.url).endswith("/oauth/token"):
            return super().send(request, **kwargs)
        _row_is_there(request)
        self._moments.calls()
        answer = super().send(request, **kwargs)
        self._read(request, answer)
        self._moments.answered()
        return answer

    def _read(self, request: PreparedRequest, answer: Response) -> None:
        path = str(request.path_url)
        if "/order/" in path and "/status" in path and answer.ok and b'"COMPLETED"' in answer.content:
            self._told_paid.add(path.split("/order/")[1].split("/")[0])


def _row_is_there(request: PreparedRequest) -> None:
    """Check that what we ask PhonePe to make has been stored by us, word for word."""
    if request.method != "POST":
        return
    body = json.loads(request.body or "{}")
    if refund_id := body.get("merchantRefundId"):
        row = Refund.objects.select_related("transaction").get(merchant_refund_id=refund_id)
        stored = (row.transaction.merchant_order_id, row.amount_paise)
        assert stored == (body["originalMerchantOrderId"], body["amount"]), "another refund is sent than is stored"
    else:
        order = PaymentTransaction.objects.get(merchant_order_id=body["merchantOrderId"])
        assert order.amount_paise == body["amount"], "another order is sent than is stored"
