"""What a person reads where Django, DRF or knox would speak to a programmer.

A refusal is told by its class, a wrong field by its code or by its own message (`core/serializers/fields.py`): no
sentence of a library is looked at, so none can change unnoticed.
"""

from math import ceil
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail

LOG_IN = "Log in first, and send the token as `Authorization: Token …`."
LOG_IN_AGAIN = "This token is not valid any more. Log in again."


def about_request(error: exceptions.APIException, *, view: Any) -> str:
    """Return the sentence of a refused request; what was raised with a sentence of ours keeps it.

    :param view: what was asked, to tell what it takes and gives
    """
    match error:
        case exceptions.NotAuthenticated():
            return LOG_IN
        case exceptions.PermissionDenied() if error.detail == error.default_detail:
            return "You may not do this."
        case exceptions.MethodNotAllowed():
            methods = [method for method in getattr(view, "allowed_methods", ()) if method not in {"HEAD", "OPTIONS"}]
            return f"This address takes {' and '.join(methods)}, and not {view.request.method}."
        case exceptions.NotAcceptable():
            forms = [renderer.media_type for renderer in getattr(view, "renderer_classes", ())]
            return f"Ask for {' or '.join(forms)} in `Accept`; this address has nothing else."
        case exceptions.UnsupportedMediaType():
            return "Send JSON, with `Content-Type: application/json`."
        case exceptions.Throttled():
            return f"Too many requests. Try again {_when(getattr(error, 'wait', None))}."
    return str(error.detail)


def _when(wait: float | None) -> str:
    if wait is None:
        return "later"
    return f"in {ceil(wait)} second{'s' if ceil(wait) != 1 else ''}"


def about_field(problem: ErrorDetail | str, field: str) -> str:
    """Return the sentence of a field that was refused, with its name where the sentence has `{name}` or `{words}`."""
    sentence = str(problem)
    if getattr(problem, "code", "") == ProhibitNullCharactersValidator.code:
        sentence = "{name} must not have a NUL in it."
    words = field.removesuffix("_id").replace("_", " ")
    return sentence.replace("{name}", field).replace("{words}", words)
