"""GET /api/payments/ and GET /api/payments/<id>/"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core.models import Payment, PaymentTransaction, Tenancy
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe

MOST_QUERIES = 7  # the token and its user, two for the role, payments with their orders, what hangs on them


def earlier(tenancy: Tenancy, days: Days, *, number: int, status: str = "failed", days_ago: int = 0) -> Payment:
    """Add a payment that ended some time ago."""
    then = days.now() - timedelta(days=days_ago)
    order = PaymentTransaction.objects.create(
        merchant_order_id=f"R-{number}",
        amount_paise=100_00,
        initiated_at=then,
        expire_at=then + timedelta(minutes=20),
    )
    payment = Payment.objects.create(tenancy=tenancy, transaction=order, merchant_order_id=f"R-{number}", status=status)
    Payment.objects.filter(pk=payment.pk).update(created_at=then)
    return payment


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [payment["id"] for payment in answer.json()["results"]]


class TestOnePayment:
    def test_an_open_one(self, tenant: Caller, payment: Payment) -> None:
        body = tenant.get(f"/api/payments/{payment.pk}/").json()

        assert body == {
            "id": payment.pk,
            "tenancy": payment.tenancy.pk,
            "merchant_order_id": payment.merchant_order_id,
            "amount": "15000.00",
            "status": "pending",
            "state": "PENDING",
            "under_review": False,
            "refunded_amount": "0.00",
            "payment_mode": "",
            "utr": "",
            "paid_at": None,
            "created_at": "2026-04-10T06:30:00Z",
            "refunds": [],
            "refundable_amount": "0.00",
            "can_refund": False,
            "can_pay_again": False,
            "failure": None,
            "property": "House of asha the owner",
            "unit": "Flat of ravi the tenant",
            "payer": "ravi the tenant",
            "months": [],
        }

    def test_one_that_waits_for_an_operator_says_so_here_and_in_the_list(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        tenant.verifies(payment.merchant_order_id)

        (listed,) = tenant.get("/api/payments/").json()["results"]
        one = tenant.get(f"/api/payments/{payment.pk}/").json()

        assert (one["state"], one["under_review"]) == ("PENDING", True)
        assert listed == one

    def test_a_paid_one(self, tenant: Caller, paid: Payment) -> None:
        body = tenant.get(f"/api/payments/{paid.pk}/").json()

        assert (body["status"], body["state"]) == ("completed", "COMPLETED")
        assert body["payment_mode"] == "UPI_INTENT"
        assert len(body["utr"]) == 12
        assert body["paid_at"].startswith("2026-04-10T06:30")

    def test_it_is_seen_by_its_payer_its_owner_and_staff(
        self, tenant: Caller, owner: Caller, operator: Caller, payment: Payment
    ) -> None:
        for caller in (tenant, owner, operator):
            assert caller.get(f"/api/payments/{payment.pk}/").status_code == 200

    def test_to_strangers_it_does_not_exist(self, stranger: Caller, other_owner: Caller, payment: Payment) -> None:
        for caller in (stranger, other_owner):
            assert_problem(caller.get(f"/api/payments/{payment.pk}/"), 404, "not_found")

    @pytest.mark.parametrize("pk", ["0", "999999999999999999", "9999999999999999999999", "abc", "-1"])
    def test_what_is_not_there_is_404(self, tenant: Caller, pk: str) -> None:
        assert_problem(tenant.get(f"/api/payments/{pk}/"), 404, "not_found")

    def test_it_costs_a_few_queries(self, tenant: Caller, payment: Payment, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(MOST_QUERIES):
            tenant.get(f"/api/payments/{payment.pk}/")


class TestList:
    def test_everybody_sees_their_own(
        self, tenant: Caller, owner: Caller, stranger: Caller, other_owner: Caller, operator: Caller, payment: Payment
    ) -> None:
        theirs = stranger.starts_rent().json()["payment_id"]

        assert ids(tenant.get("/api/payments/")) == ids(owner.get("/api/payments/")) == [payment.pk]
        assert ids(stranger.get("/api/payments/")) == ids(other_owner.get("/api/payments/")) == [theirs]
        assert ids(operator.get("/api/payments/")) == [theirs, payment.pk]

    def test_it_comes_in_pages_the_newest_first(self, tenant: Caller, tenancy: Tenancy, days: Days) -> None:
        made = [earlier(tenancy, days, number=number, days_ago=number // 2).pk for number in range(120)]

        seen, address = [], "/api/payments/"
        while address:
            page = tenant.get(address)
            assert len(ids(page)) <= 50
            seen += ids(page)
            address = page.json()["next"]

        assert sorted(seen) == made
        assert seen[:2] == [made[1], made[0]]

    def test_a_longer_list_asks_no_more(
        self,
        tenant: Caller,
        tenancy: Tenancy,
        days: Days,
        django_assert_num_queries: Any,
        django_assert_max_num_queries: Any,
    ) -> None:
        earlier(tenancy, days, number=0)
        with django_assert_max_num_queries(MOST_QUERIES) as few:
            tenant.get("/api/payments/")
        for number in range(1, 20):
            earlier(tenancy, days, number=number)

        with django_assert_num_queries(len(few)):
            assert len(ids(tenant.get("/api/payments/"))) == 20

    @pytest.mark.parametrize("name", ["status", "tenancy", "created_from", "created_to"])
    def test_an_empty_filter_is_refused_and_not_taken_for_all(self, tenant: Caller, name: str) -> None:
        body = assert_problem(tenant.get(f"/api/payments/?{name}="), 400, "invalid", field=name)

        assert body["error"] == f"Give {name} a value, or leave it out."

    def test_it_filters(self, tenant: Caller, tenancy: Tenancy, payment: Payment, days: Days) -> None:
        old = earlier(tenancy, days, number=1, days_ago=3)

        assert ids(tenant.get("/api/payments/?status=failed")) == [old.pk]
        assert ids(tenant.get("/api/payments/?status=pending")) == [payment.pk]
        assert ids(tenant.get(f"/api/payments/?tenancy={tenancy.pk}")) == [payment.pk, old.pk]
        assert ids(tenant.get("/api/payments/?created_from=2026-04-10T00:00:00Z")) == [payment.pk]
        assert ids(tenant.get("/api/payments/?created_to=2026-04-10T00:00:00Z")) == [old.pk]

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            # Payments at 26 November 23:59:59, 27 November 00:00:00 and 23:59:59, and 28 November 00:00:00, in India.
            ("created_from=2026-11-27", [2, 3, 4]),
            ("created_to=2026-11-27", [1]),
            ("created_to=2026-11-28", [1, 2, 3]),
            ("created_from=2026-11-27&created_to=2026-11-28", [2, 3]),
            ("created_from=2026-11-27T00:00:00", [2, 3, 4]),
            ("created_from=2026-11-27T00:00:00%2B05:30", [2, 3, 4]),
            ("created_from=2026-11-26T18:30:00Z", [2, 3, 4]),
            ("created_to=2026-11-26T18:30:00Z", [1]),
            ("created_from=2026-11-27T00:00:00Z", [3, 4]),
        ],
    )
    def test_a_day_without_a_zone_is_indias(
        self, tenant: Caller, tenancy: Tenancy, days: Days, query: str, shown: list[int]
    ) -> None:
        moments = ("26T18:29:59", "26T18:30:00", "27T18:29:59", "27T18:30:00")
        for number, moment in enumerate(moments, start=1):
            old = earlier(tenancy, days, number=number)
            Payment.objects.filter(pk=old.pk).update(created_at=f"2026-11-{moment}Z")

        answer = tenant.get(f"/api/payments/?{query}").json()["results"]

        assert sorted(int(each["merchant_order_id"].removeprefix("R-")) for each in answer) == shown

    def test_the_schema_says_what_a_day_means(self, db: None) -> None:
        schema = json.loads(Client().get("/api/schema/?format=json").content)

        told = {each["name"]: each for each in schema["paths"]["/api/payments/"]["get"]["parameters"]}
        assert "a day without a zone is India's" in told["created_from"]["description"]
        assert "not itself included" in told["created_to"]["description"]

    def test_anothers_tenancy_shows_nothing(self, tenant: Caller, stranger: Caller, other_tenancy: Tenancy) -> None:
        stranger.starts_rent()

        answer = tenant.get(f"/api/payments/?tenancy={other_tenancy.pk}")

        assert answer.status_code == 400 or ids(answer) == []

    @pytest.mark.parametrize("query", ["status=paid", "tenancy=abc", "created_from=yesterday", "cursor=nonsense"])
    def test_a_filter_that_cannot_be_is_refused(self, tenant: Caller, query: str) -> None:
        assert tenant.get(f"/api/payments/?{query}").status_code in {400, 404}
        assert tenant.get(f"/api/payments/?{query}").json()["success"] is False

    def test_nothing_is_made_changed_or_deleted_here(self, tenant: Caller, payment: Payment) -> None:
        assert_problem(tenant.post("/api/payments/", {"amount": "1.00"}), 405)
        assert_problem(tenant.post(f"/api/payments/{payment.pk}/", {"status": "completed"}), 405)
