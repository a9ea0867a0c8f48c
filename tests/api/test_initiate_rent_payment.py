"""POST /api/payments/initiate-rent-payment/"""

from core.models import Payment
from tests.people import Caller
from tests.phonepe import PhonePe


class TestInitiateRentPayment:
    def test_it_gives_the_tenant_a_pay_page(self, tenant: Caller, phonepe: PhonePe) -> None:
        answer = tenant.starts_rent("15000.00")

        assert answer.status_code == 201
        body = answer.json()
        assert body["success"] is True
        assert body["state"] == "PENDING"
        assert body["amount"] == "15000.00"
        assert body["redirect_url"].startswith("http")
        assert phonepe.simulator.orders[body["merchant_order_id"]].amount == 15_000_00
        assert Payment.objects.get(pk=body["payment_id"]).status == "pending"


class TestWholeLife:
    def test_paid_and_webhook(self, tenant, phonepe, days, payment):
        phonepe.pays(payment)
        days.pass_by(5)
        phonepe.delivers()
        days.tick_for(1)
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert payment.tenancy.outstanding_paise() == 0
