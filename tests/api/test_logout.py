"""POST /api/auth/logout/, and tokens that no longer hold."""

from django.test import Client

from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days


class TestLogout:
    def test_it_revokes_the_token_it_came_with(self, tenant: Caller) -> None:
        elsewhere = Caller(tenant.user)

        assert tenant.post("/api/auth/logout/").status_code == 204

        assert_problem(tenant.get("/api/tenancies/"), 401)
        assert elsewhere.get("/api/tenancies/").status_code == 200

    def test_everywhere_is_every_device_of_one_person(self, tenant: Caller, owner: Caller) -> None:
        elsewhere = Caller(tenant.user)

        assert tenant.post("/api/auth/logout-all/").status_code == 204

        for device in (tenant, elsewhere):
            assert_problem(device.get("/api/me/"), 401)
        assert owner.get("/api/me/").status_code == 200

    def test_nobody_logs_out_twice(self, tenant: Caller) -> None:
        tenant.post("/api/auth/logout/")

        assert_problem(tenant.post("/api/auth/logout/"), 401)

    def test_a_token_expires(self, tenant: Caller, days: Days) -> None:
        days.pass_by(30 * 24 * 3600 - 1)
        assert tenant.get("/api/tenancies/").status_code == 200

        days.pass_by(2)

        answer = tenant.get("/api/tenancies/")
        assert_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Token"

    def test_without_a_token_nothing_of_ours_opens(self, db: None) -> None:
        for path in ("tenancies", "payments", "payments/1", "payments/1/receipt", "owner-subscriptions/active"):
            assert_problem(Client().get(f"/api/{path}/"), 401, "not_authenticated")

    def test_a_made_up_token_opens_nothing(self, db: None) -> None:
        for token in ("Token x", "Token", "Token a b", "Bearer x", "Token " + "0" * 64):
            assert_problem(Client().get("/api/payments/", headers={"Authorization": token}), 401)
