"""The control API, for tests and tools in any language."""

from typing import TYPE_CHECKING

from phonepe_simulator.messages import Request, Response

if TYPE_CHECKING:
    from phonepe_simulator.engine import Simulator

PREFIX = "/_simulator"


class Control:
    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def serves(self, path: str) -> bool:
        return path == PREFIX or path.startswith(f"{PREFIX}/")

    def answer(self, request: Request) -> Response:
        return Response(404)
