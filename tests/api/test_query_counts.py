"""How many statements an answer takes: as many for a long list as for a short one."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Payment, Tenancy
from tests.deliveries import delivers
from tests.people import Caller, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe

DAYS = "from=2026-04-01&to=2026-04-30"
LISTS = ["/api/payments/", "/api/tenancies/", "/api/charges/", f"/api/statements/?{DAYS}"]


def statements(ask: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    assert answer.status_code in (200, 201), answer.content
    return len(captured)


def let_two_more(tenancy: Tenancy) -> None:
    """Let more of the same owner's property, and have rent of it paid."""
    for name in ("sunita", "imran"):
        other = make_tenancy(tenancy.unit.property.owner, make_tenant(name), starts_on=date(2026, 4, 1))
        assert Caller(other.tenant.user).starts_rent().status_code == 201


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize("who", ["owner", "operator"])
    def test_a_longer_one_takes_no_more(
        self, request: Any, payment: Payment, tenancy: Tenancy, phonepe: PhonePe, who: str, path: str
    ) -> None:
        caller = request.getfixturevalue(who)
        named = f"&owner={tenancy.unit.property.owner_id}" if who == "operator" and "statements" in path else ""
        before = statements(lambda: caller.get(path + named))

        let_two_more(tenancy)

        assert statements(lambda: caller.get(path + named)) == before

    @pytest.mark.parametrize(("who", "number"), [("owner", 4), ("tenant", 5)])
    def test_so_does_a_dashboard(
        self, request: Any, payment: Payment, tenancy: Tenancy, phonepe: PhonePe, who: str, number: int
    ) -> None:
        caller = request.getfixturevalue(who)
        assert statements(lambda: caller.get("/api/dashboard/")) == number

        let_two_more(tenancy)

        assert statements(lambda: caller.get("/api/dashboard/")) == number


class TestWhatIsAskedOften:
    def test_a_webhook_takes_one(self, db: None) -> None:
        assert statements(delivers) == 1

    def test_a_rent_payment_takes_no_more_than_it_did(self, tenant: Caller, phonepe: PhonePe) -> None:
        # 2 for the token, 2 for who and what, 6 under the lock and 2 around it, 1 for PhonePe's answer, 1 to read it.
        assert statements(tenant.starts_rent) <= 14

    def test_a_final_payment_is_verified_without_asking(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        tenant.verifies(payment.merchant_order_id)

        assert statements(lambda: tenant.verifies(payment.merchant_order_id)) == 1

    def test_so_is_one_that_was_asked_about_just_now(self, payment: Payment, tenant: Caller, phonepe: PhonePe) -> None:
        tenant.verifies(payment.merchant_order_id)

        assert statements(lambda: tenant.verifies(payment.merchant_order_id)) == 1

    def test_a_final_one_is_verified_by_others_with_four(
        self, payment: Payment, tenant: Caller, owner: Caller, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        tenant.verifies(payment.merchant_order_id)

        # That they are not its payer, the token, the payment, its refunds.
        assert statements(lambda: owner.verifies(payment.merchant_order_id)) == 4

    def test_an_open_payment_is_verified_with_three_around_the_question(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(5)

        # The payment for its payer, the right to ask, the call's row, PhonePe's answer, the payment as it stands now.
        assert statements(lambda: tenant.verifies(payment.merchant_order_id)) == 5
