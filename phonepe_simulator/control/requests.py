"""How all parts of the control API read a request and refuse a wrong one."""

import json
from collections.abc import Callable
from typing import Any

from phonepe_simulator.control.documents import Document
from phonepe_simulator.messages import Request


class ControlError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


PREFIX = "/_simulator"
LARGEST_LONG = 2**63 - 1
# Gets the request, its body and the id in its path. Returns a JSON document, or a function that writes the answer
# when the engine is no longer locked.
Handler = Callable[[Request, Document, str], Any]
# Methods, path and handler.
ControlRoute = tuple[str, str, Handler]


def body_of(request: Request) -> Document:
    """Return the JSON object in the body; an empty body is an empty object."""
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


def whole_number(text: str, name: str, *, least: int, most: int = LARGEST_LONG) -> int:
    """Read a number from a query.

    :raises ControlError: if it is none, or out of range
    """
    # The length comes first, because int() refuses thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_LONG)) and least <= int(text) <= most):
        raise ControlError(f"{name}: a whole number from {least} to {most}")
    return int(text)
