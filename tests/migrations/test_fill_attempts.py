"""Attempts of orders that are older than the table for attempts."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from core.models import Payment, PaymentAttempt
from tests.phonepe import Days, PhonePe


@pytest.fixture
def newest(transactional_db: None) -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def test_attempts_are_filled_in_from_what_is_stored(
    newest: None, payment: Payment, phonepe: PhonePe, days: Days
) -> None:
    phonepe.pays(payment, mode="UPI_INTENT", outcome="failure")
    phonepe.pays(payment, mode="UPI_INTENT")
    phonepe.delivers()
    days.tick_for(21)
    fields = ("order_id", "transaction_id", "state", "utr", "upi_transaction_id", "instrument", "error_code", "at")
    seen = list(PaymentAttempt.objects.order_by("transaction_id").values(*fields))
    assert len(seen) == 2

    call_command("migrate", "core", "0032", verbosity=0)
    PaymentAttempt.objects.all().delete()
    call_command("migrate", "core", verbosity=0)

    assert list(PaymentAttempt.objects.order_by("transaction_id").values(*fields)) == seen
