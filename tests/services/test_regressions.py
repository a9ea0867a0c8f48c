"""Stories that once went wrong, found by random ones."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from core.models import ChangeCause, Payment, PaymentTransaction
from core.services import worker
from core.services.payments import order_status
from core.services.polling.claims import CheckResult
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def gaps(phonepe: PhonePe, payment: Payment) -> list[float]:
    """Return the seconds between the questions about an order."""
    return [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(phonepe.was_asked(payment))]


def test_a_row_that_waits_in_a_slow_batch_is_not_asked_about_twice(
    tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
) -> None:
    days.pass_by(25)
    claims = worker.ORDERS.claim_due(due_by=days.now(), limit=10)
    days.pass_by(4)  # PhonePe takes that long to tell about the others of the batch
    tenant.verifies(payment.merchant_order_id)
    days.pass_by(1)

    worker.check(worker.ORDERS, claims, worker.Tally())

    assert len(phonepe.was_asked(payment)) == 1
    order = PaymentTransaction.objects.get()
    assert order.next_check_at == days.now() + timedelta(seconds=2)


@pytest.mark.parametrize("stands_still", [0, 2, 4])
def test_who_stood_still_before_its_claim_is_rested_from_when_it_really_asked(
    tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, stands_still: int
) -> None:
    days.pass_by(5)

    def slowly(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "core_paymenttransaction"') and not phonepe.was_asked(payment) and slow:
            days.pass_by(slow.pop())
        return execute(sql, *rest)

    slow = [stands_still]
    with connection.execute_wrapper(slowly):
        tenant.verifies(payment.merchant_order_id)
    days.pass_by(2)
    tenant.verifies(payment.merchant_order_id)
    days.pass_by(2)
    tenant.verifies(payment.merchant_order_id)

    assert gaps(phonepe, payment) == [4]


def test_a_settled_order_that_two_ask_about_stays_off_the_schedule(
    payment: Payment, phonepe: PhonePe, days: Days
) -> None:
    phonepe.pays(payment)
    days.tick_for(25)
    order = PaymentTransaction.objects.get()
    days.pass_by(60)

    def stands_still(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        if happens:
            happens.pop()
            days.pass_by(4)
            PaymentTransaction.objects.update(asked_at=days.now())  # as somebody else, who asks meanwhile
        return done

    happens = [True]
    with connection.execute_wrapper(stands_still):
        assert order_status.ask_now(order, cause=ChangeCause.COMMAND) == CheckResult.NOT_ASKED

    assert PaymentTransaction.objects.get().next_check_at is None


@pytest.mark.parametrize("fault", ["extra_fields", "server_error"])
def test_a_late_check_is_not_followed_by_the_next_one_at_once(
    payment: Payment, phonepe: PhonePe, days: Days, fault: str
) -> None:
    phonepe.simulator.faults.add(Fault(kind=fault, call="order_status"))
    days.pass_by(24.9)  # due at 20 and at 23, and again at 26
    worker.tick()
    for _ in range(20):
        days.pass_by(0.1)
        worker.tick()
    days.tick_for(10)

    assert len(gaps(phonepe, payment)) > 1
    assert min(gaps(phonepe, payment)) >= 2.9
