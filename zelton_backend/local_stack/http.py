"""A small HTTP client with a time limit on everything, for talking to processes of this machine."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 15
# A proxy of the surroundings has no way to this machine's loopback interface.
_opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    url: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


def get(url: str, *, token: str = "") -> Answer:
    """Get a page, going along with redirects.

    :raises OSError: if nobody answers
    """
    return _send(Request(url, headers=_authorization(token)))


def post_json(url: str, body: dict[str, Any], *, token: str = "") -> Answer:
    headers = {"Content-Type": "application/json", **_authorization(token)}
    return _send(Request(url, json.dumps(body).encode(), headers))


def post_form(url: str, fields: dict[str, str]) -> Answer:
    return _send(Request(url, urlencode(fields).encode()))


def answers(url: str) -> bool | None:
    """Tell whether somebody serves this address; None while not, as `wait_for` likes it."""
    try:
        return get(url).status == 200 or None
    except OSError:
        return None


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"} if token else {}


def _send(request: Request) -> Answer:
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            return Answer(response.status, response.url, response.read())
    except HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, refusal.url or request.full_url, refusal.read())
    except HTTPException as problem:  # an answer that was cut off
        raise ConnectionError(f"{request.full_url}: {type(problem).__name__}") from problem
