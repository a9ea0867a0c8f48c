"""manage.py approve_refund, and what resolve_mismatch keeps of who decided"""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import OperatorAction, Payment, Refund, User
from core.services.operations.trace import machine_user
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def waiting(payment: Payment, owner: Caller, phonepe: PhonePe, days: Days, settings: Any) -> Refund:
    settings.REFUND_APPROVAL_ABOVE = Decimal(0)
    phonepe.pays(payment)
    days.tick_for(21)
    owner.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out"})
    return Refund.objects.get(state="AWAITING_APPROVAL")


def approves(refund: str, *more: str, by: str = "operator") -> str:
    out = StringIO()
    call_command("approve_refund", refund, "--by", by, "--reason", "Spoke with the owner", *more, stdout=out)
    return out.getvalue()


def test_a_named_person_approves(waiting: Refund, operator: Caller, phonepe: PhonePe) -> None:
    assert approves(waiting.merchant_refund_id) == f"{waiting}: ₹15,000.00 approved; it is PENDING.\n"

    assert len(phonepe.simulator.calls_to("refund")) == 1
    assert OperatorAction.objects.get().name == "operator"


def test_a_named_person_refuses(waiting: Refund, operator: Caller, phonepe: PhonePe) -> None:
    assert "refused; it is FAILED" in approves(waiting.merchant_refund_id, "--refuse")

    assert not phonepe.simulator.calls_to("refund")


def test_it_says_what_came_of_one_that_phonepe_refused(waiting: Refund, operator: Caller, phonepe: PhonePe) -> None:
    phonepe.simulator.orders[waiting.transaction.merchant_order_id].state = "PENDING"

    assert approves(waiting.merchant_refund_id) == f"{waiting}: ₹15,000.00 approved; it is FAILED.\n"


def test_a_program_reads_what_came_of_it(waiting: Refund, operator: Caller) -> None:
    answer = json.loads(approves(waiting.merchant_refund_id, "--json"))

    assert answer == {"merchant_refund_id": waiting.merchant_refund_id, "state": "PENDING", "approved": True}


@pytest.mark.parametrize(
    ("by", "problem"), [("asha", "permission core.approve_refund"), ("nobody", "There is no user nobody")]
)
def test_it_asks_for_the_permission(waiting: Refund, by: str, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        approves(waiting.merchant_refund_id, by=by)


def test_who_asked_does_not_approve(waiting: Refund, owner: Caller) -> None:
    User.objects.filter(pk=owner.user.pk).update(is_staff=True, is_superuser=True)

    with pytest.raises(CommandError, match="You asked for this refund yourself"):
        approves(waiting.merchant_refund_id, by="asha")


def test_one_that_there_is_not(operator: Caller) -> None:
    with pytest.raises(CommandError, match="There is no such refund"):
        approves("ZLR-0")


@pytest.mark.parametrize(
    ("by", "name"), [([], machine_user()), (["--by", "operator"], "operator")], ids=["nobody named", "named"]
)
def test_resolve_mismatch_keeps_who_decided_and_why(
    payment: Payment, tenant: Caller, operator: Caller, phonepe: PhonePe, by: list[str], name: str
) -> None:
    phonepe.pays(payment)
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
    tenant.verifies(payment.merchant_order_id)

    call_command("resolve_mismatch", payment.merchant_order_id, "--accept", "--reason", "Rounded up", *by)

    trace = OperatorAction.objects.get()
    assert (trace.action, trace.name, trace.reason) == ("accept_mismatch", name, "Rounded up")
    assert trace.order == payment.transaction
