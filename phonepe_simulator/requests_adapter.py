"""Lets any `requests` session talk to a simulator in the same process, without sockets and without sleeping."""

from collections.abc import Mapping
from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as ConnectionCut
from requests.exceptions import ReadTimeout
from requests.models import PreparedRequest
from requests.models import Response as Answer
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from phonepe_simulator.messages import Request, Response
from phonepe_simulator.simulator import Simulator


class SimulatorAdapter(BaseAdapter):
    """Mount it: `session.mount("http://", SimulatorAdapter(simulator))`."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self._simulator = simulator

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - requests' own signature
        timeout: Any = None,
        verify: bool | str = True,  # noqa: ARG002, FBT001, FBT002 - as above
        cert: Any = None,  # noqa: ARG002 - as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> Answer:
        """Answer the request.

        :raises ReadTimeout: if the answer never comes, or later than the caller waits
        :raises ConnectionCut: if the simulator cuts the connection
        """
        answer = self._simulator.handle(_incoming(request))
        read_timeout = timeout[1] if isinstance(timeout, tuple) else timeout
        is_late = read_timeout is not None and answer.delay > float(read_timeout)
        if answer.fate in ("timeout", "drip") or is_late:
            raise ReadTimeout("The simulator did not answer in time.", request=request)
        if answer.fate == "cut":
            raise ConnectionCut("The simulator cut the connection.", request=request)
        return _outgoing(answer, request)

    def close(self) -> None:
        """There is nothing to close."""


def _incoming(request: PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    return Request(
        method=request.method or "GET",
        path=str(parts.path),
        query=dict(parse_qsl(str(parts.query), keep_blank_values=True)),
        headers=dict(request.headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _outgoing(answer: Response, request: PreparedRequest) -> Answer:
    made = Answer()
    made.status_code = answer.status
    made.reason = responses.get(answer.status, "")
    made.headers = CaseInsensitiveDict(answer.headers)
    made.encoding = get_encoding_from_headers(made.headers)
    made.raw = BytesIO(answer.body)
    made.url = request.url or ""
    made.request = request
    return made
