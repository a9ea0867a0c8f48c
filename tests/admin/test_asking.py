"""The page that asks before something is done: once, as it was told, by somebody whom it does not concern."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from core.models import Payment, PaymentTransaction, Refund, RentCharge, SuspensePlacement, User
from core.services import audit
from tests.admin.desk import Desk, sentences, settled_in_suspense, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe

PLACE = "/admin/core/suspenseplacement/place/settlement/S-1/"
HOUR = 3600
CHANGED = "This has changed since you were asked."


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(25)
    return payment


def joins_finance(user: User) -> Desk:
    user.is_staff = True
    user.save()
    user.groups.set(Group.objects.filter(name="finance"))
    return Desk(User.objects.get(pk=user.pk))


def buttons(page: Any) -> list[str]:
    return [part.partition("/")[0] for part in page.content.decode().split("/do/")[1:]]


class TestAFormThatComesTwice:
    def test_places_money_once(self, desk: Desk) -> None:
        settled_in_suspense()
        page = desk.browser.get(PLACE)
        part = {"amount": "1,000", "destination": "written_off"}

        first, again = desk.confirms(page, **part), desk.confirms(page, **part)

        assert sentences(first) == ["Settlement S-1: ₹1,000.00 written off."]
        assert CHANGED in words(again)
        assert "₹4,000.00 is held" in words(again), "what is asked about now"
        assert SuspensePlacement.objects.count() == 1

        desk.confirms(again, **part)
        assert SuspensePlacement.objects.count() == 2, "who reads it and means it may go on"

    def test_refunds_once(self, desk: Desk, paid: Payment, days: Days) -> None:
        page = desk.opens(paid, "refund")
        desk.confirms(page, amount="100")
        days.pass_by(60)
        days.tick_for(10)
        assert Refund.objects.get().state == "COMPLETED"

        again = desk.confirms(page, amount="100")

        assert CHANGED in words(again)
        assert 'value="Looked into"' in again.content.decode(), "nothing has to be written twice"
        assert Refund.objects.count() == 1


def test_what_is_missing_is_said_to_be_owed_again(desk: Desk, payment: Payment) -> None:
    settled_in_suspense(paise=-500_00)
    owed = {"amount": "500", "destination": "tenancy", "tenancy": str(payment.tenancy_id)}

    told = sentences(desk.confirms(desk.browser.get(PLACE), **owed))

    assert told == [f"Settlement S-1: ₹500.00 is owed again by {payment.tenancy}."]


def test_paise_that_are_left_over_are_placed(desk: Desk) -> None:
    settled_in_suspense(paise=35)

    assert "The smallest amount is ₹0.01." in words(
        desk.confirms(desk.browser.get(PLACE), amount="0", destination="written_off")
    )
    desk.confirms(desk.browser.get(PLACE), amount="0.35", destination="written_off")

    assert SuspensePlacement.objects.get().amount_paise == 35
    assert not [found for found in audit.differences() if "lacement" in found]


class TestWhomItConcerns:
    """They are refused by the service, so nothing is offered to them; see tests/services for the refusals."""

    def test_a_payer_is_offered_no_refund(self, tenant: Caller, operator: Caller, paid: Payment) -> None:
        assert "refund" in buttons(Desk(operator.user).looks_at(paid))

        own = joins_finance(tenant.user)

        for row in (paid, paid.transaction):
            assert buttons(own.looks_at(row)) == ["ask_phonepe"]

    @pytest.mark.parametrize(("state", "acts"), [
        ("mismatch", {"accept_mismatch", "refund_mismatch"}), ("open", {"give_up_order"}),
    ])  # fmt: skip
    def test_a_payer_decides_nothing_about_an_order(
        self, tenant: Caller, operator: Caller, payment: Payment, days: Days, state: str, acts: set[str]
    ) -> None:
        assert "give_up_order" not in buttons(Desk(operator.user).looks_at(payment)), "it can still be paid"
        days.pass_by(HOUR)
        PaymentTransaction.objects.update(reconciliation_status=state)

        assert acts <= set(buttons(Desk(operator.user).looks_at(payment)))
        assert buttons(joins_finance(tenant.user).looks_at(payment)) == ["ask_phonepe"]

    def test_neither_payer_nor_asker_is_offered_to_approve(
        self, tenant: Caller, operator: Caller, owner: Caller, paid: Payment, settings: Any
    ) -> None:
        settings.REFUND_APPROVAL_ABOVE = "1"
        assert owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"}).status_code == 202
        refund = Refund.objects.get()

        assert {"approve_refund", "refuse_refund"} <= set(buttons(Desk(operator.user).looks_at(refund)))
        for person in (tenant, owner):
            assert buttons(joins_finance(person.user).looks_at(refund)) == ["ask_phonepe"]

    def test_nor_a_payer_to_close_a_refund(
        self, tenant: Caller, operator: Caller, owner: Caller, paid: Payment
    ) -> None:
        assert owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"}).status_code == 202
        refund = Refund.objects.get()

        assert "close_refund" in buttons(Desk(operator.user).looks_at(refund))
        assert "close_refund" not in buttons(joins_finance(tenant.user).looks_at(refund))

    def test_nor_a_tenant_to_reverse_their_rent(self, tenant: Caller, payment: Payment, operator: Caller) -> None:
        charge = RentCharge.objects.filter(tenancy=payment.tenancy).latest("pk")
        tenant.user.is_staff = tenant.user.is_superuser = True
        tenant.user.save()

        assert "reverse" in buttons(Desk(operator.user).looks_at(charge))
        assert "reverse" not in buttons(Desk(tenant.user).looks_at(charge))


@pytest.mark.parametrize("key", ["x", "1 or 1", "\u0661x", ""])
def test_a_list_takes_no_action_for_what_is_no_row(admin_client: Client, key: str) -> None:
    for model in ("payment", "tenancy"):
        form = {"action": "delete_selected" if model == "tenancy" else "ask_phonepe", "_selected_action": key}
        assert admin_client.post(f"/admin/core/{model}/", form).status_code == 400


def test_nor_for_a_row_beyond_all_numbers(admin_client: Client) -> None:
    form = {"action": "ask_phonepe", "_selected_action": "9" * 30, "confirmed": "yes", "reason": "Who knows"}

    assert admin_client.post("/admin/core/payment/", form).status_code in (302, 400)
