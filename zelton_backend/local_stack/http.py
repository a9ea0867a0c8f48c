"""A small HTTP client with a time limit on everything, for talking to processes of this machine."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 15
# A proxy of the surroundings has no way to this machine's loopback interface.
_opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    url: str
    body: bytes
    next_page: str | None = None

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


def get(url: str, *, token: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Get a page, and follow redirects.

    :raises OSError: if nobody answers
    """
    return _send(Request(url, headers=dict(headers or {})), token)


def get_pages(url: str) -> list[Any]:
    """Get a list that comes in pages, all of it.

    :raises OSError: if nobody answers
    """
    answer = get(url)
    items = list(answer.json())
    while answer.next_page:
        answer = get(answer.next_page)
        items += answer.json()
    return items


def post_json(
    url: str, body: Mapping[str, Any], *, token: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    content_type = {"Content-Type": "application/json"}
    return _send(Request(url, json.dumps(body).encode(), content_type | dict(headers or {})), token)


def post_form(url: str, fields: dict[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
    return _send(Request(url, urlencode(fields).encode(), dict(headers or {})))


def answers(url: str) -> bool | None:
    """Tell whether somebody serves this address; None while not, as `wait_for` likes it."""
    try:
        return get(url).status == 200 or None
    except OSError:
        return None


def _send(request: Request, token: str = "") -> Answer:
    if token:
        # Not sent on to wherever an answer redirects.
        request.add_unredirected_header("Authorization", f"Token {token}")
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            return Answer(response.status, response.url, response.read(), _next_page(response))
    except HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, refusal.url or request.full_url, refusal.read())
    except HTTPException as problem:  # an answer that was cut off
        raise ConnectionError(f"{request.full_url}: {type(problem).__name__}") from problem


def _next_page(response: Any) -> str | None:
    found = re.search(r'<([^>]+)>; rel="next"', response.headers.get("Link", ""))
    return urljoin(response.url, found[1]) if found else None
