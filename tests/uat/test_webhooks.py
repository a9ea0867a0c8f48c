"""Sign-off checklist, webhooks: who is let in, what a letter may do, and what it may never do alone."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from core.models import Alert, AlertKind, Payment, PaymentStatus, WebhookEvent, WebhookOutcome
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe
from tests.uat.world import (
    alone,
    captures,
    delivers,
    digest,
    letter,
    moves,
    offsets_asked,
    settings_from,
    tick_when_due,
)

COMPLETED, FAILED = "checkout.order.completed", "checkout.order.failed"
ATTEMPT_FAILED = "checkout.transaction.attempt.failed"


def status_of(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


# --- what a letter says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        {"loyaltyPoints": 12, "newBlock": {"deep": [1, {"a": None}]}},
        {"metaInfo": None, "paymentDetails": None, "expireAt": None},
        {"paymentDetails": [{"paymentMode": "BY_CAMEL", "state": "NEVER_SEEN", "rail": 7}]},
        {"paymentDetails": "none", "metaInfo": []},
        {"amount": "1500000", "expireAt": "1775804400000"},
        {"merchantId": 7, "state": {"word": "COMPLETED"}},
    ],
)
def test_w1_a_letter_is_read_whatever_is_added_or_missing(
    phonepe: PhonePe, days: Days, payment: Payment, about: dict[str, Any]
) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    assert delivers(letter(COMPLETED, payment, **{"state": "COMPLETED", **about})).status_code == 200
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.COMPLETED


def test_w2_a_failed_attempt_leaves_the_order_open(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment, outcome="failure")
    days.pass_by(5)
    phonepe.delivers()
    [sent] = phonepe.simulator.webhooks
    days.tick_for(1)

    assert (sent.event, sent.answered) == (ATTEMPT_FAILED, 200)
    assert sent.document["payload"]["errorCode"]
    assert status_of(payment) == PaymentStatus.PENDING

    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)

    assert moves(payment) == [PaymentStatus.COMPLETED]


def test_w3_the_event_names_the_letter_and_its_type_is_ignored(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    delivers({"type": "CHECKOUT_ORDER_FAILED", **letter(COMPLETED, payment, state="COMPLETED")})
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.COMPLETED
    assert WebhookEvent.objects.get().event == COMPLETED


@pytest.mark.parametrize("named", [{"event": COMPLETED}, {"type": "CHECKOUT_ORDER_COMPLETED"}, {}])
def test_w3_a_letter_without_type_or_event_is_still_read(
    phonepe: PhonePe, days: Days, payment: Payment, named: dict[str, str]
) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    delivers({**named, "payload": letter("", payment, state="COMPLETED")["payload"]})
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.COMPLETED


def test_w3_a_letter_without_its_envelope_is_still_read(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    delivers(letter("", payment, state="COMPLETED")["payload"])
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.COMPLETED


def test_w4_phonepes_milliseconds_are_instants_of_today(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    days.pass_by(7.25)
    paid = timezone.now()
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)

    [told] = phonepe.simulator.webhooks[-1].document["payload"]["paymentDetails"]
    order = Payment.objects.get().transaction
    assert order.paid_at == paid
    assert order.paid_at.timestamp() * 1000 == told["timestamp"]
    assert order.expire_at == order.initiated_at + timedelta(seconds=1200)
    assert WebhookEvent.objects.get().received_at == paid + timedelta(seconds=5)
    assert order.paid_at.year == order.expire_at.year == 2026


# --- who is let in -------------------------------------------------------------------------------


def wrong_headers() -> Iterator[str]:
    pair = settings.PHONEPE_WEBHOOK_CREDENTIALS[0]
    username, password = pair.split(":")
    good = digest(pair)
    yield from ("", "Basic em9vOnphYg==", password, pair, f"Basic {pair}", f"SHA256 {good}", f"SHA256({good})")
    yield from (good.upper(), good[:-1], good + "0", f"Bearer {good}", f"O-Bearer {good}", "é" * 64, "0" * 64)
    for other in (f"{username}:another4pass", f"another_user:{password}", ":", f"{username}:", "None:None", ""):
        yield digest(other)


@pytest.mark.parametrize("header", list(wrong_headers()))
def test_w5_any_other_header_is_refused_and_changes_nothing(
    phonepe: PhonePe, days: Days, payment: Payment, header: str
) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    refused = delivers(letter(COMPLETED, payment, state="COMPLETED"), header)
    days.tick_for(1)

    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"
    assert WebhookEvent.objects.count() == 0
    assert offsets_asked(phonepe, payment) == []
    assert status_of(payment) == PaymentStatus.PENDING


@pytest.mark.parametrize("which", [0, 1], ids=["now", "before the rotation"])
def test_w5_the_digest_of_our_credentials_is_let_in(phonepe: PhonePe, days: Days, payment: Payment, which: int) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    header = digest(settings.PHONEPE_WEBHOOK_CREDENTIALS[which])
    assert delivers(letter(COMPLETED, payment, state="COMPLETED"), header).status_code == 200
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.COMPLETED


@pytest.mark.parametrize("pair", ["", ":", "None:None"])
def test_w5_without_credentials_the_door_is_closed(db: None, settings: Any, pair: str) -> None:
    settings.PHONEPE_WEBHOOK_CREDENTIALS = []

    assert delivers({"event": COMPLETED}, digest(pair)).status_code == 401


def test_w5_the_header_is_looked_at_before_the_body(db: None) -> None:
    for body in (b"not json", b"", b"x" * 300_000):
        assert delivers(body, "0" * 64).status_code == 401


def test_w6_after_a_forged_letter_only_phonepes_own_answer_counts(
    phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.simulator.faults.add(Fault("webhook_forged", call=ATTEMPT_FAILED))
    phonepe.pays(payment, outcome="failure")
    days.pass_by(5)
    phonepe.delivers()
    assert phonepe.simulator.webhooks[-1].answered == 401
    delivers(letter(FAILED, payment, state="FAILED"), "0" * 64)
    days.tick_for(15)
    assert status_of(payment) == PaymentStatus.PENDING

    phonepe.pays(payment)
    days.tick_for(3)

    assert status_of(payment) == PaymentStatus.COMPLETED


@pytest.mark.parametrize(
    ("event", "state"), [(COMPLETED, "COMPLETED"), (FAILED, "FAILED"), (ATTEMPT_FAILED, "COMPLETED")]
)
def test_w6_not_even_a_letter_with_the_right_header_is_believed(
    phonepe: PhonePe, days: Days, payment: Payment, event: str, state: str
) -> None:
    days.pass_by(5)

    delivers(letter(event, payment, state=state))
    days.tick_for(1)

    assert offsets_asked(phonepe, payment) == [6]
    assert status_of(payment) == PaymentStatus.PENDING


# --- set up for production -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "password"),
    [("", ""), ("zelton_hooks", ""), ("hook", "hooks4production"), ("zelton-hooks", "hooks4production")]
    + [("zelton_hooks", password) for password in ("short4u", "onlyletters", "1234567890", "far2long" * 3)],
)
def test_w7_credentials_that_phonepes_dashboard_forbids_stop_the_start(
    production: dict[str, str], username: str, password: str
) -> None:
    chosen = {"PHONEPE_WEBHOOK_USERNAME": username, "PHONEPE_WEBHOOK_PASSWORD": password}

    with pytest.raises(ImproperlyConfigured, match="PHONEPE_WEBHOOK"):
        settings_from({**production, **chosen})


def test_w7_credentials_that_it_allows_are_taken(production: dict[str, str]) -> None:
    assert settings_from(production)["PHONEPE_WEBHOOK_CREDENTIALS"] == ["zelton_hooks:hooks4production"]


def test_w7_the_address_takes_phonepes_post_and_nothing_else(db: None) -> None:
    assert [getattr(Client(), method)(WEBHOOK).status_code for method in ("get", "put", "delete")] == [405] * 3


# --- load, repetition, order ---------------------------------------------------------------------


def test_w8_a_hundred_letters_are_answered_in_time_without_asking_phonepe(phonepe: PhonePe, payment: Payment) -> None:
    phonepe.simulator.faults.add(Fault("timeout_before"))
    seconds = []
    for number in range(100):
        body = letter(ATTEMPT_FAILED, payment, state="PENDING", number=number)
        start = perf_counter()
        assert delivers(body).status_code == 200
        seconds.append(perf_counter() - start)

    assert sorted(seconds)[98] < 3
    assert phonepe.was_asked() == []
    assert WebhookEvent.objects.count() == 100


@pytest.mark.django_db(transaction=True)
def test_w9_the_same_letter_ten_times_at_once_has_one_effect(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment)
    days.pass_by(5)
    body = json.dumps(letter(COMPLETED, payment, state="COMPLETED")).encode()

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(alone(lambda _: delivers(body).status_code), range(10)))
    days.tick_for(10)
    assert delivers(body).status_code == 200
    days.tick_for(10)

    assert answers == [200] * 10
    assert WebhookEvent.objects.get().deliveries == 11
    assert moves(payment) == [PaymentStatus.COMPLETED]
    assert captures() == 1
    assert payment.tenancy.outstanding_paise() == 0
    assert len(phonepe.was_asked(payment)) == 1


def test_w9_phonepes_own_repetition_has_one_effect(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.simulator.faults.add(Fault("webhook_repeated", value=5))
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(10)

    assert [sent.answered for sent in phonepe.simulator.webhooks] == [200] * 5
    assert moves(payment) == [PaymentStatus.COMPLETED]
    assert captures() == 1


def test_w10_a_late_failure_does_not_undo_a_payment_and_is_flagged(
    phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.pays(payment)
    tick_when_due(days, 20)
    assert status_of(payment) == PaymentStatus.COMPLETED

    delivers(letter(FAILED, payment, state="FAILED"))
    days.tick_for(10)

    assert moves(payment) == [PaymentStatus.COMPLETED]
    assert payment.tenancy.outstanding_paise() == 0
    assert WebhookEvent.objects.get().outcome == WebhookOutcome.CONTRADICTS
    assert Alert.objects.get().kind == AlertKind.CONTRADICTION


def test_w10_letters_that_overtake_each_other_end_in_the_right_state(
    phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.simulator.faults.add(Fault("webhook_reordered", call=ATTEMPT_FAILED))
    phonepe.pays(payment, outcome="failure")
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(10)

    assert [sent.event for sent in phonepe.simulator.webhooks] == [COMPLETED, ATTEMPT_FAILED]
    assert moves(payment) == [PaymentStatus.COMPLETED]
    assert Alert.objects.count() == 0, "a failed attempt before the success contradicts nothing"


def test_w10_a_late_success_after_a_failure_counts(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment, outcome="pending")
    phonepe.fails(payment)
    tick_when_due(days, 20)
    assert status_of(payment) == PaymentStatus.FAILED

    phonepe.simulator.conclude(payment.merchant_order_id, "success")
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(3)

    assert moves(payment) == [PaymentStatus.FAILED, PaymentStatus.COMPLETED]


# --- addresses -----------------------------------------------------------------------------------

# "Webhooks" in PhonePe's documentation publishes both; the first list is wider than the second.
SINGLE = [
    *(f"103.116.33.{last}" for last in (8, 9, 10, 11, 136, 137, 138, 139)),
    *(f"103.116.32.{last}" for last in range(16, 30)),
    *(f"103.116.34.{last}" for last in (1, *range(16, 24))),
    "103.243.35.242",
]
RANGES = ["103.116.34.16/29", "103.116.32.16/29", "103.116.33.8/30", "103.116.33.136/30"]


def test_w11_operators_are_told_every_address_to_let_in() -> None:
    page = (settings.BASE_DIR / "docs" / "phonepe-addresses.md").read_text()
    listed = [ip_network(line.strip()) for line in page.splitlines() if line[:1].isdigit()]

    allowed = {address for network in listed for address in network}
    published = {ip_address(single) for single in SINGLE} | {a for part in RANGES for a in ip_network(part)}
    assert allowed == published


# --- what a letter claims is compared ------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": 1},
        {"amount": 99_999_900},
        {"amount": None},
        {"merchantId": "ANOTHERMERCHANT"},
        {"orderId": "OMO0000000000000000000000"},
    ],
)
def test_w12_a_letter_that_differs_from_the_order_pays_nothing(
    phonepe: PhonePe, days: Days, payment: Payment, lie: dict[str, Any]
) -> None:
    days.pass_by(5)

    assert delivers(letter(COMPLETED, payment, state="COMPLETED", **lie)).status_code == 200
    days.tick_for(1)

    assert status_of(payment) == PaymentStatus.PENDING
    assert captures() == 0


def test_w12_another_amount_for_a_paid_order_is_flagged(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    phonepe.pays(payment)
    tick_when_due(days, 20)

    delivers(letter(COMPLETED, payment, state="COMPLETED", amount=1))
    days.tick_for(1)

    assert Alert.objects.get().kind == AlertKind.CONTRADICTION
    assert payment.tenancy.outstanding_paise() == 0


def test_w12_a_letter_about_nothing_we_know_is_kept_and_flagged(payment: Payment, days: Days) -> None:
    unknown = letter(COMPLETED, payment, state="COMPLETED", merchantOrderId="NOT-OURS")

    assert delivers(unknown).status_code == 200
    days.tick_for(1)

    assert WebhookEvent.objects.get().outcome == WebhookOutcome.UNKNOWN
    assert Alert.objects.get().kind == AlertKind.UNKNOWN_WEBHOOK
    assert status_of(payment) == PaymentStatus.PENDING


def test_w12_phonepes_own_answer_with_another_amount_pays_nothing_and_holds_the_next(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=-100))
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)

    payment.refresh_from_db()
    assert (payment.status, payment.transaction.reconciliation_status) == (PaymentStatus.PENDING, "mismatch")
    assert payment.transaction.captured_paise == 0
    assert payment.tenancy.outstanding_paise() == 15_000_00
    assert Alert.objects.get().kind == AlertKind.MISMATCH
    refused = tenant.starts_rent()
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_under_review")
