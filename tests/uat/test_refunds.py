"""Sign-off checklist, refunds and their status: each to its final word, and never two at once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.models import Alert, Payment, PaymentTransaction, Refund
from core.services import worker
from core.services.phonepe.responses import read_refund_status
from core.services.polling.schedule import REFUND_OFFSETS
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.uat.world import delivers


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(21)
    return payment


@pytest.fixture
def slow(phonepe: PhonePe) -> None:
    """Refunds stay under way until the story ends them."""
    phonepe.simulator.change_settings(refund_confirmed_after=20, refund_completed_after=10**8)


def asks_back(owner: Caller, payment: Payment, amount: str = "10.50") -> Any:
    return owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": amount, "reason": "Sign-off"})


def the_refund() -> Refund:
    return Refund.objects.latest("pk")


def ends(phonepe: PhonePe, outcome: str) -> None:
    phonepe.simulator.conclude_refund(the_refund().merchant_refund_id, outcome)


def sent(phonepe: PhonePe) -> list[dict[str, Any]]:
    return [call.body for call in phonepe.simulator.calls_to("refund")]


def test_r1_every_refund_has_an_id_of_its_own(owner: Caller, paid: Payment, phonepe: PhonePe, days: Days) -> None:
    for _ in range(5):
        assert asks_back(owner, paid).status_code == 202
        days.pass_by(60)
        worker.tick()
    ids = [body["merchantRefundId"] for body in sent(phonepe)]
    assert len(set(ids)) == len(ids) == 5
    assert all(len(name) <= 63 for name in ids)


def test_r2_it_names_the_paid_order(owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
    asks_back(owner, paid)
    assert sent(phonepe)[0]["originalMerchantOrderId"] == paid.merchant_order_id


def test_r3_the_amount_is_in_paise_and_never_more_than_is_left(owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
    assert asks_back(owner, paid, "15000.01").status_code == 422
    assert sent(phonepe) == []
    asks_back(owner, paid, "10.50")
    assert sent(phonepe)[0]["amount"] == 1050


def test_r4_a_webhook_alone_brings_it_to_its_end_sooner(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None
) -> None:
    assert asks_back(owner, paid).json()["state"] == "PENDING"
    days.tick_for(5)
    ends(phonepe, "success")
    phonepe.delivers()
    days.tick_for(3)  # long before the first check of the timetable
    assert the_refund().state == "COMPLETED"


def test_r4_the_status_call_alone_brings_it_to_its_end(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
) -> None:
    phonepe.reachable = False
    asks_back(owner, paid)
    days.tick_for(31)
    assert the_refund().state == "COMPLETED"


def test_r5_a_failure_that_names_phonepes_id_alone_finds_its_refund(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None, fixture_body: Any
) -> None:
    asks_back(owner, paid)
    ends(phonepe, "failure")
    body = json.loads(fixture_body("webhook_pg_refund_failed_minimal"))
    body["payload"]["refundId"] = the_refund().refund_id
    assert "merchantRefundId" not in body["payload"]
    days.pass_by(4)

    assert delivers(body).status_code == 200
    days.tick_for(2)

    assert the_refund().state == "FAILED"


@pytest.mark.parametrize("fault", ["extra_fields", "nulls", "text_amount", "unknown_mode"])
def test_t1_unknown_fields_and_words_do_no_harm(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, fault: str
) -> None:
    phonepe.simulator.faults.add(Fault(kind=fault, call="refund_status"))
    asks_back(owner, paid)
    days.tick_for(31)
    assert the_refund().state == "COMPLETED"


def test_t1_every_documented_answer_is_read(fixture_body: Any) -> None:
    from tests.conftest import FIXTURES

    for file in sorted(FIXTURES.glob("refund_status_*.json")):
        answer = json.loads(file.read_bytes())
        report = read_refund_status(answer.get("merchantRefundId", "R-1"), answer)
        assert (report.state, report.refund_id) == (answer["state"], answer.get("refundId", "")), file.name


def test_t2_the_root_state_decides_and_confirmed_is_not_the_end(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None
) -> None:
    asks_back(owner, paid)
    days.tick_for(31)
    assert the_refund().state == "CONFIRMED"
    assert the_refund().next_check_at is not None
    assert Payment.objects.get(pk=paid.pk).status == "completed"

    ends(phonepe, "success")
    days.tick_for(30)
    assert Payment.objects.get(pk=paid.pk).status == "partially_refunded"


def test_t3_it_is_asked_about_until_the_final_word_and_then_no_more(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None
) -> None:
    phonepe.reachable = False
    asks_back(owner, paid)
    for _ in range(10):
        jump_to_next_check(days)
    calls = phonepe.simulator.calls_to("refund_status")
    assert len(calls) == 10
    assert {call.path.split("/")[-2] for call in calls} == {the_refund().merchant_refund_id}

    ends(phonepe, "success")
    jump_to_next_check(days)
    assert the_refund().next_check_at is None
    days.pass_by(10 * 24 * 3600)
    worker.tick()
    assert len(phonepe.simulator.calls_to("refund_status")) == 11


def test_t4_the_scheduler_keeps_its_timetable_for_ten_days_and_then_tells_an_operator(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None
) -> None:
    asks_back(owner, paid)
    for _ in REFUND_OFFSETS:
        jump_to_next_check(days)
    started = the_refund().initiated_at
    asked = [(call.at - started).total_seconds() for call in phonepe.simulator.calls_to("refund_status")]
    assert asked == list(REFUND_OFFSETS)
    assert (len(asked), asked[:5], asked[-1]) == (66, [30, 60, 120, 300, 600], 864_000)
    assert Alert.objects.get().kind == "silent"
    assert the_refund().next_check_at == started + timedelta(days=11)


@pytest.mark.parametrize("state", ["PENDING", "CONFIRMED"])
def test_t5_no_second_refund_while_one_is_under_way(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None, state: str
) -> None:
    asks_back(owner, paid)
    if state == "CONFIRMED":
        days.tick_for(31)
    assert the_refund().state == state

    assert asks_back(owner, paid).status_code == 409
    assert len(sent(phonepe)) == 1


def test_t6_a_completed_one_is_shown(owner: Caller, tenant: Caller, paid: Payment, days: Days) -> None:
    asks_back(owner, paid)
    days.tick_for(31)
    shown = tenant.get(f"/api/payments/{paid.pk}/").json()
    assert (shown["status"], shown["refunded_amount"]) == ("partially_refunded", "10.50")
    assert shown["refunds"][0]["state"] == "COMPLETED"


def test_t7_after_a_failure_it_goes_again_under_a_new_id(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, slow: None
) -> None:
    asks_back(owner, paid)
    ends(phonepe, "failure")
    days.tick_for(31)
    phonepe.simulator.change_settings(refund_completed_after=25)

    assert asks_back(owner, paid).status_code == 202
    days.tick_for(31)

    first, second = sent(phonepe)
    assert first["merchantRefundId"] != second["merchantRefundId"]
    assert {key: first[key] for key in ("originalMerchantOrderId", "amount")} == {
        key: second[key] for key in ("originalMerchantOrderId", "amount")
    }
    order = PaymentTransaction.objects.get()
    assert order.refunding_paise == 1050 <= order.captured_paise


def jump_to_next_check(days: Days) -> None:
    due = the_refund().next_check_at
    assert due is not None
    days.pass_by((due - days.now()).total_seconds())
    worker.tick()
