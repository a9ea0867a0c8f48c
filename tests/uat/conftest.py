import pytest

from core.models import Payment
from tests.phonepe import PhonePe
from tests.uat.scripted import Interrupted, Scripted, put_under_sdk


@pytest.fixture
def scripted(payment: Payment, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """After the simulator has taken a payment, PhonePe says what the test says."""
    adapter = Scripted()
    put_under_sdk(monkeypatch, adapter)
    return adapter


@pytest.fixture
def interrupted(phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> Interrupted:
    """The simulator as usual, but the test may answer a pay call in its place."""
    adapter = Interrupted(phonepe.simulator)
    put_under_sdk(monkeypatch, adapter)
    return adapter


@pytest.fixture
def production() -> dict[str, str]:
    """The variables of a start in production that is allowed."""
    return {
        "DJANGO_SECRET_KEY": "k3#mQ9-x" * 8,
        "DJANGO_DEBUG": "false",
        "DJANGO_ALLOWED_HOSTS": "zelton.test",
        "PHONEPE_ENVIRONMENT": "PRODUCTION",
        "PHONEPE_BASE_URL": "",
        "PHONEPE_CLIENT_SECRET": "a-secret-of-production-length",
        "PHONEPE_REDIRECT_BASE_URL": "https://zelton.test",
        "PHONEPE_WEBHOOK_USERNAME": "zelton_hooks",
        "PHONEPE_WEBHOOK_PASSWORD": "hooks4production",
        "PHONEPE_WEBHOOK_PREVIOUS_USERNAME": "",
        "PHONEPE_WEBHOOK_PREVIOUS_PASSWORD": "",
    }
