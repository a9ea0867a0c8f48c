from typing import Any

import pytest

from tests.admin.desk import Desk
from tests.people import Caller


@pytest.fixture
def desk(operator: Caller) -> Desk:
    return Desk(operator.user)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time: how well they are hashed is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
