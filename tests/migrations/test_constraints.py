"""What a database can hold of the invariants, it holds: every constraint refuses a row that breaks it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from core.models import (
    Attempt,
    FamiliarPlace,
    IdempotencyKey,
    Invoice,
    InvoiceSeries,
    JournalEntry,
    LedgerLine,
    LedgerTotal,
    Mandate,
    MandateDebit,
    Notification,
    NotificationSwitch,
    OperatorAction,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PricingPlan,
    Refund,
    RentCharge,
    ReportedBy,
    ReportedRefund,
    Settlement,
    SettlementLine,
    StateChange,
    SubscriptionChange,
    SubscriptionPeriod,
    SuspensePlacement,
    Tenancy,
    Unit,
    WebhookEvent,
)
from core.services.ledger.balances import add_up
from core.services.operations.trace import note_action
from tests.people import Caller
from tests.phonepe import Days, PhonePe

NOW = datetime(2026, 4, 10, tzinfo=UTC)

# One bad change for each: the constraint, whose row, and what is written into it.
BAD_CHANGES: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("total_of_some_lines", LedgerTotal, {"through_line": F("after_line")}),
    ("total_sides_not_negative", LedgerTotal, {"debits_paise": -1}),
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
    ("order_flow_known", PaymentTransaction, {"flow": "cash"}),
    ("order_channel_known", PaymentTransaction, {"channel": "post"}),
    ("order_reconciliation_known", PaymentTransaction, {"reconciliation_status": "fine"}),
    ("refund_at_least_one_rupee", Refund, {"amount_paise": 99}),
    ("refund_finished_if_final", Refund, {"finished_at": None}),
    ("refund_answered_only_if_sent", Refund, {"sent_at": None}),
    ("only_surplus_is_retried", Refund, {"retry_of": F("pk")}),
    ("refund_has_an_id", Refund, {"merchant_refund_id": ""}),
    ("refund_state_known", Refund, {"state": "ACCEPTED"}),
    ("refund_kind_known", Refund, {"kind": "gift"}),
    ("refund_approved_by_another", Refund, {"approved_by": F("requested_by")}),
    ("refund_reconciliation_known", Refund, {"reconciliation_status": "fine"}),
    ("dashboard_refund_is_phonepes", Refund, {"kind": "dashboard", "refund_id": ""}),
    ("reported_refund_has_an_id", ReportedRefund, {"merchant_refund_id": ""}),
    ("reported_refund_closed_if_decided", ReportedRefund, {"outcome": "booked"}),
    ("reported_refund_outcome_known", ReportedRefund, {"outcome": "fine", "reconciliation_status": "settled"}),
    ("payment_status_known", Payment, {"status": "paid"}),
    ("subscription_payment_status_known", OwnerSubscriptionPayment, {"status": "paid"}),
    ("subscription_payment_period_known", OwnerSubscriptionPayment, {"period": "weekly"}),
    ("subscription_payment_purpose_known", OwnerSubscriptionPayment, {"purpose": "gift"}),
    ("debit_has_a_mandate", OwnerSubscriptionPayment, {"renews_from": NOW}),
    ("mandate_at_least_one_rupee", Mandate, {"max_amount_paise": 99}),
    ("mandate_in_use_lives", Mandate, {"state": "REVOKED"}),
    ("mandate_in_use_is_kept", Mandate, {"cancel_at": NOW}),
    ("mandate_state_known", Mandate, {"state": "ASLEEP"}),
    ("mandate_workflow_known", Mandate, {"workflow": "HANDSHAKE"}),
    ("mandate_period_known", Mandate, {"period": "weekly"}),
    ("debit_a_day_after_its_notice", MandateDebit, {"executed_at": NOW, "tries": 1}),
    ("debit_tried_if_executed", MandateDebit, {"tries": 1}),
    ("debit_strategy_known", MandateDebit, {"strategy": "NEVER"}),
    ("credit_not_negative", OwnerSubscriptionPayment, {"credit_paise": -1}),
    ("subscription_status_known", OwnerSubscription, {"status": "asleep"}),
    ("subscription_has_a_plan", OwnerSubscription, {"plan": None}),
    ("waiting_change_is_whole", OwnerSubscription, {"next_period": "yearly"}),
    ("period_ends_after_it_starts", SubscriptionPeriod, {"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}),
    ("plan_prices_at_least_one_rupee", PricingPlan, {"yearly_price_paise": 99}),
    ("rent_at_least_one_rupee", Tenancy, {"monthly_rent_paise": 0}),
    ("due_day_is_a_day", Tenancy, {"due_day": 32}),
    ("tenancy_ends_after_it_starts", Tenancy, {"ends_on": "2020-01-01"}),
    ("charge_is_positive", RentCharge, {"amount_paise": 0}),
    ("charge_month_is_its_first_day", RentCharge, {"month": "2026-04-02"}),
    ("charge_due_in_its_month_or_later", RentCharge, {"due_on": "2026-03-31"}),
    ("charge_by_day_knows_the_whole_rent", RentCharge, {"days": 0}),
    ("reversal_says_who_and_why", RentCharge, {"reversed_at": NOW, "reversal_cause": "person", "reversed_by": 1}),
    ("kept_answer_stays_true", IdempotencyKey, {"status_code": 503}),
    ("delivered_at_least_once", WebhookEvent, {"deliveries": 0}),
    ("processed_has_an_outcome", WebhookEvent, {"outcome": "waiting", "processed_at": NOW}),
    ("archived_is_in_a_file", WebhookEvent, {"archived_at": NOW}),
    ("settlement_state_known", Settlement, {"state": "PAID"}),
    ("settlement_line_outcome_known", SettlementLine, {"outcome": "fine"}),
    ("sent_is_not_sent_again", Notification, {"sent_at": NOW, "next_try_at": NOW}),
    ("notification_can_be_switched_off", NotificationSwitch, {"kind": "alert"}),
    ("placement_places_something", SuspensePlacement, {"amount_paise": 0}),
    ("placement_names_its_tenancy", SuspensePlacement, {"tenancy": 1}),
    ("placement_back_has_a_reference", SuspensePlacement, {"destination": "payer"}),
    ("placement_destination_known", SuspensePlacement, {"destination": "anybody"}),
    ("placement_side_known", SuspensePlacement, {"side": "neither"}),
    ("placement_has_a_source", SuspensePlacement, {"source_subject": ""}),
    ("attempt_has_an_id", PaymentAttempt, {"transaction_id": ""}),
    ("attempt_state_known", PaymentAttempt, {"state": "EXPIRED"}),
    ("attempt_reported_by_known", PaymentAttempt, {"reported_by": "rumour"}),
]
# A second row with what another has already; the constraint, whose row, and what may differ from it.
BAD_COPIES: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("total_of_lines_once", LedgerTotal, {}),
    ("one_standing_charge_per_tenancy_and_month", RentCharge, {}),
    ("unit_name_once_per_property", Unit, {}),
    ("key_once_per_user", IdempotencyKey, {}),
    ("place_once_per_user", FamiliarPlace, {}),
    ("settlement_line_told_once", SettlementLine, {}),
    ("switched_off_once", NotificationSwitch, {}),
    ("one_series_per_prefix_and_year", InvoiceSeries, {}),
    ("invoice_number_once", Invoice, {"number": "1"}),
    ("one_invoice_per_payment", Invoice, {"number": "1", "sequence": 2}),
    ("told_once", Notification, {"message_id": "00000000-0000-4000-8000-000000000000"}),
    ("one_row_per_attempt_of_an_order", PaymentAttempt, {}),
    ("one_mandate_in_use_per_subscription", Mandate, {"merchant_subscription_id": "M-2"}),
]
# Rows that cannot be changed, only added.
BAD_ROWS: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("entry_has_a_source", JournalEntry, {"source": ""}),
    ("entry_kind_known", JournalEntry, {"kind": "gift"}),
    ("line_moves_something", LedgerLine, {"amount_paise": 0}),
    ("change_changes_something", StateChange, {"old": "completed", "new": "completed"}),
    ("subscription_event_known", SubscriptionChange, {"event": "forgotten"}),
    ("credit_note_credits_an_invoice", Invoice, {"number": "1", "sequence": 2, "kind": "credit_note"}),
    ("invoice_adds_up", Invoice, {"number": "1", "sequence": 2, "igst_paise": 1}),
    ("operator_action_has_a_name", OperatorAction, {"name": ""}),
    ("operator_action_says_what", OperatorAction, {"about": ""}),
]
# Two rows of their own are told of in a story, see below and tests/services.
TOLD_ELSEWHERE = {
    "one_current_payment_per_tenancy",
    "one_current_payment_per_subscription",
    "one_current_setup_per_subscription",
    "one_debit_pays_a_period",
    "one_unended_refund_per_order",
    "one_surplus_refund_per_order",
    "one_open_alert_per_subject",
    "invoice_kind_known",  # credit_note_credits_an_invoice refuses such a kind too, and PostgreSQL asks that first
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
    add_up()
    paid = OwnerSubscriptionPayment.objects.get()
    same = {"plan": plan, "period": "monthly"}
    mandate = Mandate.objects.create(
        **same, owner_subscription=paid.subscription, merchant_subscription_id="M-1", workflow="TRANSACTION",
        max_amount_paise=748_50, device_os="ANDROID", state="ACTIVE", is_in_use=True, initiated_at=days.now(),
    )  # fmt: skip
    order = PaymentTransaction.objects.create(
        merchant_order_id="DEBIT-1", flow="redemption", amount_paise=499_00, initiated_at=days.now(),
        expire_at=days.now() + timedelta(days=5),
    )  # fmt: skip
    debited = OwnerSubscriptionPayment.objects.create(
        **same, subscription=paid.subscription, transaction=order, merchant_order_id="DEBIT-1", mandate=mandate,
        renews_from=days.now(),
    )  # fmt: skip
    MandateDebit.objects.create(mandate=mandate, payment=debited, strategy="STANDARD")
    note_action("ask", by="operator", reason="A test", about=f"payment:{payment.pk}", now=days.now())
    attempt = Attempt("OM1", "COMPLETED", "UPI_QR", 1500000, None, "", "", "", "", "")
    PaymentAttempt.objects.note([(payment.transaction.pk, attempt)], reported_by=ReportedBy.STATUS, now=days.now())
    Notification.objects.create(
        kind="alert", about="alert:1", channel="email", subject="A test", text="A test", created_at=days.now()
    )
    NotificationSwitch.objects.create(user=owner.user, kind="rent_due")
    SuspensePlacement.objects.create(
        source_kind="settlement", source_subject="S-1", destination="written_off", amount_paise=1, reason="A test",
        placed_at=days.now(),
    )  # fmt: skip
    ReportedRefund.objects.create(merchant_refund_id="R-1", reported_by="a test", initiated_at=days.now())
    settlement = Settlement.objects.create(settlement_id="S-1", state="PROCESSED", imported_at=days.now())
    FamiliarPlace.objects.create(user=owner.user, network="keyed hash", used_at=days.now())
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
    """PostgreSQL alone: SQLite has no deferred triggers, see core/db/balanced.py."""

    pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no deferred triggers")

    def post(self, *amounts: int) -> None:
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                source=f"charge:{amounts}", kind="charge", subject="7", description="A test", at=NOW
            )
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
