"""manage.py check_books, and resolve_mismatch"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import tasks
from core.db.append_only import protect, unprotect
from core.management.commands import check_books
from core.models import (
    Alert,
    AlertKind,
    BooksProof,
    EntryKind,
    JournalEntry,
    LedgerLine,
    LedgerTotal,
    Payment,
    PaymentTransaction,
    Refund,
    RentCharge,
    Settlement,
    StateChange,
    User,
    WebhookEvent,
)
from core.models.ledger_accounts import PHONEPE_CLEARING, RENT_BILLED, SUSPENSE
from core.services import audit, worker
from core.services.ledger import balances, posting, proofs
from core.services.operations.alerts import alert
from core.services.rent.charges import raise_charges
from phonepe_simulator import Fault
from tests.bars import bars_of
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from tests.refunds import refunds


@pytest.fixture
def busy(owner: Caller, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """Rent that came, and a part of it that went back."""
    phonepe.pays(payment)
    days.tick_for(21)
    owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
    days.pass_by(3600)
    worker.tick()
    return payment


NOT_FINISHED = {"state": "PENDING", "finished_at": None, "reconciliation_status": "open"}


def is_reversed() -> None:
    """Reverse the charge behind the books' back."""
    by = {"reversed_by": User.objects.first(), "reversal_cause": "person", "reversal_reason": "Because"}
    RentCharge.objects.update(reversed_at=timezone.now(), **by)


def is_paid_no_more(captured_paise: int, status: str) -> None:
    """Change what an order captured, and what its payment says, behind the books' back."""
    PaymentTransaction.objects.update(captured_paise=captured_paise, refunding_paise=0)
    Payment.objects.update(status=status)


def never_came() -> None:
    """Take back behind the books' back that the order was paid, but not that its payment is."""
    PaymentTransaction.objects.update(state="PENDING", paid_at=None, captured_paise=0, refunding_paise=0)


def loses_its_lines(source: str) -> None:
    connection.check_constraints()  # what PostgreSQL looks at when a transaction ends: before, and not after
    unprotect(connection)
    LedgerLine.objects.filter(entry__source=source).delete()
    protect(connection)


def posts_one_more(kind: EntryKind, name: Any) -> None:
    posting.post(kind, str(name), "Made up", {RENT_BILLED: 100, SUSPENSE: -100}, at=timezone.now())


DIFFERENCES: list[tuple[Callable[[], object], str]] = [
    (lambda: PaymentTransaction.objects.update(captured_paise=15_000_01), "captured ₹15,000.01"),
    (lambda: PaymentTransaction.objects.update(captured_paise=14_999_99), "captured ₹14,999.99"),
    (lambda: PaymentTransaction.objects.update(refunding_paise=1), "counts ₹0.01 as refunding"),
    (lambda: Refund.objects.update(**NOT_FINISHED), "the ledger says it has done"),
    (lambda: Refund.objects.update(amount_paise=4_000_00), "Refund ZLR-"),
    (lambda: Payment.objects.update(status="failed"), "is failed, its order captured ₹15,000.00."),
    (lambda: is_paid_no_more(1, "failed"), "is failed, its order captured ₹0.01."),
    (lambda: never_came(), "is partially_refunded, its order captured ₹0.00."),
    (lambda: RentCharge.objects.update(amount_paise=15_000_01), "is ₹15,000.01, the ledger says ₹15,000.00"),
    (lambda: is_reversed(), "of ₹15,000.00 is reversed, the ledger says that ₹0.00 of it are reversed"),
    (
        lambda: posts_one_more(EntryKind.REVERSAL, RentCharge.objects.get().pk),
        "stands, the ledger says",
    ),
    (lambda: posts_one_more(EntryKind.CAPTURE, "ZLT-x"), "Entry capture:ZLT-x is about nothing we know"),
    (lambda: posts_one_more(EntryKind.PLACING, "ZLT-x"), "Entry placing:ZLT-x is about nothing we know"),
    (lambda: posts_one_more(EntryKind.SUSPENSE, "ZLT-x"), "Entry suspense:ZLT-x is about nothing we know"),
    (lambda: posts_one_more(EntryKind.PLACEMENT, 1), "Entry placement:1 is about nothing we know"),
    (lambda: posts_one_more(EntryKind.SETTLEMENT, "S-1"), "Entry settlement:S-1 is about nothing we know"),
    (lambda: posts_one_more(EntryKind.CHARGE, 999_999), "Entry charge:999999 is about nothing we know"),
    (lambda: posts_one_more(EntryKind.CHARGE, "no number"), "Entry charge:no number is about nothing we know"),
    (lambda: posts_one_more(EntryKind.REVERSAL, 999_999), "Entry reversal:999999 is about nothing we know"),
]


def checked(*options: str) -> str:
    out = StringIO()
    call_command("check_books", *options, stdout=out)
    return out.getvalue()


def differs(*options: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_books", *options, stdout=out)
    return out.getvalue()


class TestCheckBooks:
    def test_books_of_a_busy_month_balance(self, busy: Payment) -> None:
        assert "The books balance." in checked()

    def test_it_speaks_json(self, busy: Payment) -> None:
        out = StringIO()
        call_command("check_books", "--json", stdout=out)
        said = json.loads(out.getvalue())
        assert said["balanced"] is True
        assert said["totals_paise"]["phonepe_clearing"] == 10_000_00

    @pytest.mark.parametrize(("tamper", "named"), DIFFERENCES)
    def test_a_difference_is_named_to_the_paisa(self, busy: Payment, tamper: Any, named: str) -> None:
        tamper()
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("check_books", stdout=out)
        assert named in out.getvalue()
        assert Alert.objects.get().kind == "books"

    def test_each_is_compared_with_its_own_entries(
        self, busy: Payment, stranger: Caller, other_owner: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        order = order_id_of(stranger.starts_rent("9000.00"))
        phonepe.pays(order)
        days.tick_for(21)
        other = Payment.objects.get(merchant_order_id=order)
        for amount in ("100.00", "200.00"):
            refunds(other_owner, other, amount)
            days.tick_for(60)
        held = order_id_of(stranger.starts_rent("3000.00"))
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_00))
        phonepe.pays(held)
        days.tick_for(21)

        assert "The books balance." in checked()

    @pytest.mark.parametrize(
        ("tamper", "named"),
        [
            ({"reconciliation_status": "open"}, "is open and not paid, the ledger holds ₹14,000.00 of it in suspense"),
            ({"reconciliation_status": "mismatch"}, "is mismatch and not paid, the ledger holds ₹0.00"),
        ],
    )
    def test_what_is_in_suspense_is_for_an_operator_and_only_that(
        self, payment: Payment, phonepe: PhonePe, days: Days, tamper: dict[str, str], named: str
    ) -> None:
        if tamper["reconciliation_status"] == "open":
            phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
            phonepe.pays(payment)
            days.tick_for(21)
            assert "The books balance." in checked()
        PaymentTransaction.objects.update(**tamper)

        assert named in differs()

    def test_a_single_paisa_in_suspense_is_no_difference(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-14_999_99))
        phonepe.pays(payment)
        days.tick_for(21)

        assert LedgerLine.objects.get(account=SUSPENSE).amount_paise == -1
        assert "The books balance." in checked()

    def test_nor_is_an_order_of_which_nothing_came_after_all_beside_one_of_which_something_did(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
        phonepe.pays(payment)
        phonepe.pays(order_id_of(stranger.starts_rent("9000.00")))
        days.tick_for(21)
        order = phonepe.simulator.orders[payment.merchant_order_id]
        order.state = type(order.state).FAILED
        days.tick_for(10)

        entries = JournalEntry.objects.filter(kind="suspense", subject=payment.merchant_order_id)
        assert entries.count() == 2
        states = PaymentTransaction.objects.order_by("pk").values_list("state", "reconciliation_status")
        assert list(states) == [("FAILED", "settled"), ("PENDING", "mismatch")]
        assert "The books balance." in checked()

    def test_its_alert_names_the_first_three_differences(self, db: None) -> None:
        for name in "abcd":
            posts_one_more(EntryKind.CAPTURE, name)

        found = audit.check_and_alert(now=timezone.now())

        assert sorted(found) == [f"Entry capture:{name} is about nothing we know." for name in "abcd"]
        assert Alert.objects.get().sentence == f"4 differences: {' '.join(found[:3])}"

    def test_it_asks_as_often_for_many_as_for_few(self, busy: Payment) -> None:
        with CaptureQueriesContext(connection) as queries:
            list(audit.differences())
        assert len(queries) <= 38


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no limit for a statement")
class TestItsPace:
    """A statement has thirty seconds elsewhere; one that compares all that there is may take minutes."""

    @pytest.fixture
    def settings_of(self, db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """How PostgreSQL goes about the statements of a check."""
        seen: dict[str, str] = {}

        def looks(_: Any) -> Iterator[str]:
            for name in ("statement_timeout", "max_parallel_workers_per_gather", "jit"):
                seen[name] = shown(name)
            return iter(())

        monkeypatch.setattr(audit, "CHECKS", (looks,))
        return seen

    def test_a_whole_comparison_takes_its_time_and_other_processes(self, settings_of: dict[str, str]) -> None:
        audit.check_and_alert(now=timezone.now(), everything=True)

        assert settings_of == {"statement_timeout": "0", "max_parallel_workers_per_gather": "2", "jit": "on"}

    def test_one_of_what_is_new_begins_no_other_process(self, settings_of: dict[str, str]) -> None:
        with transaction.atomic():
            audit.check_and_alert(now=timezone.now())  # nothing was proved yet: all of it
            kept = BooksProof.objects.values().get()
            transaction.set_rollback(True)  # what it set lasts as long as this test's transaction
        BooksProof.objects.create(**kept)
        audit.check_and_alert(now=timezone.now())

        assert settings_of == {"statement_timeout": "0", "max_parallel_workers_per_gather": "0", "jit": "off"}

    def test_so_does_who_adds_up_all_lines_and_nobody_waits_for_a_lock_longer_than_a_second(
        self, busy: Payment
    ) -> None:
        assert balances.add_up() > 0

        pace = {name: shown(name) for name in ("statement_timeout", "max_parallel_workers_per_gather", "lock_timeout")}
        assert pace == {"statement_timeout": "0", "max_parallel_workers_per_gather": "2", "lock_timeout": "1s"}


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


class TestWhatWasProvedStaysProved:
    """A night looks at what is new since the last proof; an old row that was changed is found by comparing all."""

    @pytest.fixture
    def proved(self, busy: Payment, days: Days) -> Payment:
        assert "The books balance." in checked("--new")
        days.pass_by(3 * 24 * 3600)
        return busy

    @pytest.mark.parametrize(("tamper", "named"), DIFFERENCES)
    def test_each_difference_in_what_is_new_is_found(
        self, db: None, tamper: Callable[[], object], named: str, request: pytest.FixtureRequest
    ) -> None:
        assert "The books balance." in checked("--new")  # before anything of it happened
        request.getfixturevalue("busy")
        tamper()

        assert named in differs("--new")

    @pytest.mark.parametrize(
        ("tamper", "named"),
        [
            (lambda: PaymentTransaction.objects.update(captured_paise=15_000_01), "captured ₹15,000.01"),
            (lambda: Payment.objects.update(status="failed"), "is failed, its order captured ₹15,000.00."),
        ],
    )
    def test_an_old_row_that_was_changed_is_found_on_sunday(
        self, proved: Payment, tamper: Callable[[], object], named: str
    ) -> None:
        tamper()

        assert "The books balance." in checked("--new")
        assert tasks.check_books() == 0
        assert tasks.check_all_books() == 1

        assert named in Alert.objects.get().sentence

    def test_an_old_line_that_was_changed_is_found_by_comparing_everything(self, proved: Payment) -> None:
        connection.check_constraints()  # what PostgreSQL looks at when a transaction ends: before, and not after
        unprotect(connection)
        line = LedgerLine.objects.filter(account=PHONEPE_CLEARING).earliest("pk")
        LedgerLine.objects.filter(pk=line.pk).update(amount_paise=line.amount_paise + 1)
        protect(connection)

        assert "The books balance." in checked("--new")

        said = differs()
        assert f"Entry {line.entry.source} is off by ₹0.01." in said
        assert "The totals of phonepe_clearing on 2026-04-10 are not those of its lines." in said

    def test_an_old_total_that_was_changed_is_found_the_same_night(self, proved: Payment) -> None:
        LedgerTotal.objects.filter(account=PHONEPE_CLEARING).update(debits_paise=1)

        assert "The totals of phonepe_clearing are not those that were proved" in differs("--new")

        assert "The books balance." in checked("--add-up-anew")

    def test_until_its_alert_is_resolved_every_check_compares_everything(self, proved: Payment) -> None:
        PaymentTransaction.objects.update(captured_paise=15_000_01)
        differs()

        assert "captured ₹15,000.01" in differs("--new")

        PaymentTransaction.objects.update(captured_paise=15_000_00)
        Alert.objects.update(resolved_at=timezone.now())
        assert "The books balance." in checked("--new")

        alert(AlertKind.SILENT, "ZLT-x", "Another alert", now=timezone.now())
        PaymentTransaction.objects.update(captured_paise=15_000_01)
        assert "The books balance." in checked("--new")

    def test_what_happened_within_a_day_is_looked_at_again(self, busy: Payment, days: Days) -> None:
        """Whatever changes it behind the books' back posts nothing, and leaves nothing in the history."""
        settlement = Settlement.objects.create(settlement_id="S-1", state="INITIATED", imported_at=days.now())
        assert "The books balance." in checked("--new")
        days.pass_by(3600)

        PaymentTransaction.objects.update(captured_paise=15_000_01)
        Refund.objects.update(amount_paise=4_000_00)
        is_reversed()
        settlement.state, settlement.has_report, settlement.amount_paise = "PROCESSED", True, 5
        settlement.save()
        emptied = JournalEntry.objects.get(kind="refund_done").source
        loses_its_lines(emptied)

        said = differs("--new")
        assert "captured ₹15,000.01" in said
        assert "of ₹4,000.00 has started, the ledger says ₹5,000.00." in said
        assert "is reversed, the ledger says that ₹0.00 of it are reversed" in said
        assert "Settlement S-1 should have posted ₹0.05 to bank, the ledger says ₹0.00." in said
        assert f"Entry {emptied} has no lines." in said

    def test_an_old_entry_without_lines_is_found_by_comparing_everything(self, proved: Payment) -> None:
        assert "The books balance." in checked("--new")
        loses_its_lines(f"capture:{proved.merchant_order_id}")

        assert "The books balance." in checked("--new")
        assert f"Entry capture:{proved.merchant_order_id} has no lines." in differs()

    def test_what_is_posted_for_an_old_settlement_is_compared_with_its_rows(self, busy: Payment, days: Days) -> None:
        Settlement.objects.create(settlement_id="S-1", state="INITIATED", imported_at=days.now())
        assert "The books balance." in checked("--new")
        days.pass_by(3 * 24 * 3600)
        assert "The books balance." in checked("--new")
        posts_one_more(EntryKind.SETTLEMENT, "S-1")

        assert "Settlement S-1 should have posted ₹0.00 to suspense, the ledger says -₹1.00." in differs("--new")

    def test_what_is_merely_named_like_something_new_is_not_looked_at_again(self, busy: Payment, days: Days) -> None:
        """A refund that PhonePe made has any name, and a placement has a number as charges have."""
        Settlement.objects.create(settlement_id="S-1", state="INITIATED", imported_at=days.now())
        for _ in ("all of it", "what is new"):
            assert "The books balance." in checked("--new")
            days.pass_by(3 * 24 * 3600)
        for name in (busy.merchant_order_id, Refund.objects.get().merchant_refund_id, "S-1"):
            posts_one_more(EntryKind.UNKNOWN_REFUND, name)
        posts_one_more(EntryKind.PLACEMENT, RentCharge.objects.get().pk)

        scope = proofs.what_is_new(now=days.now())
        assert scope.entries().count() == 4
        for rows in (scope.orders(), scope.refunds(), scope.charges(), scope.settlements()):
            assert not rows

    def test_where_somebody_writes_for_long_the_next_proof_begins_where_the_last_one_did(
        self, busy: Payment, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def waits_in_vain(_: Any) -> int:
            raise OperationalError("canceling statement due to lock timeout")

        def proof() -> tuple[int, ...]:
            assert audit.check_and_alert(now=days.now()) == []
            proof = BooksProof.objects.latest()
            return proof.through_line, proof.through_change, proof.through_refund, proof.through_charge

        with monkeypatch.context() as patched:
            patched.setattr(balances, "last_key", waits_in_vain)
            assert balances.add_up() == 0
            assert proof() == (0, 0, 0, 0)
        last = tuple(balances.last_key(model) for model in (LedgerLine, StateChange, Refund, RentCharge))
        assert proof() == last
        raise_charges(through=date(2026, 5, 1))
        with monkeypatch.context() as patched:
            patched.setattr(balances, "last_key", waits_in_vain)
            assert proof() == last
        assert RentCharge.objects.latest("pk").pk > last[-1]

    def test_a_night_reads_nothing_of_what_was_proved(
        self, stranger: Caller, proved: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(new := order_id_of(stranger.starts_rent("9000.00")))
        days.tick_for(21)
        scope = proofs.what_is_new(now=days.now())

        assert [order.merchant_order_id for order in scope.orders()] == [new]
        assert {entry.subject for entry in scope.entries()} == {new}
        assert not scope.refunds()
        assert not scope.charges()
        assert "The books balance." in checked("--new")
        days.pass_by(24 * 3600)  # young orders are looked at again for a day
        assert not proofs.what_is_new(now=days.now()).orders()

    @pytest.mark.parametrize("options", [(), ("--new",)])
    def test_what_is_posted_while_it_compares_is_left_to_the_next(
        self, proved: Payment, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
    ) -> None:
        add_up = balances.add_up
        monkeypatch.setattr(balances, "add_up", lambda: (add_up(), raise_charges(through=date(2026, 5, 1))))

        assert "The books balance." in checked(*options)
        assert RentCharge.objects.count() == 2

    @pytest.mark.parametrize("anew", [False, True])
    def test_so_is_what_is_added_up_meanwhile(self, busy: Payment, days: Days, anew: bool) -> None:
        def posts_and_adds_up() -> None:
            raise_charges(through=date(2026, 5, 1))
            balances.add_up(anew=anew)

        assert audit.check_and_alert(now=days.now(), done=posts_and_adds_up) == []

        assert "The books balance." in checked("--new")

    @pytest.mark.parametrize("everything", [True, False])
    def test_totals_that_are_made_anew_while_they_are_read_are_read_again(
        self, proved: Payment, monkeypatch: pytest.MonkeyPatch, everything: bool
    ) -> None:
        count = balances.counted_through

        def counted_and_then_made_anew() -> int:
            last = count()
            monkeypatch.setattr(balances, "counted_through", count)
            raise_charges(through=date(2026, 5, 1))
            assert balances.add_up(anew=True) > 0
            return last

        monkeypatch.setattr(balances, "counted_through", counted_and_then_made_anew)

        assert list(balances.differences(None if everything else BooksProof.objects.latest())) == []

    def test_the_first_charge_of_all_is_looked_at_if_it_was_never_posted(
        self, db: None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> None:
        assert "The books balance." in checked("--new")
        monkeypatch.setattr(posting, "record_charge", lambda *_, **__: None)
        request.getfixturevalue("tenancy")

        assert "is ₹15,000.00, the ledger says ₹0.00" in differs("--new")

    def test_it_tells_when_everything_was_compared_last(self, proved: Payment) -> None:
        assert "Everything was last compared on 10 Apr 2026" in checked("--new")
        assert "was last compared" not in checked()


class TestResolveMismatch:
    @pytest.fixture
    def mismatched(self, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
        phonepe.simulator.faults.add(Fault(kind="wrong_amount", call="order_status", value=-1_000_00))
        phonepe.pays(payment)
        days.tick_for(21)
        return payment

    def test_what_came_is_accepted(self, mismatched: Payment, tenant: Caller) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())

        mismatched.refresh_from_db()
        assert mismatched.status == "completed"
        assert mismatched.tenancy.outstanding_paise() == 1_000_00
        assert (
            not LedgerLine.objects.filter(account="suspense")
            .exclude(entry__source__startswith="suspense:")
            .exclude(entry__source__startswith="placing:")
        )
        assert "The books balance." in checked()
        assert tenant.starts_rent("1000.00").status_code == 201

    def test_a_webhook_about_what_was_accepted_agrees(self, mismatched: Payment, phonepe: PhonePe, days: Days) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())
        Alert.objects.all().delete()
        order = {"merchantOrderId": mismatched.merchant_order_id, "state": "COMPLETED"}

        for amount in (14_000_00, 15_000_00):
            content = {"event": "checkout.order.completed", "payload": {**order, "amount": amount}}
            assert delivers(json.dumps(content).encode()).status_code == 200
        days.tick_for(1)

        outcomes = WebhookEvent.objects.order_by("pk").values_list("outcome", flat=True)
        assert list(outcomes)[-2:] == ["settled", "contradicts"]
        assert Alert.objects.get().kind == "contradiction"

    def test_the_receipt_says_when_and_how_it_came(self, mismatched: Payment, tenant: Caller, days: Days) -> None:
        days.pass_by(3 * 24 * 3600)
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())

        shown = tenant.get(f"/api/payments/{mismatched.pk}/").json()
        assert (shown["payment_mode"], shown["paid_at"][:10]) == ("UPI_INTENT", "2026-04-10")
        assert shown["utr"]

    def test_what_came_is_sent_back(self, mismatched: Payment) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--refund", "Wrong sum", stdout=StringIO())

        refund = Refund.objects.get()
        assert (refund.kind, refund.amount_paise, refund.reason) == ("mismatch", 14_000_00, "Wrong sum")
        assert mismatched.tenancy.outstanding_paise() == 15_000_00
        assert "The books balance." in checked()

    def test_nothing_else_can_be_decided_about(self, payment: Payment) -> None:
        with pytest.raises(CommandError, match="Nothing came"):
            call_command("resolve_mismatch", payment.merchant_order_id, "--accept")
        with pytest.raises(CommandError, match="no such order"):
            call_command("resolve_mismatch", "NOBODY", "--accept")


def test_a_person_sees_how_far_the_checks_have_come(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bars = bars_of(check_books, monkeypatch)

    call_command("check_books", stdout=StringIO())

    [bar] = bars
    assert bar.n == bar.total == len(audit.CHECKS) > 1
