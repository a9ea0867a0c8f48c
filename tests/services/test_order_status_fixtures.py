"""Every order status that PhonePe's documentation prints, read by the service and acted on end to end."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.models import Alert, ChangeCause, OrderState, Payment, PaymentStatus, PaymentTransaction, StateChange
from core.services.payments.order_status import apply_order_status
from core.services.phonepe.errors import PhonePeOutcomeUnknown
from core.services.phonepe_service import PhonePeService
from tests.phonepe import Days, PhonePe
from tests.uat.scripted import Scripted, put_under_sdk
from tests.uat.world import captures, tick_when_due

FOLDER = Path(__file__).parents[1] / "fixtures" / "phonepe"
FILES = sorted(path.stem for prefix in ("order_status_", "transaction_status_") for path in FOLDER.glob(f"{prefix}*"))
MONEY = 15_000_00

# What each file says: state, amount, and the mode, state and UTR of each attempt, oldest first.
SAID: dict[str, tuple[str, int, list[tuple[str, str, str]]]] = {
    "order_status_completed_after_failed_attempt_ppe_intent": (
        "COMPLETED",
        300,
        [("UPI_INTENT", "FAILED", ""), ("PPE_INTENT", "COMPLETED", "")],
    ),
    "order_status_completed_credit_card": ("COMPLETED", 100, [("CARD", "COMPLETED", "")]),
    "order_status_completed_credit_line": ("COMPLETED", 50000, [("CREDIT_LINE", "COMPLETED", "UTR123456789")]),
    "order_status_completed_net_banking": ("COMPLETED", 100, [("NET_BANKING", "COMPLETED", "")]),
    "order_status_completed_split_settlement_failed": (
        "COMPLETED",
        1000,
        [("UPI_INTENT", "COMPLETED", "455069731511")],
    ),
    "order_status_completed_split_settlement_pending": (
        "COMPLETED",
        1000,
        [("UPI_INTENT", "COMPLETED", "455069731511")],
    ),
    "order_status_completed_split_settlement_processed": (
        "COMPLETED",
        47900,
        [("UPI_INTENT", "COMPLETED", "517045000220")],
    ),
    "order_status_completed_upi_intent": ("COMPLETED", 1000, [("UPI_INTENT", "COMPLETED", "455069731511")]),
    "order_status_completed_upi_intent_credit_line": ("COMPLETED", 100, [("UPI_INTENT", "COMPLETED", "<utr>")]),
    "order_status_completed_upi_plus_wallet_split": ("COMPLETED", 200, [("UPI_INTENT", "COMPLETED", "455948340054")]),
    "order_status_completed_upi_qr": ("COMPLETED", 1000, [("UPI_QR", "COMPLETED", "<utr>")]),
    "order_status_completed_with_settlement_upi": ("COMPLETED", 10000, [("UPI_QR", "COMPLETED", "<utr>")]),
    "order_status_custom_completed_upi_qr": ("COMPLETED", 500, [("UPI_QR", "COMPLETED", "727206606755")]),
    "order_status_custom_completed_upi_qr_rupay_credit": ("COMPLETED", 500, [("UPI_QR", "COMPLETED", "916369838423")]),
    "order_status_custom_completed_with_order_error_code": ("COMPLETED", 10000, [("UPI_INTENT", "COMPLETED", "")]),
    "order_status_custom_created": ("PENDING", 10000, []),
    "order_status_custom_failed_split_upi_wallet": ("FAILED", 600, [("UPI_INTENT", "FAILED", "416421787136")]),
    "order_status_custom_failed_upi": ("FAILED", 600, [("UPI_INTENT", "FAILED", "416455839594")]),
    "order_status_custom_split_accepted": ("COMPLETED", 10000, [("UPI_QR", "COMPLETED", "")]),
    "order_status_custom_split_failed": ("COMPLETED", 10000, [("UPI_QR", "COMPLETED", "")]),
    "order_status_custom_split_pending": ("COMPLETED", 10000, [("UPI_QR", "COMPLETED", "")]),
    "order_status_custom_with_settlement": ("COMPLETED", 10000, [("UPI_QR", "COMPLETED", "")]),
    "order_status_failed_invalid_mpin_error_context": ("FAILED", 200, [("UPI_COLLECT", "FAILED", "")]),
    "order_status_failed_token": ("FAILED", 100, [("TOKEN", "FAILED", "")]),
    "order_status_pending_no_attempt": ("PENDING", 100, []),
    "transaction_status_completed": ("COMPLETED", 10000, [("UPI_INTENT", "COMPLETED", "")]),
    "transaction_status_pending": ("PENDING", 1000, [("UPI_INTENT", "PENDING", "")]),
}
WITHOUT_A_STATE = {"order_status_settlement_block_credit_card", "order_status_settlement_block_net_banking"}


def fixture(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return body


COMPLETED = [name for name, (state, _, _) in SAID.items() if state == "COMPLETED"]


def about(payment: Payment, name: str, **changes: Any) -> dict[str, Any]:
    """Return a printed answer as PhonePe would give it about our order."""
    order, body = payment.transaction, fixture(name)
    ours = {"orderId": order.phonepe_order_id, "amount": order.amount_paise}
    if "merchantOrderId" in body:
        ours["merchantOrderId"] = order.merchant_order_id
    return {**body, **ours, **changes}


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """PhonePe says what the test says."""
    adapter = Scripted()
    put_under_sdk(monkeypatch, adapter)
    return adapter


@pytest.fixture
def paying(payment: Payment, line: Scripted, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """A payment that the simulator took, about which the test answers from now on."""
    put_under_sdk(monkeypatch, line)
    return payment


def test_every_file_is_told_about_here() -> None:
    assert set(FILES) == set(SAID) | WITHOUT_A_STATE


class TestRead:
    @pytest.mark.parametrize("name", SAID)
    def test_state_amount_and_attempts_are_read(self, line: Scripted, name: str) -> None:
        body = fixture(name)
        line.says(body)
        ours = body.get("merchantOrderId", "ZLT-1")

        report = PhonePeService().order_status(ours)

        state, amount, attempts = SAID[name]
        assert (report.merchant_order_id, report.order_id) == (ours, body["orderId"])
        assert (report.state, report.amount_paise) == (OrderState(state), amount)
        assert [(attempt.payment_mode, attempt.state.value, attempt.utr) for attempt in report.attempts] == attempts
        assert report.raw == body

    @pytest.mark.parametrize("name", sorted(WITHOUT_A_STATE))
    def test_a_block_without_a_state_is_no_answer(self, line: Scripted, name: str) -> None:
        line.says(fixture(name))

        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().order_status("ZLT-1")

    def test_the_attempt_that_paid_is_found_among_others(self, line: Scripted) -> None:
        line.says(fixture("order_status_completed_after_failed_attempt_ppe_intent"))

        paying = PhonePeService().order_status("ZLT-1").paying_attempt

        assert paying is not None
        assert (paying.payment_mode, paying.transaction_id) == ("PPE_INTENT", "OM2402281351164694090252")
        assert paying.at is not None
        assert paying.at.isoformat() == "2024-02-28T08:21:16.471000+00:00"

    def test_placeholder_instants_of_the_samples_are_no_instants(self, line: Scripted) -> None:
        line.says(fixture("order_status_custom_split_accepted"))

        report = PhonePeService().order_status("ZLT-1")

        assert report.expire_at is None
        assert [attempt.at for attempt in report.attempts] == [None]

    def test_another_orders_answer_is_no_answer(self, line: Scripted) -> None:
        line.says(fixture("order_status_completed_credit_line"))

        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().order_status("ZLT-1")


class TestActedOn:
    @pytest.mark.parametrize("name", SAID)
    def test_an_order_ends_as_phonepe_says(self, line: Scripted, paying: Payment, days: Days, name: str) -> None:
        line.says(about(paying, name))

        tick_when_due(days, 20)

        state, _, attempts = SAID[name]
        payment = Payment.objects.get()
        assert payment.status == state.lower()
        assert payment.transaction.state == state
        assert payment.transaction.captured_paise == (MONEY if state == "COMPLETED" else 0)
        assert captures() == (1 if state == "COMPLETED" else 0)
        if state == "COMPLETED":
            mode, _, utr = attempts[-1]
            assert (payment.transaction.payment_mode, payment.transaction.utr) == (mode, utr)
        if state != "PENDING":
            assert StateChange.objects.get(what="status").answer == line.body

    @pytest.mark.parametrize("name", sorted(WITHOUT_A_STATE))
    def test_a_block_without_a_state_decides_nothing(
        self, line: Scripted, paying: Payment, days: Days, name: str
    ) -> None:
        line.says(fixture(name))

        tick_when_due(days, 20)

        payment = Payment.objects.get()
        assert payment.status == PaymentStatus.PENDING
        assert (payment.transaction.check_count, payment.transaction.unanswered_count) == (0, 1)

    @pytest.mark.parametrize("name", COMPLETED)
    def test_an_amount_that_was_not_asked_pays_nothing(
        self, line: Scripted, paying: Payment, days: Days, name: str
    ) -> None:
        line.says(about(paying, name, amount=fixture(name)["amount"]))

        tick_when_due(days, 20)

        payment = Payment.objects.get()
        assert (payment.status, payment.transaction.captured_paise) == (PaymentStatus.PENDING, 0)
        assert payment.transaction.reconciliation_status == "mismatch"
        assert payment.tenancy.outstanding_paise() == MONEY

    def test_an_answer_about_another_phonepe_order_pays_nothing(
        self, line: Scripted, paying: Payment, days: Days
    ) -> None:
        line.says(about(paying, "order_status_completed_upi_qr", orderId="OMO0000000000000000000000"))

        tick_when_due(days, 20)

        payment = Payment.objects.get()
        assert (payment.status, payment.transaction.captured_paise) == (PaymentStatus.PENDING, 0)
        assert payment.transaction.reconciliation_status == "mismatch"

    def test_a_failure_of_another_phonepe_order_ends_nothing(self, line: Scripted, paying: Payment, days: Days) -> None:
        line.says(about(paying, "order_status_custom_failed_upi", orderId="OMO0000000000000000000000"))

        tick_when_due(days, 20)

        payment = Payment.objects.get()
        assert payment.status == PaymentStatus.PENDING
        assert payment.transaction.next_check_at is not None
        told = Alert.objects.get()
        assert (told.kind, told.subject) == ("contradiction", payment.merchant_order_id)
        assert f"its order OMO0000000000000000000000; ours is {payment.transaction.phonepe_order_id}" in told.sentence

    @pytest.mark.parametrize("changes", [{}, {"orderId": None}])
    @pytest.mark.parametrize("known", [True, False])
    def test_a_failure_of_ours_or_of_one_that_is_not_named_ends_it(
        self, line: Scripted, paying: Payment, days: Days, changes: dict[str, Any], *, known: bool
    ) -> None:
        if not known:
            PaymentTransaction.objects.update(phonepe_order_id="")
        line.says(about(paying, "order_status_custom_failed_upi", **changes))

        tick_when_due(days, 20)

        assert Payment.objects.get().status == PaymentStatus.FAILED
        assert not Alert.objects.exists()

    @pytest.mark.parametrize("amount", ["1500000", "01500000"])
    def test_an_amount_in_text_is_a_number(self, line: Scripted, paying: Payment, days: Days, amount: str) -> None:
        line.says(about(paying, "order_status_completed_upi_qr", amount=amount))

        tick_when_due(days, 20)

        assert Payment.objects.get().status == PaymentStatus.COMPLETED

    @pytest.mark.parametrize("amount", [None, "", "15000.00", 1500000.0, True, [], {}, "1,500,000", "\u0661\u0665"])
    def test_paid_without_a_readable_amount_is_no_answer(
        self, line: Scripted, paying: Payment, days: Days, amount: Any
    ) -> None:
        line.says(about(paying, "order_status_completed_upi_qr", amount=amount))

        tick_when_due(days, 20)

        payment = Payment.objects.get()
        assert (payment.status, payment.transaction.captured_paise) == (PaymentStatus.PENDING, 0)
        assert payment.transaction.reconciliation_status == "open"
        assert payment.transaction.unanswered_count == 1

    @pytest.mark.parametrize("name", COMPLETED)
    def test_told_twice_it_counts_once(self, line: Scripted, paying: Payment, days: Days, name: str) -> None:
        line.says(about(paying, name))
        report = PhonePeService().order_status(paying.merchant_order_id)
        for _ in range(2):
            apply_order_status(report, cause=ChangeCause.COMMAND, now=days.now())

        assert StateChange.objects.filter(what="status").count() == 1
        assert captures() == 1


def test_an_order_that_phonepe_does_not_know_yet_stays_open(
    phonepe: PhonePe, paying: Payment, line: Scripted, days: Days
) -> None:
    for number, name in enumerate(("invalid_merchant_order_id", "merchant_order_mapping_not_found", "order_not_found")):
        line.says(fixture(f"error_{name}"), status=404 if number % 2 else 400)
        tick_when_due(days, 20)

    payment = Payment.objects.get()
    assert payment.status == PaymentStatus.PENDING
    assert payment.transaction.next_check_at is not None
