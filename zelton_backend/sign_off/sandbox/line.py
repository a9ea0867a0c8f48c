"""Every call that this process makes to PhonePe, noted with its answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from core.services.phonepe.transport import Transport
from phonepe_simulator import Request, Response
from phonepe_simulator.api import routes
from zelton_backend.sign_off.record import Exchange


class NotingTransport(Transport):
    """Carries what the SDK sends as it always is, and tells of it."""

    def __init__(self, note: Callable[[Exchange], None], **of_the_sdk: Any) -> None:
        super().__init__(**of_the_sdk)
        self._note = note

    def send(self, request: requests.PreparedRequest, **of_the_sdk: Any) -> requests.Response:  # type: ignore[override]
        at = datetime.now(UTC)
        try:
            answer = super().send(request, **of_the_sdk)
        except requests.RequestException:
            self._note(_exchange(at, request, Response(0, fate="timeout")))
            raise
        self._note(_exchange(at, request, Response(answer.status_code, {}, answer.content)))
        return answer


def _exchange(at: datetime, request: requests.PreparedRequest, response: Response) -> Exchange:
    url = urlsplit(str(request.url))
    body = request.body or b""
    made = Request(
        str(request.method),
        url.path,
        dict(parse_qsl(url.query)),
        dict(request.headers),
        body if isinstance(body, bytes) else str(body).encode(),
    )
    match = routes.find(url.path)
    return Exchange(at, match.name if match else "other", made, response, match.identifier or None if match else None)
