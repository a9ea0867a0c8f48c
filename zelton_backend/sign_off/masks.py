"""What of requests and answers may stand in a report: no secret, but enough to tell two of them apart."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from zelton_backend.masking import MASK, masked

SHOWN_HEADERS = ("authorization", "content-type", "accept", "idempotency-key", "x-source", "x-source-version")
LONGEST_TEXT = 2_000  # characters of a body that is not JSON


class Masks:
    """Masks what crosses a wire. The same token has the same number everywhere, so a new one can be told from the old.

    :param secrets: texts that may stand nowhere, whatever they are in
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._numbers: dict[str, int] = {}

    def headers(self, headers: dict[str, str], *, webhook_digest: str = "") -> dict[str, str]:
        """Return the headers worth showing.

        :param webhook_digest: the header that PhonePe's webhooks carry
        """
        shown = {name: value for name, value in headers.items() if name.lower() in SHOWN_HEADERS}
        return {
            name: self._authorization(value, webhook_digest) if name.lower() == "authorization" else str(masked(value))
            for name, value in shown.items()
        }

    def _authorization(self, value: str, webhook_digest: str) -> str:
        if webhook_digest:
            is_ours = "SHA-256 of username:password" if value == webhook_digest else "another value"
            return f"{MASK} ({is_ours}, {len(value)} characters)"
        scheme, _, token = value.partition(" ")
        return f"{scheme} {MASK} (token {self._numbers.setdefault(token, len(self._numbers) + 1)})"

    def body(self, body: bytes) -> Any:
        """Return a body as JSON without what is secret; what is not JSON, as a text."""
        if not body:
            return None
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            return masked(body[:LONGEST_TEXT].decode(errors="replace"))
        shown = masked(read)
        if isinstance(read, dict) and read.get("token_type"):
            shown["token_type"] = read["token_type"]  # it is the scheme of the header, and no secret
        return shown

    def form(self, fields: dict[str, str]) -> dict[str, Any]:
        """Return form fields without what is secret."""
        return {name: masked(value, name) for name, value in fields.items()}

    def without_secrets(self, evidence: Any) -> Any:
        """Return the same with every known secret masked, wherever it stands."""
        if isinstance(evidence, str):
            for secret in self._secrets:
                evidence = evidence.replace(secret, MASK)
            return evidence
        if isinstance(evidence, dict):
            return {name: self.without_secrets(each) for name, each in evidence.items()}
        return [self.without_secrets(each) for each in evidence] if isinstance(evidence, list) else evidence


def fingerprint(text: str) -> str:
    """Return what tells two long texts apart without showing them: length and the first digits of the SHA-256."""
    return f"{len(text)} characters, SHA-256 {sha256(text.encode()).hexdigest()[:16]}…"
