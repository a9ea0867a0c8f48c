"""Alerts reach operators without Prometheus: by mail and as JSON, once each, and never in the way of a payment."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from core.models import Alert, AlertKind, Notification, Payment
from core.services import worker
from core.services.operations import delivery
from core.services.operations.alerts import alert
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from zelton_backend.email_url import read_email_url


class Receiver:
    """Somebody's server for webhooks."""

    def __init__(self) -> None:
        self.answers, self.came = 200, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.came.append((dict(self.headers), json.loads(body)))
                self.send_response(outer.answers)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/secret-part"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("NO_PROXY", "*")
    receiver = Receiver()
    settings.ALERT_WEBHOOK_URL = receiver.url
    yield receiver
    receiver.close()


@pytest.fixture
def mailbox(db: None, settings: Any, mailoutbox: list[Any]) -> list[Any]:
    settings.ALERT_EMAIL_TO = ["ops@zelton.example", "night@zelton.example"]
    return mailoutbox


@pytest.fixture(autouse=True)
def sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send in the test's own thread: another's connection would see nothing of it; and tell operators alone."""
    monkeypatch.setattr("core.services.notices.payments.tell", lambda *_, **__: None)

    class AtOnce:
        def __init__(self, *, target: Callable[[], None], **_: Any) -> None:
            self.start = target

    monkeypatch.setattr(delivery, "Thread", AtOnce)
    monkeypatch.setattr(delivery, "_close", lambda: None)


@pytest.fixture
def mismatch(payment: Payment, phonepe: PhonePe, days: Days) -> Alert:
    """PhonePe reports another amount than was asked for."""
    phonepe.pays(payment)
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
    days.tick_for(30)
    return Alert.objects.get(kind=AlertKind.MISMATCH)


class TestByMail:
    def test_an_alert_comes_once_with_what_to_do(self, mailbox: list[Any], mismatch: Alert, days: Days) -> None:
        days.tick_for(300)

        (letter,) = mailbox
        assert letter.to == ["ops@zelton.example", "night@zelton.example"]
        assert letter.subject == "Zelton SANDBOX: another amount or order came than was asked for"
        assert mismatch.sentence in letter.body
        assert "/admin/runbook/#wrong-amount" in letter.body
        assert f"/admin/core/alert/{mismatch.pk}/change/" in letter.body
        assert " IST" in letter.body
        assert mismatch.subject in letter.alternatives[0][0]
        notification = Notification.objects.get()
        assert letter.extra_headers["Message-ID"] == f"<{notification.message_id}@zelton.test>"
        assert notification.sent_at

    def test_a_server_that_takes_none_is_tried_again_under_the_same_id(
        self, mailbox: list[Any], settings: Any, mismatch: Alert, days: Days
    ) -> None:
        Notification.objects.update(sent_at=None, next_try_at=days.now())
        mailbox.clear()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        days.tick_for(5)
        notification = Notification.objects.get()
        assert notification.problem == "The mail server 127.0.0.1 does not take it: ConnectionRefusedError."

        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        days.tick_for(30)

        (letter,) = mailbox
        assert str(notification.message_id) in letter.extra_headers["Message-ID"]
        notification.refresh_from_db()
        assert (notification.problem, notification.next_try_at) == ("", None)


class TestByWebhook:
    def test_an_alert_comes_once_as_json(self, receiver: Receiver, mismatch: Alert, days: Days) -> None:
        days.tick_for(300)

        ((headers, body),) = receiver.came
        assert body["alert"]["id"] == mismatch.pk
        assert body["alert"]["kind"] == "mismatch"
        assert body["alert"]["sentence"] == mismatch.sentence
        assert body["alert"]["runbook"].endswith("/admin/runbook/#wrong-amount")
        assert body["environment"] == "SANDBOX"
        assert mismatch.sentence in body["text"]
        assert headers["Idempotency-Key"] == body["id"] == str(Notification.objects.get().message_id)

    @pytest.mark.parametrize("status", [500, 404, 302])
    def test_one_that_is_not_taken_is_sent_again_ever_more_slowly(
        self, receiver: Receiver, db: None, traveller: Any, days: Days, status: int
    ) -> None:
        receiver.answers = status
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        days.tick_for(100)
        assert len(receiver.came) == 4  # at once, and after 10, 20 and 40 s
        assert len({body["id"] for _, body in receiver.came}) == 1
        assert Notification.objects.get().problem == f"ALERT_WEBHOOK_URL (127.0.0.1) answered HTTP {status}."

        receiver.answers = 204
        days.tick_for(60)
        assert len(receiver.came) == 5
        assert Notification.objects.get().sent_at

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("nonsense", "ALERT_WEBHOOK_URL is not an absolute URL (http or https)."),
            ("ftp://example.com/secret-part", "ALERT_WEBHOOK_URL is not an absolute URL (http or https)."),
            ("http://[half/secret-part", "ALERT_WEBHOOK_URL is not an absolute URL (http or https)."),
            ("http://127.0.0.1:1/secret-part", "ALERT_WEBHOOK_URL (127.0.0.1) does not answer: ConnectionError."),
        ],
    )
    def test_a_wrong_address_is_said_in_a_sentence_and_holds_no_payment_up(
        self,
        tenant: Caller,
        phonepe: PhonePe,
        days: Days,
        settings: Any,
        caplog: pytest.LogCaptureFixture,
        url: str,
        sentence: str,
    ) -> None:
        settings.ALERT_WEBHOOK_URL = url
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        started = tenant.starts_rent()
        phonepe.pays(started)
        days.tick_for(30)

        assert tenant.verifies(started.json()["merchant_order_id"]).json()["state"] == "COMPLETED"
        assert Notification.objects.get().problem == sentence
        assert sentence in caplog.text
        assert "Traceback" not in caplog.text
        assert "secret-part" not in caplog.text

    def test_after_three_days_it_is_given_up(self, receiver: Receiver, db: None, traveller: Any, days: Days) -> None:
        receiver.answers = 500
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        days.pass_by(timedelta(days=3).total_seconds())
        days.tick_for(3)

        assert Notification.objects.get().next_try_at is None
        assert Notification.objects.get().sent_at is None


class TestOnce:
    def test_the_same_alert_again_is_not_told_again_but_a_later_one_is(
        self, receiver: Receiver, db: None, traveller: Any, days: Days
    ) -> None:
        for _ in range(3):
            alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
            days.tick_for(1)
        assert len(receiver.came) == 1

        Alert.objects.update(resolved_at=days.now())
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        days.tick_for(1)
        assert len(receiver.came) == 2

    def test_of_two_senders_one_sends(self, receiver: Receiver, db: None, traveller: Any, days: Days) -> None:
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        [seen] = Notification.objects.all()
        [seen_by_another] = Notification.objects.all()

        assert delivery._claim(seen, now=days.now())
        assert not delivery._claim(seen_by_another, now=days.now())

    def test_a_sender_that_dies_is_made_up_for(self, receiver: Receiver, db: None, traveller: Any, days: Days) -> None:
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
        [seen] = Notification.objects.all()
        delivery._claim(seen, now=days.now())
        days.tick_for(5)
        assert not receiver.came

        days.tick_for(120)
        assert len(receiver.came) == 1

    def test_where_nobody_is_to_be_told_nothing_is_kept(self, db: None, days: Days) -> None:
        alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())

        assert not Notification.objects.exists()


def test_the_command_sends_what_waits(receiver: Receiver, mailbox: list[Any], db: None, days: Days) -> None:
    alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())
    out = StringIO()

    call_command("send_notifications", "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"sent": 2, "not_taken": 0, "waiting": 0}
    assert len(receiver.came) == len(mailbox) == 1


def test_mail_that_is_printed_leaves_a_commands_answer_alone(
    receiver: Receiver, mailbox: list[Any], settings: Any, days: Days, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = read_email_url("console:")["EMAIL_BACKEND"]
    alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())

    call_command("send_notifications", "--json")

    told = capsys.readouterr()
    assert json.loads(told.out) == {"sent": 2, "not_taken": 0, "waiting": 0}
    assert "A trial." in told.err


def test_a_message_that_takes_long_keeps_no_tick_waiting(
    db: None, days: Days, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick starts a thread, and the next one starts no second."""
    started = []

    class NeverEnds:
        def __init__(self, **how: Any) -> None:
            started.append(how)

        def start(self) -> None:
            pass

    monkeypatch.setattr(delivery, "Thread", NeverEnds)
    settings.ALERT_WEBHOOK_URL = "http://127.0.0.1:1/"
    alert(AlertKind.BOOKS, "trial", "A trial.", now=days.now())

    worker.tick()
    worker.tick()

    assert len(started) == 1
    delivery._sending.release()


class TestEmailUrl:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("console:", {"EMAIL_BACKEND": "zelton_backend.console_mail.EmailBackend"}),
            ("smtp://mail.example", {"EMAIL_HOST": "mail.example", "EMAIL_PORT": 25, "EMAIL_USE_TLS": False}),
            ("smtp://a%40b:p%2Fw@mail.example:587", {"EMAIL_HOST_USER": "a@b", "EMAIL_HOST_PASSWORD": "p/w",
                                                     "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
            ("smtps://mail.example", {"EMAIL_PORT": 465, "EMAIL_USE_SSL": True, "EMAIL_USE_TLS": False}),
            ("file:///var/mail", {"EMAIL_FILE_PATH": "/var/mail"}),
        ],
    )  # fmt: skip
    def test_it_is_read(self, url: str, expected: dict[str, Any]) -> None:
        assert expected.items() <= read_email_url(url).items()

    @pytest.mark.parametrize("url", ["nonsense", "http://mail.example", "smtp://", "file://", "smtp:mail.example"])
    def test_what_is_wrong_is_said(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must be"):
            read_email_url(url)
