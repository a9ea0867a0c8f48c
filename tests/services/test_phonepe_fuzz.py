"""Whatever PhonePe says, it is read or refused in our words; nothing but PAID with just our amount credits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.models import ChangeCause, Payment, PaymentStatus, PaymentTransaction, WebhookEvent
from core.services.payments.order_status import apply_order_status
from core.services.phonepe.errors import PhonePeError
from core.services.phonepe_service import PhonePeService
from core.services.webhooks import processing
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.uat.scripted import Scripted, put_under_sdk
from tests.uat.world import captures, delivers, tick_when_due, unsaved_order

OURS = 15_000_00
FIXTURE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
MUCH = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=FIXTURE)
SOME = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=FIXTURE)

# Everything that JSON can say, and what Python's reader takes beside it: NaN, lone surrogates, huge numbers.
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),
    st.text(max_size=80),
    st.sampled_from(["\0", "\ud800", "é" * 200, "1" * 70, "NaN", 10**300]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
states = st.sampled_from(["PENDING", "COMPLETED", "FAILED", "CREATED", "CONFIRMED", "completed", ""])
amounts = st.sampled_from([OURS, str(OURS), OURS + 1, -OURS, 0, 100, float(OURS), f"{OURS}.0", True])
instants = st.sampled_from([1775804400000, "1775804400000", 0, -1, 1291391291, 9_999_999_999_999, 10**18])
ids = st.sampled_from(["OMO1", "OMO" + "1" * 200, "\0", ""]) | st.text(max_size=70)


def fields(**likely: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with PhonePe's keys, each likely right, sometimes absurd, sometimes missing; and some more."""
    known = st.fixed_dictionaries({}, optional={key: value | anything for key, value in likely.items()})
    return st.builds(
        lambda more, told: {**more, **told}, st.dictionaries(st.text(max_size=8), anything, max_size=3), known
    )


rails = fields(type=st.just("UPI"), utr=st.text(max_size=80), vpa=st.text(max_size=10))
parts = fields(rail=rails, instrument=anything, amount=amounts)
attempts = fields(
    transactionId=ids,
    paymentMode=st.sampled_from(["UPI_INTENT", "CREDIT_LINE", "X" * 90]),
    timestamp=instants,
    amount=amounts,
    state=states,
    rail=rails,
    splitInstruments=st.lists(parts, max_size=2),
    errorCode=st.text(max_size=80),
)
order_answers = fields(
    orderId=ids,
    merchantOrderId=st.sampled_from(["ZLT-1", "ZLT-2"]),
    state=states,
    amount=amounts,
    expireAt=instants,
    paymentDetails=st.lists(attempts, max_size=3),
    metaInfo=anything,
)
pay_answers = fields(
    orderId=ids,
    state=states,
    expireAt=instants,
    redirectUrl=st.text(max_size=30),
    token=st.text(max_size=30),
    code=st.sampled_from(["BAD_REQUEST", "\0", "\ud800", "x" * 200, "ORDER_ALREADY_EXISTS"]),
)
refund_answers = fields(
    merchantRefundId=st.sampled_from(["R-1", "R-2"]), refundId=ids, state=states, amount=amounts, errorCode=anything
)
letters = fields(
    event=st.sampled_from(["checkout.order.completed", "pg.refund.failed", "e" * 300]),
    type=st.text(max_size=80),
    payload=order_answers,
)
statuses = st.sampled_from(
    [200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 417, 422, 429, 500, 502, 503, 599]
)
bodies = st.binary(max_size=60) | st.sampled_from([b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900, b"null", b"1e999"])


def deep(levels: int) -> Any:
    body: Any = 1
    for _ in range(levels):
        body = [body]
    return body


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    adapter = Scripted()
    put_under_sdk(monkeypatch, adapter)
    return adapter


@pytest.fixture
def paying(payment: Payment, line: Scripted, monkeypatch: pytest.MonkeyPatch) -> Payment:
    put_under_sdk(monkeypatch, line)
    return payment


@contextmanager
def taken_back() -> Iterator[None]:
    """Let every example find the same books."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def in_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class TestTheServiceRaisesOnlyOurErrors:
    @MUCH
    @given(body=order_answers | anything | bodies, status=statuses)
    @example(body=deep(400), status=200)
    @example(body={"state": "COMPLETED", "amount": 1, "more": deep(400)}, status=200)
    @example(body=b"[" * 5000, status=200)
    @example(body=b"[" * 5000, status=500)
    @example(body={"code": ["BAD_REQUEST"], "message": 7, "context": 1, "data": []}, status=400)
    def test_order_status(self, line: Scripted, body: Any, status: int) -> None:
        line.says(in_bytes(body), status)

        with suppress(PhonePeError):
            report = PhonePeService().order_status("ZLT-1")
            assert 200 <= status < 300
            assert isinstance(body, dict)
            assert report.state != "COMPLETED" or body["state"] == "COMPLETED"
            assert report.amount_paise is None or report.amount_paise == int(body["amount"])
            json.dumps(report.raw, allow_nan=False).encode()

    @MUCH
    @given(body=pay_answers | anything | bodies, status=statuses)
    def test_pay(self, line: Scripted, body: Any, status: int) -> None:
        line.says(in_bytes(body), status)

        with suppress(PhonePeError):
            checkout = PhonePeService().create_order(unsaved_order())
            assert 200 <= status < 300
            assert checkout.order_id
            assert len(checkout.order_id) <= 64
            assert checkout.redirect_url or checkout.token

    @MUCH
    @given(body=refund_answers | anything | bodies, status=statuses, asks=st.booleans())
    def test_refund(self, line: Scripted, body: Any, status: int, asks: bool) -> None:
        line.says(in_bytes(body), status)
        service = PhonePeService()

        with suppress(PhonePeError):
            report = (
                service.refund_status("R-1")
                if asks
                else service.refund(merchant_refund_id="R-1", merchant_order_id="ZLT-1", amount_paise=OURS)
            )
            assert report.state in ("PENDING", "CONFIRMED", "COMPLETED", "FAILED")
            assert isinstance(body, dict)
            assert report.state == "PENDING" or body["state"] == report.state
            json.dumps(report.raw, allow_nan=False).encode()

    @MUCH
    @given(body=fields(access_token=st.text(max_size=20), token_type=st.just("O-Bearer"), expires_at=instants) | bodies)
    def test_token(self, line: Scripted, body: Any) -> None:
        PhonePeService.forget_client()
        line.token = in_bytes(body)
        line.says({"state": "PENDING"})

        with suppress(PhonePeError):
            PhonePeService().order_status("ZLT-1")


class TestNothingIsCreditedByChance:
    @MUCH
    @given(body=order_answers)
    @example(body={"state": "COMPLETED", "amount": OURS, "feeAmount": float("inf")})
    @example(body={"state": "COMPLETED", "amount": OURS, "note": float("nan")})
    @example(body={"state": "COMPLETED", "amount": OURS, "\0": "\ud800"})
    @example(
        body={"state": "COMPLETED", "amount": OURS, "paymentDetails": [{"state": "COMPLETED", "errorCode": "x" * 99}]}
    )
    def test_only_completed_with_just_our_amount_credits(
        self, paying: Payment, line: Scripted, days: Days, body: Any
    ) -> None:
        line.says(in_bytes(body))
        with taken_back():
            with suppress(PhonePeError):
                report = PhonePeService().order_status(paying.merchant_order_id)
                apply_order_status(report, cause=ChangeCause.CLOCK, now=days.now())
            payment = Payment.objects.get()
            may_pay = body.get("state") == "COMPLETED" and body.get("amount") in (OURS, str(OURS))

            expected = (OURS, 1) if payment.status == PaymentStatus.COMPLETED else (0, 0)
            assert (payment.transaction.captured_paise, captures()) == expected
            assert may_pay or payment.status != PaymentStatus.COMPLETED

    @pytest.mark.parametrize("extra", [float("inf"), float("nan"), "\0", "\ud800", 10**300, deep(60), "x" * 10_000])
    def test_a_payment_counts_whatever_stands_beside_it(
        self, paying: Payment, line: Scripted, days: Days, extra: Any
    ) -> None:
        line.says(
            {"state": "COMPLETED", "amount": OURS, "orderId": paying.transaction.phonepe_order_id, "extra": extra}
        )

        tick_when_due(days, 20)

        assert Payment.objects.get().status == PaymentStatus.COMPLETED

    @SOME
    @given(body=order_answers | bodies, status=statuses)
    @example(body={"state": "PENDING", "more": deep(400)}, status=200)
    @example(body=b"[" * 5000, status=200)
    @example(body={"state": "PENDING", "orderId": "OMO" + "1" * 200}, status=200)
    def test_the_app_always_gets_an_answer(
        self, tenant: Caller, paying: Payment, line: Scripted, body: Any, status: int
    ) -> None:
        line.says(in_bytes(body), status)

        with taken_back():
            PaymentTransaction.objects.update(asked_at=None, phonepe_order_id="")
            assert tenant.verifies(paying.merchant_order_id).status_code == 200

    @SOME
    @given(body=pay_answers | bodies, status=statuses)
    @example(body={"orderId": "OMO" + "1" * 200, "redirectUrl": "https://pay.test/"}, status=200)
    @example(body={"orderId": "OMO1", "redirectUrl": "https://pay.test/", "expireAt": 9_999_999_999_999}, status=200)
    def test_a_tenant_always_gets_a_page_or_a_sentence(
        self, tenant: Caller, line: Scripted, days: Days, body: Any, status: int
    ) -> None:
        line.says(in_bytes(body), status)

        with taken_back():
            answer = tenant.starts_rent()
            order = Payment.objects.get().transaction
            assert answer.status_code in (201, 502, 503)
            assert order.expire_at - order.initiated_at <= timedelta(hours=2)
            assert answer.status_code != 201 or answer.json()["order_id"] == order.phonepe_order_id


class TestEveryLetterIsTaken:
    @MUCH
    @given(body=letters | anything | bodies)
    @example(body=b"[" * 5000)
    @example(body=b'{"a":' * 900 + b"1" + b"}" * 900)
    @example(body={"payload": deep(400)})
    @example(body=b'{"a": ' + b"1" * 5000 + b"}")
    @example(body=b"\xff\xfe\x00")
    @example(body={"event": "\ud800\0", "payload": {"merchantOrderId": "\ud800\0", "orderId": "\0"}})
    def test_it_is_stored_and_read_and_never_an_error_of_ours(
        self, phonepe: PhonePe, payment: Payment, days: Days, body: Any
    ) -> None:
        with taken_back():
            answer = delivers(in_bytes(body))
            processing.process_waiting(now=days.now(), limit=10)

            assert answer.status_code in (200, 400)
            event = WebhookEvent.objects.get()
            assert event.processed_at is not None
            assert (event.outcome == "unreadable") == (answer.status_code == 400)
            assert Payment.objects.get().status == PaymentStatus.PENDING
            assert captures() == 0
