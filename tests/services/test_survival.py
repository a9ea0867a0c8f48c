"""Whatever one row, one step or the broker does: ticks, loops and commands go on, and say what went wrong."""

import ast
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from celery.exceptions import OperationalError as BrokerGone
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from core import tasks
from core.management import reconciling
from core.models import PaymentTransaction, WebhookEvent
from core.models.reconciled import ReconciledQuerySet
from core.services import worker
from core.services.payments import order_status
from core.services.webhooks import archive, inbox, processing
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def as_in_production(surviving_ticks: None) -> None:
    """Here what goes wrong in a tick is logged, and no more; other tests shall see it."""


def tells_of(order: Any, event: str = "checkout.order.completed") -> None:
    payload = {"merchantOrderId": order_id_of(order), "state": "COMPLETED"}
    inbox.receive(json.dumps({"event": event, "payload": payload}).encode(), now=worker.timezone.now())


def outcomes() -> list[str]:
    return list(WebhookEvent.objects.order_by("received_at", "pk").values_list("outcome", flat=True))


class TestWebhooks:
    @pytest.fixture
    def unreadable_to_us(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A body that a defect of ours cannot read."""
        read = inbox.read_body

        def reads(body: bytes) -> Any:
            if b"DEFECT" in body:
                raise ZeroDivisionError
            return read(body)

        monkeypatch.setattr(processing, "read_body", reads)

    def test_one_that_cannot_be_read_is_logged_and_the_others_are_read(
        self, payment: Any, days: Days, unreadable_to_us: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        inbox.receive(b'{"event": "DEFECT"}', now=days.now())
        days.pass_by(5)
        tells_of(payment)

        worker.tick()

        assert outcomes() == ["waiting", "asked"]
        assert "webhook_not_processed" in caplog.text
        assert "ZeroDivisionError" in caplog.text

    def test_it_does_not_stand_in_front_of_newer_ones(self, payment: Any, days: Days, unreadable_to_us: None) -> None:
        for number in range(3):
            inbox.receive(b'{"event": "DEFECT %d"}' % number, now=days.now())
        processing.process_waiting(now=days.now(), limit=3)
        tells_of(payment)
        days.pass_by(3600)

        processing.process_waiting(now=days.now(), limit=1)

        assert outcomes()[-1] == "asked"

    def test_it_is_tried_again_later_and_later(self, db: None, days: Days, unreadable_to_us: None) -> None:
        inbox.receive(b'{"event": "DEFECT"}', now=days.now())
        waits = []
        for _ in range(14):
            worker.process_webhooks()
            event = WebhookEvent.objects.get()
            assert event.next_try_at is not None
            waits.append((event.next_try_at - days.now()).total_seconds())
            days.pass_by(waits[-1] - 0.5)
            worker.process_webhooks()  # not yet
            assert WebhookEvent.objects.get().tries == event.tries
            days.pass_by(0.5)

        assert waits[:4] == [1, 2, 4, 8]
        assert waits[-1] == waits[-2] == 3600
        assert WebhookEvent.objects.get().tries == 14

    def test_it_is_read_once_the_defect_is_mended(
        self, payment: Any, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(processing, "read_body", lambda _: 1 / 0)
            tells_of(payment)
            worker.process_webhooks()
        days.pass_by(1)

        worker.process_webhooks()

        assert outcomes() == ["asked"]

    def test_a_repeated_delivery_of_it_is_read_at_once(self, db: None, days: Days, unreadable_to_us: None) -> None:
        for _ in range(3):
            inbox.receive(b'{"event": "DEFECT"}', now=days.now())
            worker.process_webhooks()

        event = WebhookEvent.objects.get()
        assert (event.deliveries, event.tries) == (3, 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
class TestALockedOrder:
    """Somebody stands still for long while they hold an order's row."""

    @pytest.fixture
    def locked(self, payment: Any) -> Iterator[Callable[[], None]]:
        other = connections.create_connection("default")
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM core_paymenttransaction WHERE id = %s FOR UPDATE", [payment.transaction_id])
        yield other.rollback
        other.close()

    def test_nobody_waits_and_it_is_read_when_it_is_free(
        self, payment: Any, stranger: Caller, days: Days, locked: Callable[[], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        other = stranger.starts_rent()
        days.pass_by(5)
        tells_of(payment)
        days.pass_by(0.001)
        tells_of(other)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")

        worker.tick()

        assert outcomes() == ["waiting", "asked"]
        assert "tick_failed" not in caplog.text
        assert "webhook_not_processed" not in caplog.text
        put_off = WebhookEvent.objects.get(outcome="waiting")
        assert (put_off.tries, put_off.next_try_at) == (1, days.now() + timedelta(seconds=1))
        locked()
        days.pass_by(1)
        worker.tick()
        assert outcomes() == ["asked", "asked"]

    def test_it_is_claimed_by_nobody_and_others_are(
        self, payment: Any, stranger: Caller, days: Days, locked: Callable[[], None]
    ) -> None:
        other = order_id_of(stranger.starts_rent())
        days.pass_by(25)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")

        claims = worker.ORDERS.claim_due(due_by=days.now(), limit=10)

        assert [claim.row.merchant_order_id for claim in claims] == [other]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
class TestALockedWebhook:
    @pytest.fixture
    def holds(self, db: None) -> Iterator[Callable[[WebhookEvent], None]]:
        """Another worker holds its row, and nobody here waits for long."""
        other = connections.create_connection("default")
        other.set_autocommit(False)

        def hold(event: WebhookEvent) -> None:
            with other.cursor() as cursor:
                cursor.execute("SELECT 1 FROM core_webhookevent WHERE id = %s FOR UPDATE", [event.pk])
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")

        yield hold
        other.rollback()
        other.close()
        connection.close()

    @pytest.fixture
    def events(self, days: Days) -> list[WebhookEvent]:
        for body in (b"{}", b'{"event": "another"}'):
            inbox.receive(body, now=days.now())
        return list(WebhookEvent.objects.order_by("pk"))

    def test_it_is_left_to_that_worker(
        self, events: list[WebhookEvent], holds: Callable[[WebhookEvent], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        holds(events[0])

        assert worker.process_webhooks() == 1

        assert outcomes() == ["waiting", "ignored"]
        assert "webhook_not_processed" not in caplog.text

    def test_its_body_stays_and_others_go_to_a_file(
        self, events: list[WebhookEvent], holds: Callable[[WebhookEvent], None], days: Days, tmp_path: Path
    ) -> None:
        worker.process_webhooks()
        days.pass_by(91 * 24 * 3600)
        holds(events[0])

        assert [count for _, count in archive.archive_bodies(tmp_path, now=days.now(), days=90)] == [1]

        assert [bytes(event.body) for event in WebhookEvent.objects.order_by("pk")] == [b"{}", b""]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_comes_again_while_its_file_is_written_brings_its_body_back(
    days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comes() -> None:
        inbox.receive(b"{}", now=days.now())
        connections.close_all()

    comes()
    worker.process_webhooks()
    days.pass_by(91 * 24 * 3600)
    again, write = Thread(target=comes), archive._write

    def writes_slowly(*what: Any) -> None:
        write(*what)
        again.start()
        again.join(0.3)

    monkeypatch.setattr(archive, "_write", writes_slowly)

    assert [count for _, count in archive.archive_bodies(tmp_path, now=days.now(), days=90)] == [1]

    again.join(20)
    event = WebhookEvent.objects.get()
    assert (bytes(event.body), event.deliveries, event.archive, event.archived_at) == (b"{}", 2, "", None)


class TestTicks:
    @pytest.fixture
    def due(self, payment: Any, days: Days) -> PaymentTransaction:
        days.pass_by(25)
        return payment.transaction

    @pytest.fixture(params=[OperationalError("the database"), RuntimeError("a defect")])
    def no_webhook_can_be_read(self, request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(**_: Any) -> None:
            raise request.param

        monkeypatch.setattr(processing, "process_waiting", fails)

    @pytest.mark.parametrize("tick", [worker.tick, tasks.tick])
    def test_orders_are_checked_even_if_no_webhook_can_be_read(
        self,
        tick: Callable[[], None],
        due: PaymentTransaction,
        no_webhook_can_be_read: None,
        phonepe: PhonePe,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        tells_of(due)
        tick()

        assert len(phonepe.was_asked(due)) == 1
        assert "tick_failed" in caplog.text

    @pytest.mark.parametrize(("trouble", "has_traceback"), [(OperationalError, False), (KeyError, True)])
    def test_one_line_tells_of_the_databases_trouble_and_a_traceback_of_a_defect_of_ours(
        self,
        db: None,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        trouble: type[Exception],
        *,
        has_traceback: bool,
    ) -> None:
        def fails(**_: Any) -> None:
            raise trouble("gone")

        monkeypatch.setattr(processing, "process_waiting", fails)
        worker.tick()

        assert "gone" in caplog.text
        assert ("Traceback" in caplog.text) == has_traceback

    def test_all_is_looked_at_by_itself_if_one_look_cannot_tell(
        self,
        due: PaymentTransaction,
        phonepe: PhonePe,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """A migration holds the webhooks' table, for example."""
        tells_of(due)

        def gives_up(_now: Any) -> Any:
            raise OperationalError("lock timeout")

        monkeypatch.setattr(tasks, "what_waits", gives_up)
        tasks.tick()

        assert outcomes() == ["asked"]
        assert len(phonepe.was_asked(due)) == 1
        assert "tick_failed" in caplog.text

    @pytest.mark.parametrize("tick", [worker.tick, tasks.tick])
    def test_refunds_are_checked_even_if_orders_cannot_be(
        self,
        tick: Callable[[], None],
        due: PaymentTransaction,
        owner: Caller,
        stranger: Caller,
        phonepe: PhonePe,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        phonepe.pays(due)
        worker.tick()
        owner.post(f"/api/payments/{due.payment.pk}/refund/", {"reason": "Too much"})
        stranger.starts_rent()
        days.pass_by(3600)
        claim_due = worker.Work.claim_due

        def fails_for_orders(work: worker.Work, **how: Any) -> Any:
            assert work.share == 1, "a defect"
            return claim_due(work, **how)

        monkeypatch.setattr(worker.Work, "claim_due", fails_for_orders)
        tick()

        assert len(phonepe.simulator.calls_to("refund_status")) == 1
        assert caplog.text.count("tick_failed") == 1

    def test_a_tick_without_its_broker_checks_all_by_itself(
        self, db: None, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        make_open_orders(25, phonepe)
        days.pass_by(25)
        PaymentTransaction.objects.update(next_check_at=days.now(), asked_at=None)

        def gone(*_: Any, **__: Any) -> None:
            raise BrokerGone("no broker")

        monkeypatch.setattr(tasks.drain, "apply_async", gone)
        tasks.tick()

        assert len(phonepe.was_asked()) == 25
        assert "no broker" in caplog.text

    def test_the_worst_row_does_not_stop_the_rest(
        self, db: None, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        orders = make_open_orders(5, phonepe)
        for order in orders:
            phonepe.pays(order)
        days.pass_by(25)
        apply = order_status.apply_order_status

        def fails_for_one(report: Any, **how: Any) -> Any:
            assert report.merchant_order_id != orders[2].merchant_order_id, "a defect"
            return apply(report, **how)

        monkeypatch.setattr(order_status, "apply_order_status", fails_for_one)
        tally = worker.run(worker.ORDERS, everything=False)

        assert (tally.final, tally.failed) == (4, 1)
        assert "check_failed" in caplog.text

    def test_answers_that_cannot_be_noted_together_are_noted_one_by_one(
        self, db: None, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Another transaction holds one of the rows for so long that the statement gives up."""
        orders = make_open_orders(5, phonepe)
        worker.do_all(worker.ORDERS, worker.Tally(), asked_before=days.now())
        days.pass_by(30)
        PaymentTransaction.objects.update(next_check_at=days.now(), asked_at=None, check_count=0)
        note = ReconciledQuerySet.note_pending

        def is_held(rows: Any, checked: Any, **how: Any) -> None:
            if orders[2].pk in [pk for pk, *_ in checked]:
                raise OperationalError("lock timeout")
            note(rows, checked, **how)

        monkeypatch.setattr(ReconciledQuerySet, "note_pending", is_held)
        worker.tick()

        noted = PaymentTransaction.objects.order_by("pk").values_list("check_count", flat=True)
        assert list(noted) == [1, 1, 0, 1, 1]
        assert caplog.text.count("answer_not_noted") == 1


class TestLoop:
    def test_it_goes_on_whatever_goes_wrong(
        self, payment: Any, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        troubles = iter([OperationalError("the database"), TypeError("a defect")])
        process = processing.process_waiting

        def fails_twice(**how: Any) -> int:
            if trouble := next(troubles, None):
                raise trouble
            return process(**how)

        monkeypatch.setattr(processing, "process_waiting", fails_twice)
        days.pass_by(25)
        tells_of(payment)
        self._loops(monkeypatch, times=3)

        assert outcomes() == ["settled"] or outcomes() == ["asked"]
        assert len(phonepe.was_asked(payment)) == 1
        assert caplog.text.count("tick_failed") == 2

    def test_the_loop_gives_signs_of_life(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
        sign = tmp_path / "reconcile-alive"
        settings.HEARTBEAT_FILE = str(sign)
        monkeypatch.setattr(reconciling, "tick", lambda: None)

        self._loops(monkeypatch, times=1)

        assert sign.exists()

    def _loops(self, monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
        turns = iter([False] * times + [True])

        class Stop:
            def wait(self, _: float) -> bool:
                return next(turns)

        monkeypatch.setattr(reconciling, "Event", Stop)
        monkeypatch.setattr(reconciling, "close_old_connections", lambda: None)  # ours is in a test's transaction
        monkeypatch.setattr(reconciling.signal, "signal", lambda *_: None)
        call_command("reconcile_pending_payments", "--loop")


def test_no_log_line_names_a_second_event() -> None:
    """structlog calls its first argument `event`: a field of that name is a TypeError, where something went wrong."""
    wrong = [
        f"{path}:{node.lineno}"
        for package in ("core", "zelton_backend")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical", "bind"}
        and any(keyword.arg == "event" for keyword in node.keywords)
    ]

    assert not wrong
