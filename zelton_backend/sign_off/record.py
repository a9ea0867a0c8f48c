"""What crossed the wires during a check, and what was seen: the evidence of its proof."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from phonepe_simulator import Request, Response
from zelton_backend.sign_off.masks import Masks
from zelton_backend.sign_off.proofs import Evidence

FIRST_SHOWN, LAST_SHOWN = 24, 12  # entries of a check that has more than both together
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call to PhonePe, with its answer.

    :ivar name: as the simulator calls it: oauth, pay, sdk_order, order_status, refund, refund_status, pay_page
    :ivar about: the merchant's id of the order or the refund
    """

    at: datetime
    name: str
    request: Request
    response: Response
    about: str | None = None

    @property
    def token(self) -> str:
        return (self.request.header("Authorization") or "").partition(" ")[2]

    @property
    def status(self) -> int | None:
        """Return the status of the answer; None if it never reached the caller."""
        return self.response.status if self.response.fate in ("answer", "drip") else None


class Record:
    """Entries in the order in which things happened, ready to be written as JSON.

    :param entries: where they are kept; left out: here
    """

    def __init__(self, masks: Masks, *, webhook_digest: str = "", entries: Evidence | None = None) -> None:
        self.masks = masks
        self._webhook_digest = webhook_digest
        self._entries: Evidence = [] if entries is None else entries

    def call(self, exchange: Exchange) -> None:
        """Note a call to PhonePe."""
        request = exchange.request
        headers = dict(request.headers)
        is_form = (request.header("Content-Type") or "").startswith(FORM)
        self._entries.append(
            {
                "kind": "phonepe_call",
                "at": instant(exchange.at),
                "call": exchange.name,
                "request": {
                    "method": request.method,
                    "path": request.path,
                    **({"query": dict(request.query)} if request.query and exchange.name != "pay_page" else {}),
                    "headers": self.masks.headers(headers),
                    "body": self.masks.form(dict(parse_qsl(request.body.decode())))
                    if is_form
                    else self.masks.body(request.body),
                },
                "answer": {"status": exchange.status, "body": self.masks.body(exchange.response.body)}
                if exchange.status is not None
                else {"status": None, "body": f"never arrived ({exchange.response.fate})"},
            }
        )

    def asked_us(
        self, kind: str, at: datetime, request: dict[str, Any], *, status: int | None, body: bytes = b""
    ) -> None:
        """Note what somebody asked us: PhonePe with a webhook, a client over the API, a browser.

        :param kind: webhook, api or browser
        """
        is_webhook = kind == "webhook"
        digest = self._webhook_digest if is_webhook else ""
        self._entries.append(
            {
                "kind": kind,
                "at": instant(at),
                "request": {
                    "method": request["method"],
                    "path": request["path"],
                    "headers": self.masks.headers(request["headers"], webhook_digest=digest),
                    "body": self.masks.body(request["body"]),
                },
                "answer": {"status": status, "body": "a page" if kind == "browser" else self.masks.body(body)},
            }
        )

    def saw(self, what: str, **seen: Any) -> None:
        """Note what was seen elsewhere than on a wire."""
        self._entries.append({"kind": "observation", "what": what, **seen})

    def add(self, entry: dict[str, Any]) -> None:
        self._entries.append(entry)

    def evidence(self) -> Evidence:
        """Return the entries; of very many the first and the last, with how many are left out between."""
        shown = self._entries
        wires = [entry for entry in shown if entry["kind"] not in ("observation", "polls")]
        if len(wires) > FIRST_SHOWN + LAST_SHOWN:
            left_out = {id(entry) for entry in wires[FIRST_SHOWN:-LAST_SHOWN]}
            marker = {"kind": "left_out", "what": f"{len(left_out)} more exchanges of the same kinds"}
            first = next(place for place, entry in enumerate(shown) if id(entry) in left_out)
            kept = [entry for entry in shown if id(entry) not in left_out]
            shown = [*kept[:first], marker, *kept[first:]]
        cleaned: Evidence = self.masks.without_secrets(shown)
        return cleaned


def instant(moment: datetime) -> str:
    """Return a moment as the evidence has it: UTC, to the millisecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
