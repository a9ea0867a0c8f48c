"""What the program notices by itself, so that nobody needs Prometheus to be told."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from core.models import Alert, AlertKind, Payment
from core.services.webhooks import inbox
from phonepe_simulator import Fault
from tests.deliveries import delivers
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe

WRONG = {"Authorization": sha256(b"zelton_hooks:another-password").hexdigest()}


def open_alerts(kind: AlertKind) -> int:
    return Alert.objects.filter(kind=kind, resolved_at=None).count()


@pytest.mark.usefixtures("own_pace")
class TestPhonePe:
    @pytest.mark.parametrize("fault", ["unavailable", "timeout_before"])
    def test_an_outage_is_told_of_within_a_minute_and_ends_by_itself(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, fault: str
    ) -> None:
        days.tick_for(25)
        phonepe.simulator.faults.add(Fault(fault))
        days.tick_for(30)
        assert not open_alerts(AlertKind.PHONEPE_DOWN)
        days.tick_for(30)
        assert open_alerts(AlertKind.PHONEPE_DOWN) == 1

        days.tick_for(60)
        assert Alert.objects.filter(kind=AlertKind.PHONEPE_DOWN).count() == 1  # once for each outage
        phonepe.simulator.faults.clear()
        days.tick_for(6)  # a question just before its end, still unanswered, would spare the payer's own
        tenant.verifies(payment.merchant_order_id)
        days.tick_for(6)
        assert not open_alerts(AlertKind.PHONEPE_DOWN)

    def test_one_that_is_resolved_while_it_lasts_is_not_raised_again(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("unavailable"))
        days.tick_for(90)
        Alert.objects.update(resolved_at=days.now())

        days.tick_for(60)

        assert not open_alerts(AlertKind.PHONEPE_DOWN)

    def test_refused_credentials_are_told_of_at_once(
        self, payment: Payment, phonepe: PhonePe, days: Days, settings: Any
    ) -> None:
        settings.PHONEPE_CLIENT_SECRET = "another-secret-than-theirs"
        phonepe.simulator.revoke_tokens()
        type(self)._forget_client()
        days.tick_for(30)

        assert open_alerts(AlertKind.CREDENTIALS_REFUSED) == 1
        assert not open_alerts(AlertKind.PHONEPE_DOWN)

    @staticmethod
    def _forget_client() -> None:
        from core.services.phonepe_service import PhonePeService

        PhonePeService.forget_client()


class TestWebhooks:
    @pytest.mark.usefixtures("own_pace")
    def test_orders_that_end_without_one_are_told_of(self, db: None, phonepe: PhonePe, days: Days) -> None:
        orders = make_open_orders(3, phonepe)
        for order in orders[:2]:
            phonepe.pays(order)
        days.tick_for(260)
        assert not open_alerts(AlertKind.WEBHOOKS_SILENT)  # two may be chance
        phonepe.pays(orders[2])
        days.tick_for(260)
        assert open_alerts(AlertKind.WEBHOOKS_SILENT) == 1

        delivers()
        days.tick_for(61)
        assert not open_alerts(AlertKind.WEBHOOKS_SILENT)

    @pytest.fixture(autouse=True)
    def new_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing was refused before."""
        monkeypatch.setattr(inbox, "_refusals", inbox.Refusals())

    def test_five_in_a_row_with_a_wrong_password_are_told_of(self, db: None, traveller: Any) -> None:
        for _ in range(4):
            Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG)
        assert not open_alerts(AlertKind.WEBHOOKS_REFUSED)
        Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG)
        assert open_alerts(AlertKind.WEBHOOKS_REFUSED) == 1
        for _ in range(20):
            assert Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG).status_code == 401

        assert Alert.objects.filter(kind=AlertKind.WEBHOOKS_REFUSED).count() == 1

    def test_a_good_one_between_ends_the_row(self, db: None, traveller: Any) -> None:
        for _ in range(4):
            Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG)
        delivers()
        for _ in range(4):
            Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG)

        assert not open_alerts(AlertKind.WEBHOOKS_REFUSED)

    def test_strangers_who_knock_are_not(self, db: None, traveller: Any) -> None:
        for header in ({}, {"Authorization": "Basic abc"}) * 10:
            Client().post(WEBHOOK, {}, content_type="application/json", headers=header)

        assert not Alert.objects.exists()

    def test_a_database_that_is_gone_changes_no_answer(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise DatabaseError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(inbox, "alert", lost)
            for _ in range(5):
                assert Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG).status_code == 401
        assert not Alert.objects.exists()

        Client().post(WEBHOOK, {}, content_type="application/json", headers=WRONG)
        assert open_alerts(AlertKind.WEBHOOKS_REFUSED) == 1  # by the first one after it is back


def test_a_tenant_pays_while_everything_else_is_told_of(tenant: Caller, phonepe: PhonePe, days: Days) -> None:
    started = tenant.starts_rent()
    phonepe.pays(started)
    days.tick_for(30)

    assert tenant.verifies(started.json()["merchant_order_id"]).json()["state"] == "COMPLETED"
    assert not Alert.objects.exists()
