"""PhonePe as a script: answers under the official SDK that the simulator would never give by itself."""

import json
import time
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from core.services import phonepe_service
from core.services.phonepe_service import PhonePeService
from phonepe_simulator import Simulator
from phonepe_simulator.requests_adapter import SimulatorAdapter

JSON = "application/json"
OAUTH = "/v1/oauth/token"
PAY = ("/checkout/v2/pay", "/checkout/v2/sdk/order")


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def answered(request: PreparedRequest, status: int, body: bytes, content_type: str = JSON) -> Response:
    made = Response()
    made.status_code, made.reason, made.url = status, "Scripted", request.url or ""
    made.headers = CaseInsensitiveDict({"Content-Type": content_type})
    made.raw, made.request = BytesIO(body), request
    return made


@dataclass
class Scripted(BaseAdapter):
    """Answers every call with the same, and every call for a token with a good one unless told otherwise."""

    status: int = 200
    body: Any = field(default_factory=dict)
    content_type: str = JSON
    token: Any = None
    token_status: int = 200
    requests: list[PreparedRequest] = field(default_factory=list)

    def says(self, body: Any, status: int = 200, content_type: str = JSON) -> None:
        self.body, self.status, self.content_type = body, status, content_type

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        self.requests.append(request)
        if urlsplit(request.url or "").path.endswith(OAUTH):
            return answered(request, self.token_status, as_bytes(self.token or good_token()))
        return answered(request, self.status, as_bytes(self.body), self.content_type)

    def close(self) -> None:
        """Nothing is open."""


class Interrupted(SimulatorAdapter):
    """The simulator, whose next answers to a pay call are replaced; they never reach it."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self.instead: list[tuple[int, Any]] = []
        self.answers: list[bytes] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        is_pay = urlsplit(request.url or "").path.endswith(PAY)
        if is_pay and self.instead:
            status, body = self.instead.pop(0)
            return answered(request, status, as_bytes(body))
        response = super().send(request, *args, **kwargs)
        if is_pay:
            self.answers.append(response.content)
        return response


def good_token() -> dict[str, Any]:
    now = int(time.time())
    return {"access_token": "scripted", "token_type": "O-Bearer", "issued_at": now, "expires_at": now + 86_400}


def put_under_sdk(monkeypatch: Any, adapter: BaseAdapter) -> None:
    """Let the official SDK talk to an adapter from now on."""
    monkeypatch.setattr(phonepe_service, "Transport", lambda **_: adapter)
    PhonePeService.forget_client()
