"""What reaches the control API, read and refused alike by all of its parts."""

import json
from collections.abc import Callable
from typing import Any

from phonepe_simulator.control_documents import Document
from phonepe_simulator.messages import Request


class ControlError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


Handler = Callable[[Request, Document, str], Any]
ControlRoute = tuple[str, str, Handler]


def body_of(request: Request) -> Document:
    """Return the JSON object that was sent; nothing sent is an empty one."""
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ControlError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ControlError("The body is a JSON object.")
    return body


def texts_only(body: Document, *known: str) -> None:
    only(body, *known)
    for key, value in body.items():
        if not isinstance(value, str):
            raise ControlError(f"{key}: is text")


def only(body: Document, *known: str) -> None:
    unknown = set(body) - set(known)
    if unknown:
        raise ControlError(f"{', '.join(sorted(unknown))}: not known here; there are {', '.join(known)}.")
