from typing import Any

import pytest

from core.models import Payment
from tests.phonepe import Days, PhonePe


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time: how well they are hashed is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """The tenant's rent, paid and confirmed by PhonePe's webhook."""
    phonepe.pays(payment)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)
    payment.refresh_from_db()
    assert payment.status == "completed"
    return payment
