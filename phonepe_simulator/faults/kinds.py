"""Every kind of fault, and the calls and report lines that one can be limited to."""

from dataclasses import dataclass
from typing import Literal

Side = Literal["call", "webhook", "settlement"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    side: Side
    meaning: str
    # False: the caller sees the fault and nothing else happened.
    has_effect: bool = True


KINDS: dict[str, FaultKind] = {
    "latency": FaultKind("call", "answers after `seconds`"),
    "timeout_before": FaultKind("call", "never answers, nothing happened", has_effect=False),
    "timeout_after": FaultKind("call", "never answers, yet it happened"),
    "late_effect": FaultKind("call", "never answers, and happens `seconds` (60) later", has_effect=False),
    "cut_before": FaultKind("call", "connection reset, nothing happened", has_effect=False),
    "cut_after": FaultKind("call", "connection reset, yet it happened"),
    "rate_limited": FaultKind("call", "429 with Retry-After, nothing happened", has_effect=False),
    "server_error": FaultKind("call", "500 in JSON, nothing happened", has_effect=False),
    "server_error_after": FaultKind("call", "500 in JSON, yet it happened"),
    "bad_gateway": FaultKind("call", "502 in HTML, nothing happened", has_effect=False),
    "bad_gateway_after": FaultKind("call", "502 in HTML, yet it happened"),
    "unavailable": FaultKind("call", "503 in plain text, nothing happened", has_effect=False),
    "refused": FaultKind("call", "400 BAD_REQUEST for what could be taken, nothing happened", has_effect=False),
    "forgotten": FaultKind("call", "404 as about what nobody made, nothing happened", has_effect=False),
    "html_answer": FaultKind("call", "200 in HTML, nothing happened", has_effect=False),
    "token_revoked": FaultKind("call", "all tokens are revoked, so the call gets 401", has_effect=False),
    "broken_json": FaultKind("call", "200 with half of the JSON"),
    "empty_object": FaultKind("call", "200 with {}"),
    "drip": FaultKind("call", "the body comes byte by byte, too slowly"),
    "wrong_amount": FaultKind("call", "the amount is another by `value` paise (100)"),
    "wrong_order_id": FaultKind("call", "the answer is about another orderId"),
    "unknown_state": FaultKind("call", "state is a word that nobody documented"),
    "unknown_mode": FaultKind("call", "paymentMode is a word that nobody documented"),
    "extra_fields": FaultKind("call", "fields that nobody documented are added"),
    "nulls": FaultKind("call", "optional fields are null"),
    "text_amount": FaultKind("call", "amounts are strings of digits"),
    "awkward_url": FaultKind("call", "redirectUrl is long and has %2B and = in it"),
    "webhook_lost": FaultKind("webhook", "is never sent"),
    "webhook_late": FaultKind("webhook", "is sent after `seconds`"),
    "webhook_repeated": FaultKind("webhook", "is sent `value` times (2)"),
    "webhook_reordered": FaultKind("webhook", "lets the next webhook overtake it, or waits `seconds` (60)"),
    "webhook_forged": FaultKind("webhook", "has the wrong Authorization header"),
    "webhook_wrong_amount": FaultKind("webhook", "names an amount that is another by `value` paise (100)"),
    "report_line_missing": FaultKind("settlement", "is not in the report"),
    "report_line_unknown": FaultKind("settlement", "is followed by one about an order that nobody made"),
    "report_line_repeated": FaultKind("settlement", "is there twice"),
    "report_line_in_two": FaultKind("settlement", "is also in the report on the next settlement"),
    "report_wrong_amount": FaultKind("settlement", "names an amount that is more by `value` paise (100)"),
    "report_wrong_fee": FaultKind("settlement", "names a fee that takes off `value` paise (100) more"),
    "report_wrong_net": FaultKind("settlement", "has a net that is `value` paise (100) more than its parts"),
}
CALLS = (
    "oauth",
    "pay",
    "sdk_order",
    "order_status",
    "transaction_status",
    "subscription_setup",
    "subscription_status",
    "subscription_notify",
    "subscription_redeem",
    "subscription_cancel",
    "refund",
    "refund_status",
    "settlement_range",
    "settlement_status",
    "settlement_webhook",
    "events",
    "unknown",
)
LINE_TYPES = ("PAYMENT", "REFUND", "CHARGEBACK")
