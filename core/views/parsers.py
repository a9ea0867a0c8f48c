"""Read request bodies without ever making a float."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

LARGEST_EXPONENT = 30  # a number of rupees has none; int() of 1E+1000000 takes minutes


class ExactJSONParser(JSONParser):
    """JSON whose numbers stay as they were written: whole ones are int, others Decimal."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        try:
            content = json.loads(stream.read(), parse_float=_exact, parse_constant=_refuse)
            json.dumps(content, ensure_ascii=False, default=str).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise ParseError("The body is not JSON.") from None
        if not isinstance(content, dict):
            raise ParseError("The body must be a JSON object.")
        return content


def _exact(written: str) -> Decimal:
    """:raises ValueError: if it is too large or too small to be meant"""
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise ValueError(written) from None
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(written)
    return number


def _refuse(constant: str) -> None:
    raise ValueError(constant)
