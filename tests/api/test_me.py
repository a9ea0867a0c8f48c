"""GET and PATCH /api/me/"""

import pytest

from core.models import SWITCHED, NotificationSwitch, Owner, Tenant, User
from tests.api.answers import assert_problem
from tests.people import Caller


class TestMe:
    def test_it_tells_a_tenant_who_they_are(self, tenant: Caller) -> None:
        User.objects.filter(pk=tenant.user.pk).update(email="ravi@example.org")
        Tenant.objects.filter(user=tenant.user).update(phone="+91 98765 43210")

        assert tenant.get("/api/me/").json() == {
            "id": tenant.user.pk,
            "role": "tenant",
            "name": "ravi the tenant",
            "email": "ravi@example.org",
            "phone": "+91 98765 43210",
            "notifications": {str(kind): True for kind in SWITCHED},
        }

    @pytest.mark.parametrize(
        ("who", "role", "name"), [("owner", "owner", "asha the owner"), ("operator", "staff", "operator")]
    )
    def test_and_everybody_else(self, request: pytest.FixtureRequest, who: str, role: str, name: str) -> None:
        told = request.getfixturevalue(who).get("/api/me/").json()

        assert (told["role"], told["name"], told["phone"]) == (role, name, "")


class TestChangingIt:
    def test_an_owner_says_what_invoices_say(self, owner: Caller) -> None:
        body = {"billing_name": "Asha Rao Properties", "address": "12 Lake Road\nPune", "gstin": "27abcpe1234f1zb"}

        told = owner.patch("/api/me/", body).json()

        assert {name: told[name] for name in body} == {**body, "gstin": "27ABCPE1234F1ZB"}
        assert (told["state"], told["pan"]) == ("27", "ABCPE1234F")  # the GSTIN has both
        assert Owner.objects.get(user=owner.user).state == "27"

    @pytest.mark.parametrize(
        ("wrong", "field", "said"),
        [
            ({"gstin": "27ABCPE1234F1ZC"}, "gstin", "mistyped"),
            ({"gstin": "27ABCPE1234F1"}, "gstin", "15 characters"),
            ({"gstin": "27ABCPE1234F1ZB", "state": "29"}, "gstin", "is of Maharashtra, and the state is Karnataka"),
            ({"gstin": "27ABCPE1234F1ZB", "pan": "ABCPE1234G"}, "gstin", "another PAN"),
            ({"gstin": "29ABCDE1234F1Z0"}, "gstin", "15 characters"),
            ({"pan": "ABC123"}, "pan", "five letters"),
            ({"state": "25"}, "state", "two digits"),
            ({"state": "Goa"}, "state", "at most 2 characters"),
            ({"notifications": {"alert": False}}, "notifications", "no kind"),
            ({"notifications": {"rent_due": "later"}}, "notifications", "true or false"),
            ({"notifications": []}, "notifications", "object"),
        ],
    )
    def test_what_cannot_be_is_a_400(self, owner: Caller, wrong: dict[str, object], field: str, said: str) -> None:
        assert said in str(assert_problem(owner.patch("/api/me/", wrong), 400, "invalid", field=field))

    def test_a_tenant_has_no_invoices(self, tenant: Caller) -> None:
        assert_problem(tenant.patch("/api/me/", {"gstin": ""}), 403, "permission_denied")

    def test_everybody_switches_what_they_are_told(self, tenant: Caller) -> None:
        told = tenant.patch("/api/me/", {"notifications": {"rent_due": False}}).json()
        assert (told["notifications"]["rent_due"], told["notifications"]["rent_overdue"]) == (False, True)
        assert NotificationSwitch.objects.get().user == tenant.user

        tenant.patch("/api/me/", {"notifications": {"rent_due": True}})
        assert not NotificationSwitch.objects.exists()
