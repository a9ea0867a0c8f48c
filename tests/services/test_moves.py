"""Every change of a payment's status is recorded and counted, once it is committed, and at one place."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from prometheus_client import REGISTRY

from core.models import ChangeCause, Payment, PaymentStatus
from core.services.moves import move
from tests.phonepe import Days

SERVICES = Path(__file__).parents[2] / "core" / "services"


def counted(status: PaymentStatus, cause: ChangeCause) -> float:
    labels = {"status": str(status), "cause": str(cause)}
    return REGISTRY.get_sample_value("zelton_payment_moves_total", labels) or 0.0


def test_a_move_is_counted_when_it_is_committed(
    payment: Payment, days: Days, django_capture_on_commit_callbacks: Any
) -> None:
    before = counted(PaymentStatus.FAILED, ChangeCause.COMMAND)

    with django_capture_on_commit_callbacks() as callbacks:
        move(payment, PaymentStatus.FAILED, cause=ChangeCause.COMMAND, at=days.now())

    assert counted(PaymentStatus.FAILED, ChangeCause.COMMAND) == before
    for callback in callbacks:
        callback()
    assert counted(PaymentStatus.FAILED, ChangeCause.COMMAND) == before + 1


def test_rent_is_not_counted_as_a_debit(payment: Payment, days: Days, django_capture_on_commit_callbacks: Any) -> None:
    before = REGISTRY.get_sample_value("zelton_debits_total", {"status": "failed"})

    with django_capture_on_commit_callbacks(execute=True):
        move(payment, PaymentStatus.FAILED, cause=ChangeCause.COMMAND, at=days.now())

    assert REGISTRY.get_sample_value("zelton_debits_total", {"status": "failed"}) == before


@pytest.mark.django_db(transaction=True)
def test_a_move_that_is_rolled_back_is_not_counted(payment: Payment, days: Days) -> None:
    before = counted(PaymentStatus.FAILED, ChangeCause.CLOCK)

    with transaction.atomic():
        move(payment, PaymentStatus.FAILED, cause=ChangeCause.CLOCK, at=days.now())
        transaction.set_rollback(True)

    assert counted(PaymentStatus.FAILED, ChangeCause.CLOCK) == before


def test_no_service_changes_a_status_in_another_way() -> None:
    """`move_to` records without counting, so only `moves` calls it."""
    calling = {
        path.relative_to(SERVICES).as_posix()
        for path in SERVICES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "move_to"
    }

    assert calling == {"moves.py"}
