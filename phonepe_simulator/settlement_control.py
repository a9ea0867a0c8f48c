"""The part of the control API about settlements."""

from typing import TYPE_CHECKING, Any

from phonepe_simulator.control_documents import Document, settlement_document
from phonepe_simulator.control_requests import ControlError, ControlRoute, only, texts_only
from phonepe_simulator.messages import Request, Response

if TYPE_CHECKING:
    from phonepe_simulator.engine import Simulator

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class SettlementControl:
    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def routes(self) -> list[ControlRoute]:
        return [
            ("GET", "/settlements", self.settlements),
            ("POST", "/settlements", self._settle),
            ("GET", "/settlements/report", self._report),
            ("POST", "/settlements/{id}/conclude", self._conclude),
            ("POST", "/orders/{id}/chargeback", self._charge_back),
        ]

    def settlements(self, *_: Any) -> list[Document]:
        return [settlement_document(each) for each in self._simulator.settlements.values()]

    def _settle(self, _: Request, body: Document, __: str) -> Document | None:
        only(body)
        made = self._simulator.settle()
        return settlement_document(made) if made else None

    def _conclude(self, _: Request, body: Document, identifier: str) -> Document:
        texts_only(body, "outcome")
        self._check_known(identifier)
        return settlement_document(self._simulator.conclude_settlement(identifier, body.get("outcome", "success")))

    def _report(self, request: Request, _: Document, __: str) -> Response:
        texts_only(dict(request.query), "format", "settlement_id")
        form, identifier = request.query.get("format", "csv"), request.query.get("settlement_id")
        if identifier is not None:
            self._check_known(identifier)
        text = self._simulator.settlement_report(identifier, form)
        headers = {
            "Content-Type": CONTENT_TYPES[form],
            "Content-Disposition": f'attachment; filename="settlements.{form}"',
        }
        return Response(200, headers, text.encode())

    def _check_known(self, identifier: str) -> None:
        if identifier not in self._simulator.settlements:
            raise ControlError(f"There is no settlement {identifier}.", 404)

    def _charge_back(self, _: Request, body: Document, identifier: str) -> Document:
        only(body, "amount")
        if identifier not in self._simulator.orders:
            raise ControlError(f"There is no order {identifier}.", 404)
        amount = body.get("amount")
        if amount is not None and type(amount) is not int:
            raise ControlError("amount: is a whole number of paise")
        order = self._simulator.charge_back(identifier, amount)
        return {"merchant_order_id": identifier, "charged_back": order.charged_back}
