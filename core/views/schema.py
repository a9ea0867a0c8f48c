"""Tell in the API's schema what a refusal looks like, and which codes there are."""

from collections.abc import Iterator
from typing import Any

from rest_framework import exceptions

from core.errors import DomainError
from core.views.problems import CONTENT_TYPE

# What is refused before our own rules are asked; those have their codes and words in their classes.
_BEFORE: list[tuple[str, int, str]] = [
    *(
        (kind.default_code, kind.status_code, meaning)
        for kind, meaning in (
            (exceptions.ParseError, "The body is not a JSON object."),
            (exceptions.NotAuthenticated, "No token came with the request."),
            (exceptions.AuthenticationFailed, "The token is not valid, or not any more."),
            (exceptions.PermissionDenied, "This is for somebody else to do."),
            (exceptions.MethodNotAllowed, "The address takes other methods."),
            (exceptions.NotAcceptable, "`Accept` asks for what the address does not have."),
            (exceptions.UnsupportedMediaType, "The body is not sent as JSON."),
            (exceptions.Throttled, "Too many requests; `Retry-After` says how many seconds to wait."),
        )
    ),
    ("bad_request", 400, "The request cannot be understood."),
    ("wrong_credentials", 401, "The user name or the password is wrong."),
    ("server_error", 500, "A defect on our side."),
    ("busy", 503, "The database did not answer in time, and nothing was done; `Retry-After` says when to try again."),
]


def tell_of_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG001, FBT001 - drf-spectacular's signature
    """Add the refusals, which all look alike, to the schema and to each operation in it."""
    result["components"]["schemas"]["Problem"] = _problem()
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["4XX"] = {"description": "Refused: `code` says why.", "content": content}
            operation["responses"]["5XX"] = {"description": "Not served now: `code` says why.", "content": content}
    return result


def codes() -> dict[str, tuple[int, str]]:
    """Return each code with its HTTP status and all that it means, by status."""
    ours = [(each.code, each.status_code, (each.__doc__ or "").split("\n")[0]) for each in _refusals(DomainError)]
    told: dict[str, tuple[int, str]] = {}
    for code, status, meaning in [*_BEFORE, *ours]:
        _, before = told.get(code, (status, ""))
        told[code] = (status, f"{before} {meaning}".strip())
    return dict(sorted(told.items(), key=lambda each: (each[1][0], each[0])))


def _refusals(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


def _problem() -> dict[str, Any]:
    known = "\n".join(f"- `{code}` ({status}) {meaning}".rstrip() for code, (status, meaning) in codes().items())
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "A refusal, after RFC 9457.",
        "properties": {
            "type": {**text, "description": "`urn:zelton:problem:` and the code."},
            "title": {**text, "description": "What HTTP calls the status."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {**text, "description": "A sentence for a person."},
            "code": {
                **text,
                "description": f"For a program. A code that it does not know is to be taken by its status.\n\n{known}",
                "examples": list(codes()),
            },
            "errors": {
                "type": "object",
                "description": "The sentences by field, where fields are wrong.",
                "additionalProperties": {"type": "array", "items": text},
            },
            "success": {"type": "boolean", "const": False},
            "error": {**text, "description": "The same as `detail`."},
        },
        "required": ["type", "title", "status", "detail", "code", "success", "error"],
    }
