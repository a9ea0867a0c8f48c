"""Invariants of the simulation fail on books that break them, and hold on those that do not.

The books are made as everywhere, through the API and the simulator; then one thing is changed behind their back.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from core.models import (
    Alert,
    ChangeCause,
    EntryKind,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    PricingPlan,
    Refund,
    StateChange,
    SubscriptionPeriod,
)
from core.services.ledger import posting
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from zelton_backend.simulation import journal, whole_books
from zelton_backend.simulation.invariants import Invariants, nothing_is_unknown
from zelton_backend.simulation.violation import Violation

RENT = 15_000_00


class World:
    """One paid rent and one paid subscription, each in our books and PhonePe's."""

    def __init__(self, phonepe: PhonePe, rent: Payment, subscription: OwnerSubscriptionPayment) -> None:
        self.phonepe, self.rent, self.subscription = phonepe, rent, subscription
        names = {rent.merchant_order_id, subscription.merchant_order_id}
        self.wire = SimpleNamespace(
            wrong=[], spoken_of=set(names), told_paid=set(names), told_otherwise=set(), refunds_told_otherwise=set()
        )
        self.invariants = Invariants(phonepe.simulator, self.wire)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        return self.rent.merchant_order_id

    def look(self) -> None:
        """Look at what the step touched, and then at everything, as at the end of a story."""
        self.invariants.after_step(money_moved=True)
        whole_books.hold_at_the_end(self.invariants, self.phonepe.simulator)

    def change(self, model: type, **values: Any) -> None:
        model._default_manager.filter(transaction=self.rent.transaction).update(**values)  # type: ignore[attr-defined]

    def change_order(self, **values: Any) -> None:
        PaymentTransaction.objects.filter(pk=self.rent.transaction.pk).update(**values)

    def phonepe_has(self, *, captured: int = RENT, refunding: int = 0) -> None:
        """Let PhonePe's record of the rent be another than it is."""
        theirs = SimpleNamespace(captured=captured, refunded=0, refunding=refunding)
        self.phonepe.simulator.orders[self.name] = theirs  # type: ignore[assignment]


@pytest.fixture
def world(tenant: Caller, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days) -> World:
    phonepe.pays(order := order_id_of(tenant.starts_rent("15000.00")))
    tenant.verifies(order)
    body = {"pricing_plan_id": plan.pk, "period": "monthly"}
    phonepe.pays(bought := order_id_of(owner.post("/api/owner-subscriptions/initiate-payment/", body)))
    owner.get(f"/api/owner-subscriptions/verify-payment/{bought}/")
    made = World(phonepe, Payment.objects.get(), OwnerSubscriptionPayment.objects.get())
    assert (made.rent.status, made.subscription.status) == ("completed", "completed")
    return made


@pytest.fixture
def refunded(world: World, owner: Caller, days: Days) -> Refund:
    answer = owner.post(f"/api/payments/{world.rent.pk}/refund/", {"amount": "500.00", "reason": "Repair"})
    assert answer.status_code == 202
    days.tick_for(31)
    refund = Refund.objects.get()
    if refund.state != "COMPLETED":
        world.phonepe.simulator.tick()
        days.tick_for(61)
    refund.refresh_from_db()
    assert refund.state == "COMPLETED"
    return refund


def test_books_that_are_right_break_nothing(world: World, refunded: Refund) -> None:
    world.look()


def _wire_found_something(world: World) -> None:
    world.wire.wrong.append("PhonePe is called inside a database transaction: /pay")


def _status_undone(world: World) -> None:
    world.invariants.after_step(money_moved=True)
    world.wire.spoken_of.add(world.name)
    world.change(Payment, status="failed")


def _completed_twice(world: World) -> None:
    StateChange.objects.create(
        transaction=world.rent.transaction, what="status", old="failed", new="completed",
        cause=ChangeCause.CLOCK, at=world.rent.created_at,
    )  # fmt: skip


def _posted_again_under_another_name(world: World) -> None:
    lines = {"bank": 100, "suspense": -100}
    posting.post(EntryKind.PLACING, world.name, "Placed, though nothing waited", lines, at=world.rent.created_at)


def _captured_other_than_came(world: World) -> None:
    world.phonepe_has(captured=RENT - 100)


def _credited_on_a_webhooks_word(world: World) -> None:
    world.wire.told_paid.clear()


def _phonepe_pays_too_much_back(world: World) -> None:
    world.phonepe_has(refunding=RENT + 1)


def _counts_a_refund_that_is_none(world: World) -> None:
    world.change_order(refunding_paise=100)


def _keeps_a_surplus(world: World) -> None:
    world.change_order(surplus_paise=500_00)


def _opened_no_period(world: World) -> None:
    SubscriptionPeriod.objects.all().delete()


def _phonepe_knows_an_order_of_nobody(world: World) -> None:
    world.phonepe.simulator.orders["ZLT-nobodys"] = world.phonepe.simulator.orders[world.name]


def _expires_unfinished(world: World) -> None:
    world.change_order(next_check_at=None)
    world.change(Payment, status="pending")


def _charge_is_changed(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_rentcharge SET amount_paise = amount_paise - 20000")


BREAKS: dict[str, tuple[Callable[[World], None], str]] = {
    "a call inside a transaction": (_wire_found_something, "inside a database transaction"),
    "a paid order that is undone": (_status_undone, "completed is for ever"),
    "a second completion": (_completed_twice, "2 completions"),
    "a second entry": (_posted_again_under_another_name, "2 ledger entries"),
    "more than came to PhonePe": (_captured_other_than_came, "came to PhonePe"),
    "a credit that PhonePe never confirmed": (_credited_on_a_webhooks_word, "never said so"),
    "more paid back than came": (_phonepe_pays_too_much_back, "paise back"),
    "a refund that is counted and not there": (_counts_a_refund_that_is_none, "are counted"),
    "a surplus that stays": (_keeps_a_surplus, "came too much"),
    "a period that was not opened": (_opened_no_period, "periods are opened"),
    "an order of nobody": (_phonepe_knows_an_order_of_nobody, "not in our books"),
    "a status that the ledger contradicts": (_expires_unfinished, "completions"),
    "a charge that the ledger contradicts": (_charge_is_changed, "the books differ"),
}


@pytest.mark.parametrize(("change", "violation"), BREAKS.values(), ids=BREAKS)
def test_books_that_are_wrong_end_the_story(world: World, change: Callable[[World], None], violation: str) -> None:
    change(world)

    with pytest.raises(Violation, match=violation):
        world.look()


class TestRefunds:
    @pytest.mark.parametrize(
        ("ours", "theirs", "violation"),
        [
            ({}, {"amount": 499_00}, "another refund at PhonePe"),
            ({}, {"state": "PENDING"}, "at PhonePe"),
            ({"state": "FAILED"}, {}, "being refunded"),
        ],
    )
    def test_a_refund_that_is_another_at_phonepe(
        self, world: World, refunded: Refund, ours: dict[str, Any], theirs: dict[str, Any], violation: str
    ) -> None:
        Refund.objects.filter(pk=refunded.pk).update(**ours)
        for name, value in theirs.items():
            kind = type(getattr(world.phonepe.simulator.refunds[refunded.merchant_refund_id], name))
            setattr(world.phonepe.simulator.refunds[refunded.merchant_refund_id], name, kind(value))

        with pytest.raises(Violation, match=violation):
            world.look()

    def test_one_that_phonepe_makes_for_nobody(self, world: World, refunded: Refund) -> None:
        world.phonepe.simulator.refunds["ZLR-nobodys"] = world.phonepe.simulator.refunds[refunded.merchant_refund_id]

        with pytest.raises(Violation, match="not in our books"):
            nothing_is_unknown(world.phonepe.simulator)

    def test_a_status_that_does_not_say_what_went_back(self, world: World, refunded: Refund) -> None:
        Payment.objects.update(status="completed")

        with pytest.raises(Violation, match="went back"):
            journal.holds()


class TestInTheEnd:
    def test_nobody_is_told_of_a_refund_that_failed(self, world: World, owner: Caller, days: Days) -> None:
        refund = Refund(
            transaction=world.rent.transaction, merchant_refund_id="ZLR-failed", amount_paise=100_00, kind="requested",
            reason="Repair", state="FAILED", reconciliation_status="settled", initiated_at=days.now(),
            sent_at=days.now(), finished_at=days.now(),
        )  # fmt: skip
        refund.save()
        assert not Alert.objects.exists()

        with pytest.raises(Violation, match="there is no alert"):
            whole_books._a_person_is_told()

    def test_an_order_that_never_ends(self, world: World, tenant: Caller, days: Days) -> None:
        Payment.objects.filter(pk=world.rent.pk).update(status="pending")

        with pytest.raises(Violation, match="in the end"):
            whole_books._everything_is_final(world.phonepe.simulator)

    def test_clearing_that_holds_other_than_phonepe(self, world: World, days: Days) -> None:
        posting.post(
            EntryKind.SUSPENSE, "nothing", "Nothing", {"phonepe_clearing": 100, "suspense": -100}, at=days.now()
        )

        with pytest.raises(Violation, match="phonepe_clearing holds"):
            whole_books._both_books_say_the_same(world.phonepe.simulator)

    def test_a_surplus_that_the_journal_knows_and_the_order_does_not(self, world: World) -> None:
        PaymentTransaction.objects.filter(pk=world.rent.transaction.pk).update(surplus_paise=F("captured_paise"))

        with pytest.raises(Violation, match="by the journal"):
            journal.holds()


def without_constraints(*tables: str) -> None:
    """Lay a copy over each table that takes everything, until the test's transaction ends."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}")  # noqa: S608 - a name of the test's own


def told_twice(table: str) -> None:
    """Repeat every row of a table that has no constraints."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {table}")  # noqa: S608 - a name of the test's own


class TestWhatTheDatabaseForbids:
    """Should a constraint ever be lost, the simulation notices by itself."""

    def test_two_refunds_in_flight(self, world: World, refunded: Refund) -> None:
        without_constraints("core_refund")
        told_twice("core_refund")
        Refund.objects.update(state="PENDING")
        world.change_order(refunding_paise=2 * refunded.amount_paise)

        with pytest.raises(Violation, match="two refunds are in flight"):
            world.invariants.after_step(money_moved=True)

    @pytest.mark.parametrize(
        ("table", "payer"), [("core_payment", "tenancy"), ("core_ownersubscriptionpayment", "subscription")]
    )
    def test_two_current_orders(self, world: World, table: str, payer: str) -> None:
        without_constraints(table)
        told_twice(table)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET status = 'pending'")  # noqa: S608 - a name of the test's own

        with pytest.raises(Violation, match=f"{payer} [0-9]+ has 2 current orders"):
            whole_books._one_current_order()

    def test_an_entry_posted_twice(self, world: World) -> None:
        whole_books._every_fact_is_posted_once()
        without_constraints("core_journalentry")
        told_twice("core_journalentry")

        with pytest.raises(Violation, match="is posted 2 times"):
            whole_books._every_fact_is_posted_once()

    def test_an_entry_that_is_posted_again_in_a_later_step(self, world: World) -> None:
        world.invariants.after_step(money_moved=True)
        without_constraints("core_journalentry", "core_ledgerline")
        with connection.cursor() as cursor:
            for table, key in (("core_ledgerline", "entry_id"), ("core_journalentry", "id")):
                cursor.execute(f"UPDATE {table} SET {key} = {key} + 1000")  # noqa: S608 - names of the test's own

        with pytest.raises(Violation, match="is posted twice"):
            world.invariants.after_step(money_moved=True)


def test_credit_that_stays(world: World) -> None:
    whole_books._what_came_too_much_goes_back()
    without_constraints("core_rentcharge")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_rentcharge")

    with pytest.raises(Violation, match="paise of credit, which do not go back"):
        whole_books._what_came_too_much_goes_back()
