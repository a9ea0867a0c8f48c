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

    :ivar told_paid: the orders of which PhonePe has told us, when asked, that they are paid
    :ivar refund_ids: under which id each of our refunds was sent
    """

    def __init__(self, simulator: Simulator, moments: Moments) -> None:
        super().__init__(simulator)
        self._moments = moments
        self.told_paid: set[str] = set()
        self.refund_ids: dict[int, str] = {}

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        assert not self._moments.in_transaction(), "PhonePe is called inside a database transaction"
        if str(request.url).endswith("/oauth/token"):
            return super().send(request, **kwargs)
        self._row_is_there(request)
        self._moments.calls()
        answer = super().send(request, **kwargs)
        self._read(request, answer)
        self._moments.answered()
        return answer

    def _read(self, request: PreparedRequest, answer: Response) -> None:
        path = str(request.path_url)
        if "/order/" in path and "/status" in path and answer.ok and b'"COMPLETED"' in answer.content:
            self.told_paid.add(path.split("/order/")[1].split("/")[0])

    def _row_is_there(self, request: PreparedRequest) -> None:
        """Check that what we ask PhonePe to make has been stored by us, word for word."""
        if request.method != "POST":
            return
        body = json.loads(request.body or "{}")
        if refund_id := body.get("merchantRefundId"):
            row = Refund.objects.select_related("transaction").get(merchant_refund_id=refund_id)
            stored = (row.transaction.merchant_order_id, row.amount_paise)
            assert stored == (body["originalMerchantOrderId"], body["amount"]), "another refund is sent than is stored"
            assert self.refund_ids.setdefault(row.pk, refund_id) == refund_id, "a refund is sent under another id"
        else:
            order = PaymentTransaction.objects.get(merchant_order_id=body["merchantOrderId"])
            assert order.amount_paise == body["amount"], "another order is sent than is stored"
