"""What a database can hold of the invariants, it holds: every constraint refuses a row that breaks it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from core.models import (
    IdempotencyKey,
    JournalEntry,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    PricingPlan,
    Refund,
    RentCharge,
    Settlement,
    SettlementLine,
    StateChange,
    SubscriptionPeriod,
    Tenancy,
    Unit,
    WebhookEvent,
)
from tests.people import Caller
from tests.phonepe import Days, PhonePe

NOW = datetime(2026, 4, 10, tzinfo=UTC)

# One bad change for each: the constraint, whose row, and what is written into it.
BAD_CHANGES: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("order_at_least_one_rupee", PaymentTransaction, {"amount_paise": 99}),
    ("captured_not_negative", PaymentTransaction, {"captured_paise": -1, "refunding_paise": 0}),
    ("refunding_at_most_captured", PaymentTransaction, {"refunding_paise": 15_000_01}),
    ("captured_only_if_completed", PaymentTransaction, {"state": "PENDING", "paid_at": None}),
    ("completed_is_paid", PaymentTransaction, {"paid_at": None}),
    ("completed_is_settled", PaymentTransaction, {"reconciliation_status": "open"}),
    ("surplus_within_captured", PaymentTransaction, {"surplus_paise": 15_000_01}),
    ("order_lives_for_some_time", PaymentTransaction, {"expire_at": F("initiated_at")}),
    ("order_has_an_id", PaymentTransaction, {"merchant_order_id": ""}),
    ("order_state_known", PaymentTransaction, {"state": "DONE", "captured_paise": 0, "paid_at": None}),
    ("order_channel_known", PaymentTransaction, {"channel": "post"}),
    ("order_reconciliation_known", PaymentTransaction, {"reconciliation_status": "fine"}),
    ("refund_at_least_one_rupee", Refund, {"amount_paise": 99}),
    ("refund_finished_if_final", Refund, {"finished_at": None}),
    ("refund_answered_only_if_sent", Refund, {"sent_at": None}),
    ("only_surplus_is_retried", Refund, {"retry_of": F("pk")}),
    ("refund_has_an_id", Refund, {"merchant_refund_id": ""}),
    ("refund_state_known", Refund, {"state": "ACCEPTED"}),
    ("refund_kind_known", Refund, {"kind": "gift"}),
    ("refund_reconciliation_known", Refund, {"reconciliation_status": "fine"}),
    ("payment_status_known", Payment, {"status": "paid"}),
    ("subscription_payment_status_known", OwnerSubscriptionPayment, {"status": "paid"}),
    ("subscription_payment_period_known", OwnerSubscriptionPayment, {"period": "weekly"}),
    ("period_ends_after_it_starts", SubscriptionPeriod, {"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}),
    ("plan_prices_at_least_one_rupee", PricingPlan, {"yearly_price_paise": 99}),
    ("rent_at_least_one_rupee", Tenancy, {"monthly_rent_paise": 0}),
    ("due_day_is_a_day", Tenancy, {"due_day": 32}),
    ("tenancy_ends_after_it_starts", Tenancy, {"ends_on": "2020-01-01"}),
    ("charge_is_positive", RentCharge, {"amount_paise": 0}),
    ("charge_month_is_its_first_day", RentCharge, {"month": "2026-04-02"}),
    ("charge_due_in_its_month_or_later", RentCharge, {"due_on": "2026-03-31"}),
    ("kept_answer_stays_true", IdempotencyKey, {"status_code": 503}),
    ("delivered_at_least_once", WebhookEvent, {"deliveries": 0}),
    ("processed_has_an_outcome", WebhookEvent, {"outcome": "waiting", "processed_at": NOW}),
    ("archived_is_in_a_file", WebhookEvent, {"archived_at": NOW}),
    ("settlement_state_known", Settlement, {"state": "PAID"}),
    ("settlement_line_outcome_known", SettlementLine, {"outcome": "fine"}),
]
# A second row with what another has already; the constraint, whose row, and what may differ from it.
BAD_COPIES: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("one_charge_per_tenancy_and_month", RentCharge, {}),
    ("unit_name_once_per_property", Unit, {}),
    ("key_once_per_user", IdempotencyKey, {}),
    ("settlement_line_told_once", SettlementLine, {}),
]
# Rows that cannot be changed, only added.
BAD_ROWS: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("entry_has_a_source", JournalEntry, {"source": ""}),
    ("line_moves_something", LedgerLine, {"amount_paise": 0}),
    ("change_changes_something", StateChange, {"old": "completed", "new": "completed"}),
]
# Two rows of their own are told of in a story, see below and tests/services.
TOLD_ELSEWHERE = {
    "one_current_payment_per_tenancy",
    "one_current_payment_per_subscription",
    "one_refund_in_flight_per_order",
    "one_surplus_refund_per_order",
    "one_open_alert_per_subject",
}


@pytest.fixture
def world(payment: Payment, owner: Caller, phonepe: PhonePe, days: Days, plan: PricingPlan) -> None:
    """One good row of everything: rent that came and partly went back, and a subscription."""
    phonepe.pays(payment)
    phonepe.delivers()
    days.tick_for(21)
    body = {"amount": "5000.00", "reason": "Too much"}
    owner.post(f"/api/payments/{payment.pk}/refund/", body, **{"Idempotency-Key": "k"})
    days.pass_by(3600)
    wish = {"pricing_plan_id": plan.pk, "period": "monthly"}
    assert owner.post("/api/owner-subscriptions/initiate-payment/", wish).status_code == 201
    phonepe.pays(OwnerSubscriptionPayment.objects.get())
    days.tick_for(21)
    settlement = Settlement.objects.create(settlement_id="S-1", state="PROCESSED", imported_at=days.now())
    numbers = dict.fromkeys(("amount_paise", "fee_paise", "tax_paise", "net_paise"), 0)
    SettlementLine.objects.create(settlement=settlement, type="PAYMENT", phonepe_id="P", outcome="matched", **numbers)


def first(model: type[models.Model]) -> Any:
    """Return the good row of a model that bad ones are made from: of orders, the rent's."""
    return model._default_manager.order_by("pk").filter(pk=model._default_manager.earliest("pk").pk)


def changed(model: type[models.Model], change: dict[str, Any]) -> None:
    first(model).update(**change)


def added(model: type[models.Model], change: dict[str, Any]) -> None:
    row = first(model).get()
    row.pk = None
    for field, value in change.items():
        setattr(row, field, value)
    row.save(force_insert=True)


def refusal(broken: Any, *arguments: Any) -> str:
    """Return what the database says to it; nothing, if it lets it pass."""
    try:
        with transaction.atomic():
            broken(*arguments)
    except IntegrityError as refused:
        return str(refused)
    return ""


def test_no_row_is_changed_into_a_wrong_one(world: None) -> None:
    said = {name: refusal(changed, model, change) for name, model, change in BAD_CHANGES}

    # A row may break several at once; which of them is named is the database's choice.
    accepted = {name for name, model, _ in BAD_CHANGES if not any(known in said[name] for known in names_of(model))}
    assert not accepted


def names_of(model: type[models.Model]) -> set[str]:
    return {constraint.name for constraint in model._meta.constraints}


def test_nothing_is_there_twice(world: None) -> None:
    said = {name: refusal(added, model, change) for name, model, change in BAD_COPIES}

    assert {name for name in said if name not in said[name] and "UNIQUE constraint" not in said[name]} == set()


def test_no_wrong_row_is_added(world: None) -> None:
    said = {name: refusal(added, model, change) for name, model, change in BAD_ROWS}

    assert {name for name in said if name not in said[name]} == set()


def test_every_constraint_is_in_one_of_the_tables() -> None:
    declared = {name for model in apps.get_app_config("core").get_models() for name in names_of(model)}

    tried = {name for table in (BAD_CHANGES, BAD_COPIES, BAD_ROWS) for name, _, _ in table}
    assert tried | TOLD_ELSEWHERE == declared
    assert not tried & TOLD_ELSEWHERE


class TestUnbalancedEntries:
    """PostgreSQL alone: SQLite has no deferred triggers, see core/balanced.py."""

    pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no deferred triggers")

    def post(self, *amounts: int) -> None:
        with transaction.atomic():
            entry = JournalEntry.objects.create(source=f"test:{amounts}", description="A test", at=NOW)
            LedgerLine.objects.bulk_create(
                LedgerLine(entry=entry, account=f"account{number}", amount_paise=amount)
                for number, amount in enumerate(amounts)
            )

    def test_what_balances_is_committed(self, transactional_db: None) -> None:
        self.post(5, -3, -2)
        assert LedgerLine.objects.count() == 3

    @pytest.mark.parametrize("amounts", [(5,), (5, -4), (2**62, 2**62, 2**62)])
    def test_what_does_not_is_refused_at_commit(self, transactional_db: None, amounts: tuple[int, ...]) -> None:
        with pytest.raises(IntegrityError, match="is off by"):
            self.post(*amounts)
        assert not JournalEntry.objects.exists()

    def test_an_entry_without_lines_is_refused(self, transactional_db: None) -> None:
        with pytest.raises(IntegrityError, match="has no lines"):
            self.post()

    def test_a_line_that_comes_later_is_refused(self, transactional_db: None) -> None:
        self.post(1, -1)
        with pytest.raises(IntegrityError, match="is off by 7 paise"):
            LedgerLine.objects.create(entry=JournalEntry.objects.get(), account="late", amount_paise=7)
        assert LedgerLine.objects.count() == 2
