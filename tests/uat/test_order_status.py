"""Sign-off checklist, order status: what decides, when PhonePe is asked, and that nothing else is believed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Alert, Payment, PaymentStatus
from core.services import worker
from core.services.phonepe_service import PhonePeService
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from tests.uat.scripted import Scripted
from tests.uat.world import alone, moves, offsets_asked, tick_when_due

# "Reconciliation schedule, worked out": the polls of an order that lives 1200 s, first check at 20 s.
POLLS_OF_1200 = [
    *(20,),
    *(23, 26, 29, 32, 35, 38, 41, 44, 47, 50),
    *(56, 62, 68, 74, 80, 86, 92, 98, 104, 110),
    *(120, 130, 140, 150, 160, 170),
    *(200, 230),
    *(290, 350, 410, 470, 530, 590, 650, 710, 770, 830, 890, 950, 1010, 1070, 1130, 1190),
]
HOW_MANY_AND_LAST = {300: (30, 290), 480: (33, 470), 600: (35, 590), 720: (37, 710), 1200: (45, 1190), 3600: (85, 3590)}
LATER = [5, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600]  # the closing check and the slow sweep, after expiry


def polls(expire_after: int) -> list[int]:
    """Return the checklist's table for another life: the same steps, cut off or gone on with."""
    table = [*POLLS_OF_1200, *range(1250, expire_after, 60)]
    return [offset for offset in table if offset < expire_after]


def test_s4_the_table_counts_as_the_checklist_does() -> None:
    assert {life: (len(polls(life)), polls(life)[-1]) for life in HOW_MANY_AND_LAST} == HOW_MANY_AND_LAST


@pytest.fixture
def long_life(settings: Any) -> Any:
    """Let the orders of a test live so many seconds."""

    def live(seconds: int) -> None:
        settings.PHONEPE_ORDER_EXPIRE_AFTER = seconds

    return live


def start(tenant: Caller) -> Payment:
    answer = tenant.starts_rent()
    assert answer.status_code == 201
    return Payment.objects.get(merchant_order_id=order_id_of(answer))


# --- what an answer means ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["extra_fields", "nulls", "unknown_mode", "text_amount"])
def test_s1_an_answer_is_read_whatever_is_added_or_missing(
    phonepe: PhonePe, days: Days, payment: Payment, kind: str
) -> None:
    phonepe.pays(payment)
    phonepe.simulator.faults.add(Fault(kind, call="order_status"))

    tick_when_due(days, 20)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED
    assert payment.transaction.captured_paise == 15_000_00


@pytest.mark.parametrize(
    "about",
    [
        {"metaInfo": None},
        {"paymentDetails": None},
        {"paymentDetails": {}},
        {"paymentDetails": [None, 7, {"state": None, "rail": []}]},
        {"paymentDetails": [{"paymentMode": "BY_CAMEL", "state": "COMPLETED", "splitInstruments": {}}]},
        {"expireAt": "soon"},
        {"merchantOrderId": None, "feeAmount": "x"},
    ],
)
def test_s1_what_is_malformed_beside_the_state_stops_nothing(
    scripted: Scripted, days: Days, payment: Payment, about: dict[str, Any]
) -> None:
    scripted.says({"orderId": payment.transaction.phonepe_order_id, "state": "COMPLETED", "amount": 15_000_00, **about})

    tick_when_due(days, 20)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_s2_a_paid_order_with_an_error_code_is_paid(scripted: Scripted, days: Days, payment: Payment) -> None:
    scripted.says(
        {
            "orderId": payment.transaction.phonepe_order_id,
            "state": "COMPLETED",
            "amount": 15_000_00,
            "errorCode": "AUTHORIZATION_ERROR",
            "detailedErrorCode": "ZM",
            "paymentDetails": [{"state": "FAILED"}],
        }
    )
    tick_when_due(days, 20)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_s2_a_failed_attempt_leaves_the_order_open(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment, outcome="failure")
    tick_when_due(days, 30)
    assert moves(payment) == []

    phonepe.pays(payment)
    tick_when_due(days, 30)

    assert moves(payment) == [PaymentStatus.COMPLETED]


def test_s2_a_failed_order_has_failed_though_an_attempt_says_otherwise(
    scripted: Scripted, days: Days, payment: Payment
) -> None:
    scripted.says({"state": "FAILED", "amount": 15_000_00, "paymentDetails": [{"state": "COMPLETED", "amount": 1}]})

    tick_when_due(days, 20)

    payment.refresh_from_db()
    assert (payment.status, payment.transaction.captured_paise) == (PaymentStatus.FAILED, 0)


@pytest.mark.parametrize("word", ["CREATED", "EXPIRED", "SUCCESS", "completed", "PAYMENT_SUCCESS", "Ω"])
def test_s2_an_unknown_state_is_not_final(scripted: Scripted, days: Days, payment: Payment, word: str) -> None:
    scripted.says({"state": word, "amount": 15_000_00, "paymentDetails": [{"state": "COMPLETED"}]})

    tick_when_due(days, 60)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING
    assert payment.transaction.next_check_at > timezone.now()


# --- pending: shown as pending, fulfilled once when it completes (option 2) --------------------


def test_s3_a_payment_that_completes_late_is_fulfilled_once_and_not_refunded(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.pays(payment, outcome="pending")
    tick_when_due(days, 30)
    page = Client().get(f"/payments/return/{payment.merchant_order_id}/")
    assert "Confirming your payment" in page.text
    assert tenant.verifies(payment.merchant_order_id).json()["state"] == "PENDING"

    tick_when_due(days, 270)
    phonepe.simulator.conclude(payment.merchant_order_id, "success")
    tick_when_due(days, 60)

    assert moves(payment) == [PaymentStatus.COMPLETED]
    assert payment.tenancy.outstanding_paise() == 0
    assert phonepe.simulator.calls_to("refund") == []


# --- the mandatory schedule --------------------------------------------------------------------


@pytest.mark.parametrize("expire_after", HOW_MANY_AND_LAST)
def test_s4_phonepe_is_asked_at_the_mandatory_seconds(
    tenant: Caller, phonepe: PhonePe, days: Days, long_life: Any, expire_after: int
) -> None:
    long_life(expire_after)
    phonepe.simulator.faults.add(Fault("unknown_state", call="order_status"))  # no final word, ever
    payment = start(tenant)

    if expire_after == 300:
        days.tick_for(expire_after)  # in every second: the others leap over those in which nothing is due
    else:
        tick_when_due(days, expire_after)
    assert offsets_asked(phonepe, payment) == polls(expire_after)

    tick_when_due(days, 24 * 3600 - 1)
    later = [expire_after + late for late in LATER]
    assert offsets_asked(phonepe, payment) == polls(expire_after) + later


def test_s4_without_a_final_word_it_asks_daily_and_tells_an_operator(
    tenant: Caller, phonepe: PhonePe, days: Days, long_life: Any
) -> None:
    long_life(300)
    phonepe.simulator.faults.add(Fault("unknown_state", call="order_status"))
    payment = start(tenant)

    tick_when_due(days, 300 + 5 * 24 * 3600)

    slowest = 300 + LATER[-1]
    daily = [offset for offset in offsets_asked(phonepe, payment) if offset > slowest]
    assert daily == [slowest + day * 24 * 3600 for day in (1, 2, 3, 4)]
    assert Alert.objects.get().kind == "silent"
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING


def test_s4_questions_beside_the_schedule_do_not_shift_it(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    tick_when_due(days, 65)
    tenant.verifies(payment.merchant_order_id)
    tick_when_due(days, 60)
    tenant.verifies(payment.merchant_order_id)
    tick_when_due(days, 105)

    expected = sorted([*(offset for offset in POLLS_OF_1200 if offset <= 230), 65, 125])
    assert offsets_asked(phonepe, payment) == expected


def test_s4_an_app_that_asks_every_second_does_not_make_us_ask_more_than_every_three(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    days.tick_for(60, also=lambda: tenant.verifies(payment.merchant_order_id))

    asked = offsets_asked(phonepe, payment)
    assert min(after - before for before, after in pairwise(asked)) >= 3
    # No poll of the schedule is lost: each has an answer not three seconds old.
    for poll in polls(1200):
        assert poll > 60 or any(poll - 3 < offset <= poll + 1 for offset in asked)


def test_s4_a_question_in_the_second_of_a_check_is_that_check(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    days.pass_by(20)
    tenant.verifies(payment.merchant_order_id)
    worker.tick()
    days.tick_for(6)

    assert offsets_asked(phonepe, payment) == [20, 23, 26]


def test_s4_phonepes_silence_slows_the_checks_and_drops_none(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.simulator.faults.add(Fault("server_error", call="order_status"))
    tick_when_due(days, 110)
    in_silence = offsets_asked(phonepe, payment)
    phonepe.simulator.faults.clear()

    assert in_silence[0] == 20
    assert 4 <= len(in_silence) < 21, "fewer than the 21 polls of these seconds"
    tick_when_due(days, 1200)
    assert set(offsets_asked(phonepe, payment)) >= {offset for offset in POLLS_OF_1200 if offset > 410}
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.FAILED, "it has expired at PhonePe, and that was heard"


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_s5_nothing_is_asked_after_the_final_word(phonepe: PhonePe, days: Days, payment: Payment, outcome: str) -> None:
    tick_when_due(days, 100)
    phonepe.pays(payment) if outcome == "success" else phonepe.fails(payment)

    tick_when_due(days, 7 * 24 * 3600)

    assert offsets_asked(phonepe, payment)[-1] == 104
    payment.refresh_from_db()
    assert payment.status == (PaymentStatus.COMPLETED if outcome == "success" else PaymentStatus.FAILED)


def test_s5_the_last_check_of_the_schedule_comes_before_expiry(
    tenant: Caller, phonepe: PhonePe, days: Days, long_life: Any
) -> None:
    long_life(300)
    payment = start(tenant)

    tick_when_due(days, 304)

    assert offsets_asked(phonepe, payment)[-1] == 290


def test_s6_a_payer_who_never_comes_back_is_found(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment)

    tick_when_due(days, 20)

    assert offsets_asked(phonepe, payment) == [20]
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


# --- restarts and many workers -----------------------------------------------------------------


def test_s7_a_restart_asks_at_once_and_goes_on_with_the_schedule(
    phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    tick_when_due(days, 60)
    days.pass_by(30)  # nobody ticks: the process is down
    PhonePeService.forget_client()
    worker.tick()
    tick_when_due(days, 40)

    before = [offset for offset in POLLS_OF_1200 if offset <= 60]
    assert offsets_asked(phonepe, payment) == [*before, 90, 92, 98, 104, 110, 120, 130]
    assert len(phonepe.simulator.calls_to("oauth")) == 2, "the new process has fetched its own token"


def test_s7_down_over_expiry_is_made_up_for(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    tick_when_due(days, 60)
    phonepe.pays(payment)
    days.pass_by(5 * 3600)

    worker.tick()

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_s7_the_claim_of_a_worker_that_died_lapses(
    phonepe: PhonePe, days: Days, payment: Payment, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    days.tick_for(22)
    days.pass_by(1)
    with monkeypatch.context() as dying:
        dying.setattr(PhonePeService, "order_status", die)
        with pytest.raises(KeyboardInterrupt):
            worker.tick()
    days.tick_for(22)

    first, lapsed, *rest = offsets_asked(phonepe, payment)
    assert first == 20
    assert 23 + settings.PHONEPE_TIMEOUT < lapsed <= 23 + 2 * settings.PHONEPE_TIMEOUT
    assert rest == [offset for offset in POLLS_OF_1200 if lapsed < offset <= 45]


def test_s7_a_worker_that_was_believed_dead_does_not_shift_the_schedule(
    phonepe: PhonePe, days: Days, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, due = PhonePeService.order_status, []

    def answer_late(service: PhonePeService, merchant_order_id: str, **how: Any) -> Any:
        monkeypatch.setattr(PhonePeService, "order_status", ask)
        days.tick_for(31)  # the claim lapses, and another worker goes on
        due.append(Payment.objects.get().transaction.next_check_at)
        return ask(service, merchant_order_id, **how)

    monkeypatch.setattr(PhonePeService, "order_status", answer_late)
    days.pass_by(20)
    worker.tick()

    assert [Payment.objects.get().transaction.next_check_at] == due
    assert due[0] - timezone.now() == timedelta(seconds=5), "56 s after initiation, at 51"


@pytest.mark.django_db(transaction=True)
def test_s7_workers_that_tick_at_once_ask_once(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    workers = 3
    together = Barrier(workers, timeout=20)

    def tick(_: int) -> None:
        together.wait()
        worker.tick()

    with ThreadPoolExecutor(workers) as threads:
        for _ in range(35):
            days.pass_by(1)
            list(threads.map(alone(tick), range(workers)))

    assert offsets_asked(phonepe, payment) == [20, 23, 26, 29, 32, 35]


# --- the end ------------------------------------------------------------------------------------


def test_s8_the_closing_check_settles_an_order_that_nobody_paid(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    tick_when_due(days, 1206)

    assert offsets_asked(phonepe, payment)[-2:] == [1190, 1205]
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.FAILED
    assert payment.transaction.next_check_at is None
    assert tenant.starts_rent().status_code == 201


def test_s8_money_that_comes_in_the_last_second_is_found(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    tick_when_due(days, 1195)
    phonepe.pays(payment)

    tick_when_due(days, 11)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_s8_a_bank_that_decides_after_expiry_is_heard(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment, outcome="pending")
    tick_when_due(days, 1300)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.FAILED, "PhonePe ends an order at its expiry"

    phonepe.simulator.conclude(payment.merchant_order_id, "success")
    phonepe.delivers()
    days.tick_for(3)

    assert moves(payment) == [PaymentStatus.FAILED, PaymentStatus.COMPLETED]
    assert payment.tenancy.outstanding_paise() == 0


# --- nobody else is believed --------------------------------------------------------------------


def test_s9_opening_the_return_page_of_an_unpaid_order_pays_nothing(days: Days, payment: Payment) -> None:
    days.pass_by(5)

    page = Client().get(f"/payments/return/{payment.merchant_order_id}/?state=COMPLETED&code=PAYMENT_SUCCESS")

    assert "Confirming your payment" in page.text
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING


def successes(payment: Payment) -> Iterator[dict[str, Any]]:
    for name in ({"merchant_order_id": payment.merchant_order_id}, {"orderId": payment.transaction.phonepe_order_id}):
        yield {**name, "state": "COMPLETED", "status": "SUCCESS", "code": "PAYMENT_SUCCESS", "amount": 15_000_00}


def test_s9_the_apps_word_is_only_a_reason_to_ask(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    for body in successes(payment):
        days.tick_for(4)
        answer = Client().post("/api/payments/handle-payment-callback/", body, content_type="application/json")
        assert answer.json() == {"success": True, "state": "PENDING"}
        days.tick_for(1)

    assert offsets_asked(phonepe, payment) == [5, 10]
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING


def test_s9_verifying_an_unpaid_order_with_a_success_in_the_query_pays_nothing(
    tenant: Caller, days: Days, payment: Payment
) -> None:
    days.pass_by(5)

    answer = tenant.get(f"/api/payments/verify-payment/{payment.merchant_order_id}/?state=COMPLETED")

    assert answer.json()["state"] == "PENDING"
    assert payment.transaction.expire_at - timezone.now() == timedelta(seconds=1195)
