"""What bad luck or somebody with bad intentions could try, and the books or the service would not survive."""

from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest, Response

from core.models import Payment, Refund
from core.services import phonepe_service, reconciliation
from core.services.phonepe_service import PhonePeService
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """₹15,000.00 of rent that came."""
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get(pk=payment.pk)


class TestARefundThatIsSlowOnItsWay:
    @pytest.fixture
    def meanwhile(self, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        """Happens once, after our next refund left and before PhonePe has it."""
        happens: list[Callable[[], Any]] = []

        class Slow(SimulatorAdapter):
            def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
                if request.method == "POST" and (request.url or "").endswith("/refund") and happens:
                    happens.pop()()
                return super().send(request, **kwargs)

        monkeypatch.setattr(phonepe_service, "Transport", lambda **_: Slow(phonepe.simulator))
        PhonePeService.forget_client()
        return happens

    def test_it_is_not_failed_because_its_repetition_was_faster(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, meanwhile: list[Callable[[], Any]]
    ) -> None:
        def the_operator_repeats_it() -> None:
            days.pass_by(4)
            reconciliation.run(reconciliation.REFUNDS, everything=True)

        meanwhile.append(the_operator_repeats_it)

        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out", "amount": "15000.00"})

        assert (answer.status_code, answer.json()["state"]) == (202, "PENDING")
        days.pass_by(3600)
        reconciliation.tick()
        assert Refund.objects.get().state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 15_000_00
