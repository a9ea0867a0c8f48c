"""What every refusal of the API looks like."""

from typing import Any


def assert_problem(answer: Any, status: int, code: str = "", *, field: str = "") -> dict[str, Any]:
    """Check that an answer is an RFC 9457 problem that the deployed app can read, and return its body."""
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:zelton:problem:{body['code']}"
    assert body["success"] is False
    assert body["error"] == body["detail"]
    assert len(body["error"]) > 10
    assert body["error"][-1] in ".!?"
    if code:
        assert body["code"] == code
    if field:
        assert field in body["errors"]
        assert all(isinstance(sentence, str) for sentence in body["errors"][field])
    return body
