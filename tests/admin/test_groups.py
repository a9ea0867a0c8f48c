"""What each group of operators opens and does: support looks and asks, finance moves money, administrators the rest."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models

from core.admin.acting import ActingAdmin
from core.models import (
    Alert,
    Mandate,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    Refund,
    RentCharge,
    User,
    WebhookEvent,
)
from tests.admin.desk import Desk, settled_in_suspense

ALL = {"support", "finance", "administrator"}
MONEY = {"finance", "administrator"}
ADMINISTRATORS = {"administrator"}
NOBODY: set[str] = set()  # superusers alone

KEPT = ("owner", "pricingplan", "property", "tenancy", "tenant", "unit", "user")
SHOWN = (
    "alert", "invoice", "journalentry", "ledgerline", "mandate", "operatoraction", "ownersubscription",
    "ownersubscriptionpayment", "payment", "paymentattempt", "paymenttransaction", "phonepecall", "refund",
    "rentcharge", "reportedrefund", "settlement", "settlementline", "suspenseplacement", "webhookevent",
)  # fmt: skip
# Who may look, add and delete.
PAGES: dict[str, tuple[set[str], set[str], set[str]]] = {
    **dict.fromkeys(KEPT, (ALL, ADMINISTRATORS, ADMINISTRATORS)),
    **dict.fromkeys(SHOWN, (ALL, NOBODY, NOBODY)),
    "group": (ADMINISTRATORS, NOBODY, NOBODY),
}
OF_AN_ORDER = {
    "ask_phonepe": ALL,
    "refund": MONEY,
    "accept_mismatch": MONEY,
    "refund_mismatch": MONEY,
    "give_up_order": MONEY,
    "take_back_failed": MONEY,
}
ACTS: dict[type[models.Model], dict[str, set[str]]] = {
    Alert: {"resolve": MONEY},
    Mandate: {"cancel_mandate": MONEY},
    OwnerSubscriptionPayment: OF_AN_ORDER,
    Payment: OF_AN_ORDER,
    PaymentTransaction: OF_AN_ORDER,
    Refund: {"ask_phonepe": ALL, "approve_refund": MONEY, "refuse_refund": MONEY, "close_refund": MONEY},
    RentCharge: {"reverse": ADMINISTRATORS},
    WebhookEvent: {"replay_webhook": ALL},
}


@pytest.fixture(params=sorted(ALL | {"no group"}))
def member(request: Any, full_books: None) -> tuple[str, Desk]:
    """A person of one group, or a member of staff who is in none."""
    user = User.objects.create(username="member", is_staff=True)
    user.groups.set(Group.objects.filter(name=request.param))
    return request.param, Desk(user)


def address(model: type[models.Model], end: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{end}"


def a_row(model: type[models.Model]) -> Any:
    return model._default_manager.exclude(pk=User.objects.get(username="member").pk if model is User else None).first()


def test_every_page_is_open_or_closed_as_the_table_says(member: tuple[str, Desk]) -> None:
    group, desk = member
    wrong = []
    for model in admin.site._registry:
        look, add, delete = PAGES[str(model._meta.model_name)]
        key = a_row(model).pk
        for end, who in (("", look), (f"{key}/change/", look), ("add/", add), (f"{key}/delete/", delete)):
            if desk.browser.get(address(model, end)).status_code != (200 if group in who else 403):
                wrong.append(f"{address(model, end)} for {group}")
    assert not wrong
    assert {str(model._meta.model_name) for model in admin.site._registry} == set(PAGES)


def test_every_act_is_allowed_or_refused_as_the_table_says(member: tuple[str, Desk]) -> None:
    group, desk = member
    settled_in_suspense()
    wrong = []
    for model, acts in ACTS.items():
        for act, who in acts.items():
            expected = 200 if group in who else 403
            if desk.opens(a_row(model), act).status_code != expected:
                wrong.append(f"{model.__name__} {act} for {group}")
            if desk.acts(a_row(model), act, reason="").status_code != expected:
                wrong.append(f"{model.__name__} {act} for {group}, confirmed")
    assert not wrong
    place = desk.browser.get("/admin/core/suspenseplacement/place/settlement/S-1/")
    assert place.status_code == (200 if group in MONEY else 403)
    acting = {model: its for model, its in admin.site._registry.items() if isinstance(its, ActingAdmin)}
    assert {model: {act.name for act in its.acts} for model, its in acting.items()} == {
        model: set(acts) for model, acts in ACTS.items()
    }


@pytest.mark.parametrize(
    ("group", "permission"),
    [
        ("finance", "core.import_settlement"),
        ("administrator", "core.add_rentcharge"),
        ("support", "core.view_statement"),
    ],
)
def test_other_rights_come_with_the_group(db: None, group: str, permission: str) -> None:
    user = User.objects.create(username="member", is_staff=True)
    assert not user.may(permission)

    user.groups.add(Group.objects.get(name=group))

    assert User.objects.get(pk=user.pk).may(permission)


def test_a_group_without_being_staff_allows_nothing(db: None) -> None:
    user = User.objects.create(username="member")
    user.groups.add(Group.objects.get(name="administrator"))

    assert not user.may("core.view_payment")
    assert Desk(user).browser.get("/admin/core/payment/").status_code == 302


def test_a_member_gives_nobody_powers(db: None) -> None:
    """Whoever belongs to a group is chosen by superusers: an administrator could make anybody one otherwise."""
    user = User.objects.create(username="member", is_staff=True)
    user.groups.add(Group.objects.get(name="administrator"))
    other = User.objects.create(username="other")

    page = Desk(user).looks_at(other)

    assert page.status_code == 200
    assert 'name="groups"' not in page.content.decode()
    assert 'name="is_staff"' not in page.content.decode()
