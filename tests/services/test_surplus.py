"""Money that came beyond what was due goes back by itself: once, all of it, and from ₹1.00 on."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.models import Alert, PaymentTransaction, Refund, Tenancy
from core.services import audit, worker
from phonepe_simulator import Fault
from tests.dashboard import refunded_without_us
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


def pays_both(tenant: Caller, phonepe: PhonePe, days: Days, first: str, second: str) -> PaymentTransaction:
    """Pay the order that replaced another, then the one that was replaced; return that one."""
    replaced, current = order_id_of(tenant.starts_rent(first)), order_id_of(tenant.starts_rent(second))
    for order in (current, replaced):
        phonepe.pays(order)
        days.tick_for(25)
    return PaymentTransaction.objects.get(merchant_order_id=replaced)


def fails_at_once(phonepe: PhonePe, days: Days) -> None:
    """Let a refund that was just sent fail, and us hear of it."""
    days.pass_by(60)
    phonepe.delivers()
    worker.tick()


class TestHowMuch:
    @pytest.mark.parametrize(("second", "surplus"), [("10000.01", 1), ("10000.50", 50), ("10000.99", 99)])
    def test_less_than_a_rupee_stays_as_credit(
        self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe, days: Days, second: str, surplus: int
    ) -> None:
        order = pays_both(tenant, phonepe, days, "5000.00", second)

        assert (order.state, order.surplus_paise, order.reconciliation_status) == ("COMPLETED", surplus, "settled")
        assert tenancy.outstanding_paise() == -surplus
        assert not Refund.objects.exists()
        assert not list(audit.differences())

    def test_a_rupee_goes_back(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        order = pays_both(tenant, phonepe, days, "5000.00", "10001.00")

        assert (order.surplus_paise, order.refunds.get().amount_paise) == (1_00, 1_00)

    def test_nothing_beyond_what_was_due_is_no_surplus(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        order = pays_both(tenant, phonepe, days, "5000.00", "10000.00")

        assert (order.state, order.surplus_paise, order.reconciliation_status) == ("COMPLETED", 0, "settled")

    def test_the_database_takes_no_refund_below_a_rupee(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        order = pays_both(tenant, phonepe, days, "5000.00", "10001.00")

        with pytest.raises(IntegrityError, match="refund_at_least_one_rupee"), transaction.atomic():
            Refund.objects.filter(transaction=order).update(amount_paise=99)


class TestItsEnd:
    def test_it_is_open_until_the_money_is_back(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        order = pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        assert order.reconciliation_status == "surplus"

        days.pass_by(3600)
        worker.tick()

        order.refresh_from_db()
        assert (order.refunds.get().state, order.reconciliation_status) == ("COMPLETED", "settled")
        assert (order.payment.status, order.next_check_at) == ("partially_refunded", None)
        assert order.updated_at == days.now()

    def test_all_of_an_order_that_was_surplus_makes_it_refunded(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        order = pays_both(tenant, phonepe, days, "14000.00", "15000.00")

        days.pass_by(3600)
        worker.tick()

        order.refresh_from_db()
        assert (order.surplus_paise, order.payment.status) == (14_000_00, "refunded")
        assert order.reconciliation_status == "settled"


class TestARefundThatFails:
    def test_it_is_tried_again_hours_later_and_then_alerts(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        order = pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)

        failed, again = Refund.objects.order_by("pk")
        assert (failed.state, again.state, again.retry_of, again.sent_at) == ("FAILED", "PENDING", failed, None)
        assert again.merchant_refund_id != failed.merchant_refund_id
        assert again.next_check_at - failed.finished_at == timedelta(hours=4)
        days.pass_by((again.next_check_at - days.now()).total_seconds() - 1)
        worker.tick()
        assert len(phonepe.simulator.calls_to("refund")) == 1
        days.tick_for(1)
        assert len(phonepe.simulator.calls_to("refund")) == 2
        assert not Alert.objects.exists()
        fails_at_once(phonepe, days)
        days.pass_by(24 * 3600)
        worker.tick()
        assert list(Refund.objects.values_list("state", flat=True)) == ["FAILED", "FAILED"]
        assert len(phonepe.simulator.calls_to("refund")) == 2
        assert Alert.objects.get().kind == "refund_failed"
        order.refresh_from_db()
        assert (order.reconciliation_status, order.refunding_paise) == ("surplus", 0)

    def test_the_second_try_is_asked_about_as_soon_as_any_refund(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)
        phonepe.reachable = False
        phonepe.simulator.change_settings(refund_outcome="success")
        days.pass_by(4 * 3600)
        worker.tick()
        assert Refund.objects.get(retry_of__isnull=False).sent_at == days.now()

        days.tick_for(35)

        assert Refund.objects.get(retry_of__isnull=False).state == "COMPLETED"

    def test_the_second_try_is_repeated_soon_if_it_gets_lost(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        days.pass_by(4 * 3600)
        worker.tick()
        assert len(phonepe.simulator.calls_to("refund")) == 2

        days.tick_for(35)

        assert len(phonepe.simulator.calls_to("refund")) == 3

    def test_an_operators_all_does_not_hurry_the_second_try(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)
        again = Refund.objects.get(retry_of__isnull=False)
        days.pass_by(60)

        tally = worker.run(worker.REFUNDS, everything=True)

        assert (tally.asked, tally.failed) == (0, 0)
        assert len(phonepe.simulator.calls_to("refund")) == 1
        assert Refund.objects.get(pk=again.pk).next_check_at == again.next_check_at

    def test_what_a_person_then_refunds_closes_it(
        self, tenant: Caller, operator: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        order = pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)
        days.pass_by(4 * 3600)
        worker.tick()
        fails_at_once(phonepe, days)
        phonepe.simulator.change_settings(refund_outcome="success")
        path = f"/api/payments/{order.payment.pk}/refund/"

        for amount in ("13999.00", "1.00"):
            order.refresh_from_db()
            assert order.reconciliation_status == "surplus"
            assert operator.post(path, {"reason": "Came too often", "amount": amount}).status_code == 202
            days.pass_by(3600)
            worker.tick()

        order.refresh_from_db()
        assert (order.surplus_paise, order.reconciliation_status) == (14_000_00, "settled")

    def test_what_phonepe_says_at_last_of_one_on_its_dashboard_closes_it(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        order = pays_both(tenant, phonepe, days, "15000.00", "14000.00")
        fails_at_once(phonepe, days)
        days.pass_by(4 * 3600)
        worker.tick()
        fails_at_once(phonepe, days)
        phonepe.simulator.change_settings(refund_outcome="success")
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=-1_00, times=1))
        refunded_without_us(phonepe, order, "DASHBOARD-1", 14_000_00)
        days.pass_by(60)
        phonepe.delivers()
        worker.tick()
        order.refresh_from_db()
        assert (order.refunding_paise, order.reconciliation_status) == (13_999_00, "surplus")

        phonepe.simulator.send_webhook("pg.refund.completed", merchant_refund_id="DASHBOARD-1")
        days.pass_by(5)
        phonepe.delivers()
        worker.tick()

        order.refresh_from_db()
        assert (order.refunding_paise, order.reconciliation_status) == (14_000_00, "settled")
