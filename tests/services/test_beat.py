"""When beat has the daily tasks done: at India's hours, as the operators' page says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from time_machine import Traveller

from core import tasks
from core.models import Alert, Payment, PaymentTransaction, RentCharge, Tenancy
from tests.phonepe import Days, PhonePe
from zelton_backend.celery import app

DAILY = {
    "raise-rent": (0, 5),
    "check-books": (2, 30),
    "forget-messages": (3, 50),
    "forget-calls": (3, 45),
    "archive-webhooks": (3, 30),
}  # hour and minute in India
MIDNIGHT_IN_INDIA = datetime(2026, 4, 30, 18, 30, tzinfo=UTC)  # 1 May begins


@pytest.mark.parametrize(("name", "at"), DAILY.items())
def test_a_daily_task_is_due_at_its_hour_in_india(traveller: Traveller, name: str, at: tuple[int, int]) -> None:
    due_at = MIDNIGHT_IN_INDIA + timedelta(hours=at[0], minutes=at[1])
    schedule = app.conf.beat_schedule[name]["schedule"]
    yesterday = due_at - timedelta(days=1)

    traveller.move_to(due_at - timedelta(seconds=1))
    assert not schedule.is_due(yesterday).is_due
    traveller.move_to(due_at)
    assert schedule.is_due(yesterday).is_due


def test_settlements_are_compared_anew_every_hour(traveller: Traveller) -> None:
    entry = app.conf.beat_schedule["compare-settlements"]
    assert entry["task"] == tasks.compare_settlements.name

    for hour in (0, 1, 23):
        due_at = MIDNIGHT_IN_INDIA + timedelta(hours=hour, minutes=20)
        traveller.move_to(due_at)
        assert entry["schedule"].is_due(due_at - timedelta(hours=1)).is_due


def test_every_thread_sends_tasks_with_our_app() -> None:
    with ThreadPoolExecutor() as threads:
        assert threads.submit(current_app._get_current_object).result() is app


def test_the_nightly_rent_is_that_of_indias_month(tenancy: Tenancy, traveller: Traveller) -> None:
    traveller.move_to(MIDNIGHT_IN_INDIA - timedelta(seconds=1))
    assert tasks.raise_rent() == 0

    traveller.move_to(MIDNIGHT_IN_INDIA)
    assert tasks.raise_rent() == 1
    assert f"{RentCharge.objects.latest('pk').month}" == "2026-05-01"


def test_the_nightly_check_alerts_once_if_the_books_differ(payment: Payment, phonepe: PhonePe, days: Days) -> None:
    phonepe.pays(payment)
    days.tick_for(25)
    assert tasks.check_books() == 0
    assert not Alert.objects.filter(kind="books").exists()
    PaymentTransaction.objects.filter(pk=payment.transaction.pk).update(refunding_paise=1)

    assert [tasks.check_books(), tasks.check_books()] == [1, 1]

    alert = Alert.objects.get(kind="books")
    assert "counts ₹0.01 as refunding" in alert.sentence
