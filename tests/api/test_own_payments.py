"""Whoever made a payment decides nothing about it, whatever else they are and may do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from core.models import OwnerSubscriptionPayment, Payment, PricingPlan, Refund, User
from phonepe_simulator import Fault
from tests.admin.desk import Desk, sentences
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe

Promote = Callable[[User], None]


def to_staff(user: User) -> None:
    """Give every permission that there is."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.user_permissions.set(Permission.objects.all())


def to_superuser(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)


def refunds(caller: Caller, payment: Payment | OwnerSubscriptionPayment) -> Any:
    root = "payments" if isinstance(payment, Payment) else "owner-subscriptions"
    return caller.post(f"/api/{root}/{payment.pk}/refund/", {"reason": "For me"})


@pytest.fixture(params=[to_staff, to_superuser], ids=["staff", "superuser"])
def promote(request: pytest.FixtureRequest) -> Promote:
    return request.param  # type: ignore[no-any-return]


class TestRefund:
    def test_a_tenant_does_not_refund_their_own_rent(self, tenant: Caller, paid: Payment, promote: Promote) -> None:
        promote(tenant.user)

        body = assert_problem(refunds(tenant, paid), 403, "own_payment")

        assert "yourself" in body["error"]
        assert not Refund.objects.exists()

    def test_an_owner_does_not_refund_their_own_subscription(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days, promote: Promote
    ) -> None:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        phonepe.pays(owner.post("/api/owner-subscriptions/initiate-payment/", body))
        days.tick_for(25)
        promote(owner.user)

        assert_problem(refunds(owner, OwnerSubscriptionPayment.objects.get(status="completed")), 403, "own_payment")
        assert not Refund.objects.exists()

    def test_an_owner_who_lives_there_does_not_either(self, owner: Caller, paid: Payment) -> None:
        type(paid.tenancy.tenant).objects.update(user=owner.user)

        assert_problem(refunds(owner, paid), 403, "own_payment")

    def test_somebody_elses_they_do(self, stranger: Caller, paid: Payment, promote: Promote) -> None:
        promote(stranger.user)

        assert refunds(stranger, paid).status_code == 202


class TestMismatch:
    """Another amount came than was asked for: keeping it sends a surplus back, so that is refused too."""

    @pytest.fixture
    def held(self, payment: Payment, tenant: Caller, phonepe: PhonePe) -> Payment:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        tenant.verifies(payment.merchant_order_id)
        payment.transaction.refresh_from_db()
        assert payment.transaction.reconciliation_status == "mismatch"
        return payment

    @pytest.mark.parametrize("action", ["accept_mismatch", "refund_mismatch"])
    def test_its_payer_does_not_decide_in_the_admin(
        self, tenant: Caller, held: Payment, promote: Promote, action: str
    ) -> None:
        promote(tenant.user)

        told = sentences(Desk(tenant.user).decides(action, held.transaction))

        assert len(told) == 1
        assert "yourself" in told[0]
        assert_undecided(held)

    @pytest.mark.parametrize("decision", [["--accept"], ["--refund", "For me"]])
    def test_its_payer_does_not_decide_by_command(
        self, tenant: Caller, held: Payment, promote: Promote, decision: list[str]
    ) -> None:
        promote(tenant.user)

        with pytest.raises(CommandError, match="yourself"):
            call_command("resolve_mismatch", held.merchant_order_id, *decision, "--by", tenant.user.username)
        assert_undecided(held)

    @pytest.mark.parametrize(
        ("by", "problem"), [("clerk", "the permission core.resolve_mismatch"), ("nobody", "no user nobody")]
    )
    def test_a_command_asks_who_is_named_for_the_permission(self, held: Payment, by: str, problem: str) -> None:
        User.objects.create(username="clerk", is_staff=True)

        with pytest.raises(CommandError, match=problem):
            call_command("resolve_mismatch", held.merchant_order_id, "--refund", "Wrong", "--by", by)
        assert_undecided(held)

    def test_a_command_notes_who_decided(self, held: Payment, operator: Caller) -> None:
        call_command("resolve_mismatch", held.merchant_order_id, "--refund", "Wrong", "--by", "operator")

        assert Refund.objects.get().requested_by == operator.user


def assert_undecided(payment: Payment) -> None:
    payment.transaction.refresh_from_db()
    assert payment.transaction.reconciliation_status == "mismatch"
    assert not Refund.objects.exists()
