"""The same facts at once, from many threads with connections of their own, on the database's real locks."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import StringIO
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread, Timer
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from requests import PreparedRequest, Response
from time_machine import Traveller

from core.errors import AlreadyReversed, InvalidField
from core.models import (
    ChangeCause,
    Destination,
    JournalEntry,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    PricingPlan,
    Reconciliation,
    Refund,
    RentCharge,
    Settlement,
    SettlementLine,
    Side,
    StateChange,
    SubscriptionPeriod,
    SuspensePlacement,
    Tenancy,
    WebhookEvent,
)
from core.services import audit, phonepe_service, worker
from core.services.ledger import posting
from core.services.ledger.suspense import open_sources, place_suspense
from core.services.locks import wait_turn
from core.services.refunds import by_hand, dashboard, refund_status
from core.services.rent.charges import raise_charges
from core.services.rent.corrections import change_dates, reverse_charge
from core.services.settlements import importing
from core.services.subscriptions.changing import cancel
from core.services.subscriptions.renewing import renew_due
from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.at_once import at_once
from tests.dashboard import refunded_without_us
from tests.deliveries import delivers
from tests.people import Caller, make_plan
from tests.phonepe import WEBHOOK, Days, PhonePe, settles
from tests.refunds import refunds
from tests.subscriptions import changes_plan, pays_a_period

pytestmark = pytest.mark.django_db(transaction=True)


def letter(event: str, payment: Payment, state: str, amount: int = 15_000_00) -> Callable[[], Any]:
    """Return a delivery of a webhook as PhonePe would send it."""
    payload = {"merchantOrderId": payment.merchant_order_id, "state": state, "amount": amount}
    body = json.dumps({"event": event, "payload": payload})
    header = sha256(b"zelton_hooks:hooks4tests").hexdigest()
    return lambda: Client().post(WEBHOOK, body, content_type="application/json", headers={"Authorization": header})


class TestWebhooksAtOnce:
    def test_sixty_mixed_with_their_opposite_complete_once(
        self, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.pass_by(5)
        paid = letter("checkout.order.completed", payment, "COMPLETED")
        failed = letter("checkout.order.failed", payment, "FAILED")

        answers = at_once(*[paid, failed] * 8, *[worker.tick] * 4)
        for _ in range(22):
            at_once(paid, failed)
        days.tick_for(5)

        assert {answer.status_code for answer in answers[:16]} == {200}
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert StateChange.objects.filter(new="completed").count() == 1
        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1
        assert sum(WebhookEvent.objects.values_list("deliveries", flat=True)) == 60


class TestImportsAtOnce:
    def test_a_payment_counts_in_one_of_two_settlements(
        self, phonepe: PhonePe, payment: Payment, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        settlement_id = settles(phonepe, days).settlement_id
        report = str(phonepe.simulator.settlement_report(None, "csv"))
        both_have_judged, keep = Barrier(2), importing._keep

        def keep_late(*judged: Any) -> None:
            with suppress(BrokenBarrierError):
                both_have_judged.wait(1)
            keep(*judged)

        monkeypatch.setattr(importing, "_keep", keep_late)
        files = []
        for name in (settlement_id, "ANOTHER"):
            (path := tmp_path / name).write_text(report.replace(settlement_id, name))
            files.append(str(path))

        at_once(*[partial(call_command, "import_settlement", path, stdout=StringIO()) for path in files])

        assert sorted(SettlementLine.objects.values_list("outcome", flat=True)) == ["matched", "repeated"]
        call_command("check_books", stdout=StringIO())

    def test_a_line_that_comes_free_counts_once_though_another_report_names_it_just_now(
        self, phonepe: PhonePe, payment: Payment, days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        settlement_id = settles(phonepe, days).settlement_id
        report = json.loads(str(phonepe.simulator.settlement_report(None, "json")))
        both_have_judged, is_free, keep = Barrier(2), Event(), importing._keep

        def keep_late(imported: Any, before: Any) -> None:
            if imported.settlement.settlement_id != settlement_id:
                with suppress(BrokenBarrierError):
                    both_have_judged.wait(0.5)
            keep(imported, before)
            is_free.set()

        def imports(name: str, *, is_empty: bool = False) -> None:
            [settlement] = report["settlements"]
            lines = [] if is_empty else settlement["transactions"]
            told = {**settlement, "settlementId": name, "transactions": lines}
            (path := tmp_path / f"{name}{is_empty}").write_text(json.dumps({"settlements": [told]}))
            call_command("import_settlement", str(path), stdout=StringIO())

        def imports_third() -> None:
            is_free.wait(5)
            imports("THIRD")

        imports(settlement_id)
        imports("SECOND")
        monkeypatch.setattr(importing, "_keep", keep_late)

        at_once(partial(imports, settlement_id, is_empty=True), imports_third)

        assert sorted(SettlementLine.objects.values_list("outcome", flat=True)) == ["matched", "repeated"]
        call_command("check_books", stdout=StringIO())

    def test_who_does_not_get_his_turn_is_told_to_come_again(
        self, phonepe: PhonePe, payment: Payment, days: Days, tmp_path: Path
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        settles(phonepe, days)
        (path := tmp_path / "report").write_text(str(phonepe.simulator.settlement_report(None, "csv")))

        def imports() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET lock_timeout = '50ms'" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 50"
                )
            with pytest.raises(CommandError, match="run it again"):
                call_command("import_settlement", str(path), stdout=StringIO())

        with transaction.atomic():
            wait_turn("settlements")  # SQLite: nobody else writes now
            at_once(imports)

        assert not SettlementLine.objects.exists()


class TestTapsAtOnce:
    def test_eight_taps_give_one_pay_page(self, tenant: Caller, phonepe: PhonePe) -> None:
        answers = at_once(*[lambda: tenant.starts_rent()] * 8)

        assert sorted({answer.status_code for answer in answers}) == [200, 201]
        assert len({answer.json()["redirect_url"] for answer in answers}) == 1
        assert len(phonepe.orders_taken()) == 1
        assert Payment.objects.count() == 1

    def test_one_key_at_once_has_one_effect(self, tenant: Caller, phonepe: PhonePe) -> None:
        answers = at_once(*[lambda: tenant.starts_rent(key="tap-1")] * 6)

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len(phonepe.orders_taken()) == 1

    def test_taps_for_different_amounts_leave_one_current_order(self, tenant: Caller, phonepe: PhonePe) -> None:
        answers = at_once(*[lambda amount=amount: tenant.starts_rent(f"{amount}.00") for amount in (5000, 6000, 7000)])

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert Payment.objects.filter(status="pending").count() == 1


class TestAskingAtOnce:
    def test_many_verifies_ask_once(self, tenant: Caller, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        days.pass_by(10)

        answers = at_once(*[lambda: tenant.verifies(payment.merchant_order_id)] * 10)

        assert {answer.json()["state"] for answer in answers} == {"PENDING"}
        assert len(phonepe.was_asked(payment)) == 1

    def test_many_who_find_a_question_yet_to_come_ask_once(
        self, tenant: Caller, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        PaymentTransaction.objects.update(asked_at=days.now() + timedelta(hours=1))

        at_once(*[lambda: tenant.verifies(payment.merchant_order_id)] * 10)

        assert len(phonepe.was_asked(payment)) == 1

    def test_many_ticks_check_a_due_order_once(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        days.pass_by(20)

        at_once(*[worker.tick] * 6)

        assert len(phonepe.was_asked(payment)) == 1
        order = PaymentTransaction.objects.get()
        assert order.next_check_at == order.initiated_at + timedelta(seconds=23)


class TestMoneyAtOnce:
    def test_two_orders_paid_at_once_are_one_rent_and_one_surplus(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        first = tenant.starts_rent("15000.00").json()["merchant_order_id"]
        days.pass_by(5)
        second = tenant.starts_rent("14000.00").json()["merchant_order_id"]
        for order in (first, second):
            phonepe.pays(order)
        days.pass_by(5)

        at_once(*[lambda: tenant.verifies(first), lambda: tenant.verifies(second)] * 3)

        orders = PaymentTransaction.objects.order_by("pk")
        assert [order.state for order in orders] == ["COMPLETED", "COMPLETED"]
        surplus = sum(order.surplus_paise for order in orders)
        assert surplus == 14_000_00  # whichever came first, all beyond the rent is surplus, to the paisa
        assert orders.filter(reconciliation_status=Reconciliation.SURPLUS).count() == 1
        assert Refund.objects.get().amount_paise == 14_000_00

    def test_a_subscription_paid_and_told_from_everywhere_opens_one_period(
        self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days
    ) -> None:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        order = owner.post("/api/owner-subscriptions/initiate-payment/", body).json()["merchant_order_id"]
        phonepe.pays(order)
        days.pass_by(20)
        verify = f"/api/owner-subscriptions/verify-payment/{order}/"

        at_once(*[lambda: owner.get(verify), worker.tick, phonepe.delivers] * 3)
        days.tick_for(5)

        assert OwnerSubscriptionPayment.objects.get().status == "completed"
        assert SubscriptionPeriod.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
class TestSubscriptionsAtOnce:
    @pytest.fixture
    def starter(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> OwnerSubscription:
        pays_a_period(owner, plan, phonepe)
        return OwnerSubscription.objects.get()

    def while_it_is_cancelled(self, starter: OwnerSubscription, does: Callable[[], Any], *, now: datetime) -> Any:
        """Let something begin while a cancellation is not yet committed, and return what came of it."""
        came = []

        def does_it() -> None:
            came.append(does())
            connection.close()

        waiting = Thread(target=does_it)
        with transaction.atomic():
            cancel(starter.owner, now=now)
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive()
        waiting.join(20)
        return came[0]

    def test_a_change_of_plan_does_not_undo_a_cancellation(
        self, starter: OwnerSubscription, owner: Caller, days: Days
    ) -> None:
        nano = make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00)

        refused = self.while_it_is_cancelled(starter, partial(changes_plan, owner, nano), now=days.now())

        assert (refused.status_code, refused.json()["code"]) == (409, "no_subscription")
        starter.refresh_from_db()
        assert (starter.cancel_at_period_end, starter.next_plan) == (True, None)

    def test_the_clock_ends_what_is_being_cancelled(self, starter: OwnerSubscription, traveller: Traveller) -> None:
        ends_at = SubscriptionPeriod.objects.get().ends_at
        traveller.move_to(ends_at)

        done = self.while_it_is_cancelled(starter, partial(renew_due, now=ends_at), now=ends_at - timedelta(seconds=1))

        assert (done.failed, done.steps) == (0, {"cancelled": 1})
        starter.refresh_from_db()
        assert starter.status == "cancelled"


class TestRefundsAtOnce:
    def test_two_never_give_back_more_than_came(
        self, owner: Caller, operator: Caller, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        path, body = f"/api/payments/{payment.pk}/refund/", {"amount": "10000.00", "reason": "Both at once"}

        answers = at_once(*[lambda: owner.post(path, body), lambda: operator.post(path, body)] * 3)

        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409, 409]
        assert len(phonepe.simulator.calls_to("refund")) == 1
        assert PaymentTransaction.objects.get().refunding_paise == 10_000_00

    def test_a_refund_told_from_everywhere_is_done_once(
        self, owner: Caller, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "10000.00", "reason": "CheckResult often"})
        days.pass_by(30)

        at_once(*[worker.tick, phonepe.delivers, worker.tick] * 2)
        days.tick_for(5)

        assert Refund.objects.get().state == "COMPLETED"
        assert JournalEntry.objects.filter(source__endswith=":done").count() == 1
        assert StateChange.objects.filter(what="refund").count() == 1

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    @pytest.mark.parametrize(("module", "writing"), [(refund_status, "_finish"), (by_hand, "_close")])
    def test_nobody_begins_to_ask_about_one_while_it_ends(
        self,
        owner: Caller,
        phonepe: PhonePe,
        payment: Payment,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        module: Any,
        writing: str,
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.simulator.change_settings(refund_outcome="pending")
        refund = refunds(owner, payment, "10000.00")
        days.pass_by(10)
        write, claimed = getattr(module, writing), []

        def claims() -> list[Any]:
            return worker.REFUNDS.claim_due(due_by=days.now() + timedelta(days=1), limit=10)

        def writes_late(*about: Any, **how: Any) -> None:
            claimed.extend(at_once(claims))
            write(*about, **how)

        monkeypatch.setattr(module, writing, writes_late)
        if module is refund_status:
            phonepe.simulator.conclude_refund(refund.merchant_refund_id, "success")
            refund_status.ask_now(refund, cause=ChangeCause.COMMAND)
        else:
            phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
            by_hand.close_refund(refund, is_paid=True, by="operator", reason="Paid", now=days.now(), timeout=3)

        assert claimed == [[]]
        refund.refresh_from_db()
        assert (refund.state, refund.next_check_at) == ("COMPLETED", None)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    def test_what_a_webhook_tells_while_a_refund_is_called_unknown_is_not_forgotten(
        self, phonepe: PhonePe, payment: Payment, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def tells(note: str) -> None:
            payload = {"merchantRefundId": "DASHBOARD-1", "state": "COMPLETED", "note": note}
            delivers(json.dumps({"event": "pg.refund.completed", "payload": payload}).encode())

        def is_made() -> None:
            refunded_without_us(phonepe, payment, "DASHBOARD-1", 1_000_00)
            tells("it is made now")
            worker.process_webhooks()

        def alerts_late(*about: Any, **how: Any) -> None:
            monkeypatch.setattr(dashboard, "alert", alert)
            at_once(is_made)
            alert(*about, **how)

        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.reachable = False
        tells("too early")
        alert = dashboard.alert
        monkeypatch.setattr(dashboard, "alert", alerts_late)
        worker.tick()
        days.tick_for(10)

        assert Refund.objects.get().merchant_refund_id == "DASHBOARD-1"


class TestSuspenseAtOnce:
    """What nobody else's row is locked for: a refund of no payment of ours, and parts of a payout that cancel out."""

    def a_refund(self, now: datetime) -> None:
        posting.record_unknown_refund(("OMR-1", "BACK-1"), "NOBODYS", 1_000_00, at=now)

    def parts_of_a_payout(self, now: datetime) -> None:
        payout = Settlement.objects.create(settlement_id="S-1", state="PROCESSED", has_report=True, imported_at=now)
        for kind, paise in (("PAYMENT", 1_000_00), ("CHARGEBACK", -1_000_00)):
            SettlementLine.objects.create(
                settlement=payout, type=kind, phonepe_id=kind, amount_paise=paise, fee_paise=0, tax_paise=0,
                net_paise=paise, outcome="unknown",
            )  # fmt: skip

    @pytest.mark.parametrize(("came", "side"), [("a_refund", None), ("parts_of_a_payout", Side.MISSING)])
    def test_six_people_who_place_the_same_money_place_it_once(
        self, operator: Caller, came: str, side: Side | None
    ) -> None:
        with transaction.atomic():
            getattr(self, came)(timezone.now())
        [source] = open_sources()

        def writes_off() -> str:
            how = {"by": operator.user, "reason": "Nobody asks for it", "now": timezone.now()}
            try:
                place_suspense(source, destination=Destination.WRITTEN_OFF, amount_paise=1_000_00, side=side, **how)
            except InvalidField:
                return "too late"
            return "placed"

        assert sorted(at_once(*[writes_off] * 6)) == ["placed", *["too late"] * 5]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    @pytest.mark.parametrize("whose", ["order", "payout"])
    def test_nobody_places_it_while_somebody_corrects_what_it_belongs_to(self, payment: Payment, whose: str) -> None:
        now, how = timezone.now(), dict[str, Any](destination=Destination.WRITTEN_OFF)
        with transaction.atomic():
            Settlement.objects.create(settlement_id="S-0", state="PROCESSED", has_report=True, imported_at=now)
            if whose == "order":
                posting.record_suspense(payment.merchant_order_id, 1_000_00, at=now)
            else:
                self.parts_of_a_payout(now)
                how["side"] = Side.MISSING
        [source] = open_sources()
        row = {
            "order": PaymentTransaction.objects.filter(merchant_order_id=payment.merchant_order_id),
            "payout": Settlement.objects.filter(settlement_id="S-1"),
        }[whose]

        def places() -> None:
            place_suspense(source, amount_paise=1_000_00, by="operator", reason="Nobody asks for it", now=now, **how)
            connection.close()

        placing = Thread(target=places)
        with transaction.atomic():
            row.select_for_update().get()
            placing.start()
            placing.join(0.5)
            assert not SuspensePlacement.objects.exists()
            assert placing.is_alive()
        placing.join(20)
        assert SuspensePlacement.objects.exists()

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    def test_who_places_it_on_a_tenancy_waits_for_that_before_the_order_as_everybody_does(
        self, payment: Payment, tenancy: Tenancy
    ) -> None:
        now = timezone.now()
        with transaction.atomic():
            posting.record_suspense(payment.merchant_order_id, 1_000_00, at=now)
        [source] = open_sources()
        how = {"destination": Destination.TENANCY, "tenancy": tenancy, "by": "operator", "reason": "Theirs", "now": now}

        def places() -> None:
            place_suspense(source, amount_paise=1_000_00, **how)
            connection.close()

        placing = Thread(target=places)
        with transaction.atomic():
            Tenancy.objects.select_for_update().get(pk=tenancy.pk)
            placing.start()
            placing.join(0.5)
            assert placing.is_alive()
            PaymentTransaction.objects.select_for_update(nowait=True).get()
        placing.join(20)
        assert SuspensePlacement.objects.exists()

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    @pytest.mark.parametrize("how", ["imported", "compared anew"])
    def test_nor_while_the_settlement_that_it_came_with_is_looked_at(
        self, db: None, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now, keep = timezone.now(), importing._keep
        with transaction.atomic():
            self.parts_of_a_payout(now)
        [source] = open_sources()

        def places() -> None:
            where = {"destination": Destination.WRITTEN_OFF, "side": Side.MISSING, "amount_paise": 1_000_00}
            place_suspense(source, by="operator", reason="Nobody asks for it", now=now, **where)
            connection.close()

        placing = Thread(target=places)

        def keeps_late(*judged: Any) -> None:
            placing.start()
            placing.join(0.5)
            assert not SuspensePlacement.objects.exists()
            assert placing.is_alive()
            keep(*judged)

        monkeypatch.setattr(importing, "_keep", keeps_late)
        if how == "imported":
            (path := tmp_path / "answer").write_text(json.dumps({"settlementId": "S-1", "state": "PROCESSED"}))
            call_command("import_settlement", str(path), stdout=StringIO())
        else:
            importing.match_again(Settlement.objects.all(), now=now)

        placing.join(20)
        assert SuspensePlacement.objects.exists()


class TestNoCallInsideATransaction:
    @pytest.fixture
    def watched(self, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
        inside: list[bool] = []

        class Watching(SimulatorAdapter):
            def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
                inside.append(connection.in_atomic_block)
                return super().send(request, **kwargs)

        monkeypatch.setattr(phonepe_service, "Transport", lambda **_: Watching(phonepe.simulator))
        return inside

    def test_no_transaction_is_open_while_the_network_is_waited_for(
        self, tenant: Caller, phonepe: PhonePe, watched: list[bool], days: Days
    ) -> None:
        first = tenant.starts_rent("15000.00")
        days.tick_for(25)
        tenant.starts_rent("14000.00")
        days.pass_by(4)
        tenant.verifies(first.json()["merchant_order_id"])
        phonepe.pays(first)
        phonepe.delivers()
        days.tick_for(5)

        assert len(watched) > 6
        assert not any(watched)


class TestATapDuringTheCall:
    @pytest.fixture
    def slow_phonepe(self, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
        """PhonePe takes the order (first event) and answers when it is let (second event)."""
        calling, answer = Event(), Event()

        class Slow(SimulatorAdapter):
            def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
                if request.url and request.url.endswith("/pay"):
                    calling.set()
                    answer.wait(10)
                return super().send(request, **kwargs)

        monkeypatch.setattr(phonepe_service, "Transport", lambda **_: Slow(phonepe.simulator))
        return calling, answer

    def test_it_waits_and_gets_the_same_page(
        self, tenant: Caller, phonepe: PhonePe, slow_phonepe: tuple[Event, Event]
    ) -> None:
        calling, answer = slow_phonepe

        def second() -> Any:
            calling.wait(10)
            Timer(0.3, answer.set).start()
            return tenant.starts_rent()

        first, again = at_once(tenant.starts_rent, second)

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["redirect_url"] == again.json()["redirect_url"]
        assert len(phonepe.orders_taken()) == 1

    def test_it_is_told_to_come_back_when_that_takes_too_long(
        self, tenant: Caller, phonepe: PhonePe, slow_phonepe: tuple[Event, Event], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.services.payments.checkout.WAIT_FOR_ANOTHER_TAP", 0.2)
        calling, answer = slow_phonepe

        def second() -> Any:
            calling.wait(10)
            try:
                return tenant.starts_rent()
            finally:
                answer.set()

        first, again = at_once(tenant.starts_rent, second)

        assert (first.status_code, again.status_code) == (201, 409)
        assert again.json()["code"] == "still_running"
        assert int(again["Retry-After"]) > 0
        assert Payment.objects.count() == 1


class TestRentAtOnce:
    def test_from_many_sides_a_month_is_charged_once(self, tenancy: Tenancy, days: Days) -> None:
        days.pass_by(60 * 24 * 3600)

        raised = at_once(*[partial(raise_charges, through=date(2026, 6, 9))] * 6)

        assert sum(each.new for each in raised) == 2
        assert list(RentCharge.objects.order_by("month").values_list("month", flat=True)) == [
            date(2026, month, 1) for month in (4, 5, 6)
        ]
        assert JournalEntry.objects.filter(source__startswith="charge:").count() == 3

    def test_two_people_who_reverse_a_charge_reverse_it_once(self, tenancy: Tenancy, operator: Caller) -> None:
        def lets_off() -> str:
            charge = RentCharge.objects.get()
            try:
                reverse_charge(charge, reason="The roof leaked", by=operator.user, now=timezone.now())
            except AlreadyReversed:
                return "too late"
            return "reversed"

        assert sorted(at_once(*[lets_off] * 6)) == ["reversed", *["too late"] * 5]
        assert tenancy.outstanding_paise() == 0
        assert not list(audit.differences())

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    def test_who_ends_a_tenancy_otherwise_meanwhile_corrects_what_was_made_of_it(
        self, tenancy: Tenancy, operator: Caller
    ) -> None:
        """One person lets the tenancy end with 15 April, and while that is under way another lets it go on."""
        moves = partial(change_dates, tenancy, starts_on=tenancy.starts_on, by=operator.user, now=timezone.now())

        def goes_on() -> None:
            moves(ends_on=None, reason="Stays after all")
            connection.close()

        going_on = Thread(target=goes_on)
        with transaction.atomic():
            Tenancy.objects.select_for_update().get()
            going_on.start()
            going_on.join(0.5)
            moves(ends_on=date(2026, 4, 15), reason="Moved out early")
            assert tenancy.outstanding_paise() == 7_500_00
        going_on.join(20)

        assert tenancy.outstanding_paise() == 15_000_00
        assert not list(audit.differences())
