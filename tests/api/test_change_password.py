"""POST /api/auth/change-password/"""

import pytest

from tests.api.answers import assert_problem
from tests.people import Caller

OLD, NEW = "a-long-Password-4711", "another-Password-0815"


@pytest.fixture
def ravi(tenant: Caller, quick_passwords: None) -> Caller:
    tenant.user.set_password(OLD)
    tenant.user.save(update_fields=["password"])
    return tenant


class TestChangePassword:
    def test_it_revokes_every_token(self, ravi: Caller, stranger: Caller) -> None:
        elsewhere = Caller(ravi.user)

        answer = ravi.post("/api/auth/change-password/", {"old_password": OLD, "new_password": NEW})

        assert answer.status_code == 204
        assert_problem(ravi.get("/api/tenancies/"), 401)
        assert_problem(elsewhere.get("/api/tenancies/"), 401)
        assert stranger.get("/api/tenancies/").status_code == 200
        ravi.user.refresh_from_db()
        assert ravi.user.check_password(NEW)

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [("wrong", NEW, "old_password"), (OLD, "12345678", "new_password"), (OLD, "short", "new_password")],
    )
    def test_what_is_wrong_changes_nothing(self, ravi: Caller, old: str, new: str, field: str) -> None:
        answer = ravi.post("/api/auth/change-password/", {"old_password": old, "new_password": new})

        assert_problem(answer, 400, "invalid", field=field)
        assert ravi.get("/api/tenancies/").status_code == 200
        ravi.user.refresh_from_db()
        assert ravi.user.check_password(OLD)
