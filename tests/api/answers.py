"""What every refusal of the API looks like, and that the schema tells of it."""

import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from core.views.schema import figures


def assert_problem(answer: Any, status: int, code: str = "", *, field: str = "") -> dict[str, Any]:
    """Check that an answer is an RFC 9457 problem that an app can read, and return its body."""
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:zelton:problem:{body['code']}"
    assert body["success"] is False
    assert body["error"] == body["detail"]
    assert len(body["error"]) > 10
    assert body["error"][-1] in ".!?"
    assert_told(answer, status, body["code"])
    assert set(body.get("params", {})) <= set(figures().get(body["code"], ()))
    if code:
        assert body["code"] == code
    if field:
        assert field in body["errors"]
        assert all(isinstance(sentence, str) for sentence in body["errors"][field])
    return body


def assert_told(answer: Any, status: int, code: str) -> None:
    """Check that the schema names a refusal where it names the operation; other methods and addresses are in none."""
    asked = getattr(answer, "request", {})
    operation = _operation(asked.get("PATH_INFO", ""), asked.get("REQUEST_METHOD", "").lower())
    if operation is not None:
        told = operation["responses"].get(str(status), {}).get("description", "")
        assert f"`{code}`" in told, (
            f"{operation['operationId']} does not tell of {status} {code}: see views.schema.refuses"
        )


def _operation(path: str, method: str) -> Any:
    paths = _paths()
    if path in paths:
        return paths[path].get(method)
    for template, methods in paths.items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return methods.get(method)
    return None


@cache
def _paths() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True)["paths"])
