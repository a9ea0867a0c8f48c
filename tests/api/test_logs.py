"""What the logs say about a payment, and what they never say."""

import logging
import secrets
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client

from core.models import Payment, Tenant
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe
from zelton_backend.logs import mask_secrets

PHONE, VPA, CARD, PASSWORD = "9876543210", "ravi.kumar@okhdfc", "4111 1111 1111 1111", "a-long-Password-4711"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """Everything that this process writes to stderr, through the product's own handler and at its most talkative."""
    written = StringIO()
    [handler] = [each for each in logging.getLogger().handlers if is_ours(each)]
    monkeypatch.setattr(handler, "stream", written)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    return written


def is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)


def masked(value: Any) -> Any:
    return mask_secrets(None, "info", {"said": value})["said"]


def test_a_payment_leaves_no_secret_in_the_log(
    log: StringIO, tenant: Caller, phonepe: PhonePe, days: Days, settings: Any
) -> None:
    Tenant.objects.update(phone=PHONE)
    Client().post("/api/auth/login/", {"username": PHONE, "password": PASSWORD}, content_type="application/json")
    payment = Payment.objects.get(merchant_order_id=tenant.starts_rent().json()["merchant_order_id"])
    token = phonepe.simulator.calls_to("pay")[0].headers["Authorization"].split()[1]
    phonepe.simulator.revoke_tokens()
    phonepe.simulator.faults.add(Fault("server_error", "oauth", times=2))
    tenant.verifies(payment.merchant_order_id)
    days.pass_by(5)
    phonepe.simulator.client = type(phonepe.simulator.client)("ANOTHER", "another-secret", "1")
    tenant.verifies(payment.merchant_order_id)
    days.pass_by(5)
    phonepe.pays(payment, mode="UPI_COLLECT", vpa=VPA)
    header = sha256(settings.PHONEPE_WEBHOOK_CREDENTIALS[0].encode()).hexdigest()
    for authorization in ("wrong-header-value", header):
        body = {
            "event": "checkout.order.completed",
            "payload": {"merchantOrderId": payment.merchant_order_id, "vpa": VPA},
        }
        headers = {"Authorization": authorization}
        Client().post(WEBHOOK, body, content_type="application/json", headers=headers)
    days.tick_for(3)
    logging.getLogger("somebody").warning("card %s of %s, call +91 %s", CARD, VPA, PHONE)

    told = log.getvalue()
    assert payment.merchant_order_id in told
    for secret in (
        settings.PHONEPE_CLIENT_SECRET,
        token,
        token[-20:],
        "hooks4tests",
        header,
        "wrong-header-value",
        tenant.token,
        PASSWORD,
        VPA,
        "ravi.kumar",
        "@okhdfc",
        PHONE,
        CARD,
        "4111",
        "another-secret",
    ):
        assert secret not in told, secret


@pytest.mark.parametrize(
    "secret",
    [
        PHONE,
        f"+91 {PHONE}",
        f"91{PHONE}",
        CARD,
        CARD.replace(" ", ""),
        CARD.replace(" ", "-"),
        VPA,
        "ravi@example.org",
        "O-Bearer eyJhbGciOi.J9",
        "Token 0123456789abcdef0123",
        "client_secret=abc123",
        '{"access_token": "abc123"}',
    ],
)
def test_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    digits = [part for part in secret.replace('"', " ").replace("=", " ").split() if any(map(str.isdigit, part))]
    for text in (secret, f"see {secret}, please", f"<{secret}>", f"'{secret}'"):
        for said in (masked(text), str(masked([text])), str(masked({"nested": text}))):
            assert "***" in said
            assert not any(part.strip("},") in said for part in digits if len(part) > 3), said


@pytest.mark.parametrize("name", ["client_secret", "password", "Authorization", "token", "vpa", "phone", "card_number"])
def test_a_secret_is_masked_by_its_name(name: str) -> None:
    assert mask_secrets(None, "info", {name: "abc"})[name] == "***"
    assert masked({"request": {name: "abc"}}) == {"request": {name: "***"}}


def test_masking_leaves_what_an_operator_needs() -> None:
    ids = [f"ZLT-{secrets.token_urlsafe(16)}" for _ in range(2000)]
    ids += [
        "ZLT-9876543210",
        "OMO2604101200001234567890",
        "R-2026-27-0000001",
        "ZLT--123456789012345_",
        "ZLT-4111111111111111",
    ]
    said = [
        *ids,
        "R-2026-27-0000001",
        "2026-04-10T06:30:00Z",
        "/payments/return/ZLT-x/",
        "₹15,000.00",
        "core.services.orders",
        "HTTP 500",
    ]

    assert masked(said) == said
    assert masked("1500000 paise, order " + ids[0]) == "1500000 paise, order " + ids[0]


def test_phonepes_own_words_are_not_taken_for_phone_numbers() -> None:
    event = {"phonepe_event": "checkout.order.completed", "phonepe_order_id": "OMO1"}

    assert mask_secrets(None, "info", dict(event)) == event
