"""What the logs say about a payment, and what they never say."""

import json
import logging
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


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


class TestWhatIsMaskedWhereverItComesFrom:
    """Through the handler itself: what is not text becomes text there."""

    def test_a_query_string(self, log: StringIO, tenant: Caller) -> None:
        """Django hands its request objects to the log, and their text holds the address with its query."""
        tenant.get(f"/api/payments/9999999/?search=Ravi+Kumar&cursor={PASSWORD}")
        tenant.get(f"/nowhere/?search=Ravi+Kumar&cursor={PASSWORD}")

        assert {"/api/payments/9999999/", "/nowhere/"} <= {line.get("path") for line in lines(log)}
        assert any(line["event"] == "Not Found: /nowhere/" for line in lines(log))
        assert PASSWORD not in log.getvalue()
        assert "Ravi" not in log.getvalue()

    def test_an_exception_and_its_traceback(self, log: StringIO) -> None:
        try:
            int(VPA)
        except ValueError as error:
            structlog.get_logger("somebody").exception("lost", problem=error, both=(error, {"of": {error}}))
            logging.getLogger("somebody").warning("lost %s", error, exc_info=error, extra={"problem": error})

        said = "invalid literal for int() with base 10: '***'"
        assert [line["event"] for line in lines(log)] == ["lost", f"lost {said}"]
        assert all(f"ValueError: {said}" in line["exception"] for line in lines(log))
        assert all(line["problem"] == said for line in lines(log))
        assert VPA not in log.getvalue()

    def test_what_is_named_like_our_own_fields(self, log: StringIO) -> None:
        logging.getLogger("somebody").warning("told", extra={"timestamp": VPA, "level": VPA, "logger": VPA})

        (line,) = lines(log)
        assert (line["level"], line["logger"]) == ("warning", "somebody")
        assert VPA not in log.getvalue()

    def test_what_a_library_logs_wrongly(
        self, log: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Python prints the arguments of a log line that it cannot write, past every mask."""
        ours = [handler for handler in logging.getLogger().handlers if is_ours(handler)]
        monkeypatch.setattr(logging.getLogger(), "handlers", ours)  # pytest's own would raise
        logging.getLogger("somebody").warning("call %s", PHONE, VPA)

        (line,) = lines(log)
        assert line["event"] == "log_line_not_written"
        assert line["logger"] == "somebody"
        assert PHONE not in log.getvalue() + "".join(capsys.readouterr())
