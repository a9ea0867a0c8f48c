"""The part of the control API about settlements."""

from collections.abc import Callable

from phonepe_simulator.control.documents import Document, settlement_document
from phonepe_simulator.control.requests import ControlError, ControlRoute, only, texts_only
from phonepe_simulator.engine import Engine
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.settlements.report import report

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class SettlementControl:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[ControlRoute]:
        return [
            ("POST", "/settlements", self._settle),
            ("GET", "/settlements/report", self._report),
            ("POST", "/settlements/{id}/conclude", self._conclude),
            ("POST", "/orders/{id}/chargeback", self._charge_back),
        ]

    def _settle(self, _: Request, body: Document, __: str) -> Document | None:
        only(body)
        made = self._engine.settle()
        return settlement_document(made) if made else None

    def _conclude(self, _: Request, body: Document, identifier: str) -> Document:
        texts_only(body, "outcome")
        self._check_known(identifier)
        return settlement_document(self._engine.conclude_settlement(identifier, body.get("outcome", "success")))

    def _report(self, request: Request, _: Document, __: str) -> Callable[[], Response]:
        texts_only(dict(request.query), "format", "settlement_id")
        form, identifier = request.query.get("format", "csv"), request.query.get("settlement_id")
        if identifier is not None:
            self._check_known(identifier)
        if form not in CONTENT_TYPES:
            raise ControlError(f"format: is {' or '.join(CONTENT_TYPES)}")
        settlements = self._engine.settlements_as_they_are(identifier)
        headers = {
            "Content-Type": CONTENT_TYPES[form],
            "Content-Disposition": f'attachment; filename="settlements.{form}"',
        }
        return lambda: Response(200, headers, report(settlements, form).encode())

    def _check_known(self, identifier: str) -> None:
        if identifier not in self._engine.settlements:
            raise ControlError(f"There is no settlement {identifier}.", 404)

    def _charge_back(self, _: Request, body: Document, identifier: str) -> Document:
        only(body, "amount")
        if identifier not in self._engine.orders:
            raise ControlError(f"There is no order {identifier}.", 404)
        amount = body.get("amount")
        if amount is not None and type(amount) is not int:
            raise ControlError("amount: is a whole number of paise")
        order = self._engine.charge_back(identifier, amount)
        return {"merchant_order_id": identifier, "charged_back": order.charged_back}
