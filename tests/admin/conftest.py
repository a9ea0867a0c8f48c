from datetime import UTC, datetime

import pytest
from django.db import models

from core.models import AlertKind, Payment, ReportedRefund, Settlement, SettlementLine, SuspensePlacement
from core.services.operations.alerts import alert
from core.services.operations.trace import note_action
from tests.admin.desk import Desk
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture(autouse=True)
def always_quick_passwords(quick_passwords: None) -> None: ...


@pytest.fixture
def desk(operator: Caller) -> Desk:
    return Desk(operator.user)


@pytest.fixture
def full_books(payment: Payment, owner: Caller, plan: models.Model, phonepe: PhonePe, days: Days) -> None:
    """One row at least of everything."""
    body = {"pricing_plan_id": plan.pk, "period": "monthly"}
    subscription = owner.post("/api/owner-subscriptions/initiate-payment/", body)
    phonepe.pays(payment)
    phonepe.pays(subscription)
    days.pass_by(5)
    phonepe.delivers()
    days.tick_for(1)
    assert owner.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out"}).status_code == 202
    alert(AlertKind.SILENT, payment.merchant_order_id, "Look at this.", now=days.now())
    note_action("ask_phonepe", by=None, reason="The tenant called", about=f"payment:{payment.pk}", now=days.now())
    settled("1")
    SuspensePlacement.objects.create(
        source_kind="settlement",
        source_subject="S-1",
        destination="written_off",
        amount_paise=100,
        reason="Not worth asking",
        placed_at=days.now(),
    )
    setup = {**body, "device_os": "ANDROID", "target_app": "com.phonepe.app"}
    assert owner.post("/api/owner-subscriptions/autopay/", setup).status_code == 201
    ReportedRefund.objects.create(merchant_refund_id="R-1", reported_by="The webhook x", initiated_at=days.now())


def settled(number: str) -> SettlementLine:
    """Return a line of a settlement of its own."""
    settlement = Settlement.objects.create(
        settlement_id=f"S-{number}", state="PROCESSED", imported_at=datetime(2026, 4, 11, tzinfo=UTC), entries=1
    )
    return SettlementLine.objects.create(
        settlement=settlement,
        type="PAYMENT",
        merchant_order_id=f"RENT-{number}",
        phonepe_id=f"OMO{number}",
        amount_paise=15_000_00,
        fee_paise=-285_00,
        tax_paise=-51_30,
        net_paise=14_663_70,
        outcome="unknown",
        remark="not in our books",
    )
