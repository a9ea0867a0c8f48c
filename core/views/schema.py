"""Tell in the API's schema what a refusal looks like, and which codes there are."""

import re
from collections.abc import Iterator
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import exceptions
from rest_framework.permissions import AllowAny, IsAuthenticated

from core.errors import AmountAboveDue, DomainError
from core.views.negotiation import OneForm
from core.views.problems import CONTENT_TYPE, problem
from core.views.schema_examples import example_of

OWN_REFUSALS = "x-refusals"  # until `Operation` has made responses of them
_PROBLEM = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

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


class Operation(AutoSchema):
    """Tells of an operation also by which codes it refuses, and begins with a short sentence."""

    def get_summary(self) -> str:
        return _first_sentence(self.get_description())

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is None:
            return None
        known = codes()
        by_status: dict[int, list[str]] = {}
        for code in sorted({*self._refusals_before(operation), *operation.pop(OWN_REFUSALS, ())}):
            by_status.setdefault(known[code][0], []).append(code)
        for status in sorted(by_status):
            told = "\n".join(f"- `{code}`: {known[code][1]}".rstrip(": ") for code in by_status[status])
            operation["responses"][str(status)] = {"description": told, "content": _PROBLEM}
        return operation

    def _refusals_before(self, operation: dict[str, Any]) -> Iterator[str]:
        """Yield the codes with which a request is refused before the rules of its own operation are asked."""
        parameters = operation.get("parameters", [])
        places = {each["in"] for each in parameters}
        log_ins = operation.get("security", [])
        yield from ("throttled", "server_error", "busy")
        if any(log_ins):
            yield "authentication_failed"
        if log_ins and {} not in log_ins:
            yield "not_authenticated"
        if any(not isinstance(each, (AllowAny, IsAuthenticated)) for each in self.view.get_permissions()):
            yield "permission_denied"
        if "requestBody" in operation:
            yield from ("parse_error", "bad_request", "invalid", "unsupported_media_type")
        if "query" in places:
            yield "invalid"
        if "path" in places or any(each["name"] == "cursor" for each in parameters):
            yield "not_found"
        if any(each["name"] == "Idempotency-Key" for each in parameters):
            yield from ("still_running", "idempotency_key_reused")
        if self.view.content_negotiation_class is not OneForm:
            yield "not_acceptable"


def operations_by_code() -> dict[str, list[str]]:
    """Return for each code the operations that tell of it, as `POST /api/auth/login/`."""
    found: dict[str, list[str]] = {}
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if status >= "400":
                    for code in re.findall(r"^- `(\w+)`", response["description"], re.MULTILINE):
                        found.setdefault(code, []).append(f"{method.upper()} {path}")
    return found


def refuses(*kinds: type[DomainError] | str) -> dict[str, list[str]]:
    """Return what `extend_schema` takes as its extensions: the refusals that are an operation's own."""
    return {OWN_REFUSALS: [kind if isinstance(kind, str) else kind.code for kind in kinds]}


def tell_of_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG001, FBT001 - drf-spectacular's signature
    """Add to the schema what all refusals look like, and an example to every body that is JSON."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = _problem()
    for methods in result["paths"].values():
        for operation in methods.values():
            for body in (operation.get("requestBody"), *operation["responses"].values()):
                told = (body or {}).get("content", {}).get("application/json")
                if told:
                    told["example"] = example_of(told["schema"], schemas)
    return result


def codes() -> dict[str, tuple[int, str]]:
    """Return each code with its HTTP status and all that it means, by status."""
    ours = [(each.code, each.status_code, (each.__doc__ or "").split("\n")[0]) for each in _refusals(DomainError)]
    told: dict[str, tuple[int, str]] = {}
    for code, status, meaning in [*_BEFORE, *ours]:
        _, before = told.get(code, (status, ""))
        told[code] = (status, f"{before} {meaning}".strip())
    return dict(sorted(told.items(), key=lambda each: (each[1][0], each[0])))


def figures() -> dict[str, tuple[str, ...]]:
    """Return for each code what `params` may hold."""
    found: dict[str, tuple[str, ...]] = {exceptions.Throttled.default_code: ("seconds",)}
    for each in _refusals(DomainError):
        found[each.code] = found.get(each.code, ()) or each.figures
    return {code: names for code, names in sorted(found.items()) if names}


def _refusals(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


def _first_sentence(text: str) -> str:
    first = text.split("\n")[0]
    for end in ("; ", ". "):
        first = first.partition(end)[0]
    return first.rstrip(".:")


def _problem() -> dict[str, Any]:
    refusal = AmountAboveDue(1_500_000)
    known = "\n".join(f"- `{code}` ({status}) {meaning}".rstrip() for code, (status, meaning) in codes().items())
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "A refusal, after RFC 9457.",
        "example": problem(refusal.status_code, refusal.code, refusal.detail, **refusal.extra),
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
            "params": {
                "type": "object",
                "description": "The figures of the sentence, for a sentence in another language: amounts, days "
                "(`2026-11-27`), instants, numbers, names. None has to be there.\n\n"
                + "\n".join(
                    f"- `{code}`: {', '.join(f'`{name}`' for name in names)}" for code, names in figures().items()
                ),
                "additionalProperties": {"type": ["string", "integer"]},
            },
            "success": {"type": "boolean", "const": False},
            "error": {**text, "description": "The same as `detail`."},
        },
        "required": ["type", "title", "status", "detail", "code", "success", "error"],
    }
