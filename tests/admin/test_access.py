"""What each permission opens in the admin: a new page or action without a line here fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.test import Client
from django.urls import get_resolver, resolve

from core.admin.acting import ActingAdmin
from core.models import (
    Alert,
    Invoice,
    JournalEntry,
    LedgerLine,
    Mandate,
    OperatorAction,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PhonePeCall,
    PricingPlan,
    Property,
    Refund,
    RentCharge,
    ReportedRefund,
    Settlement,
    SettlementLine,
    SuspensePlacement,
    Tenancy,
    Tenant,
    Unit,
    User,
    WebhookEvent,
)
from tests.addresses import routes
from tests.admin.desk import Desk, clerk, settled_in_suspense
from tests.people import Caller

# Who may write, and which actions there are, with the permission that each takes. Everything else is only looked at.
KEPT_HERE: list[type[models.Model]] = [Owner, PricingPlan, Property, Tenancy, Tenant, Unit, User]
BY_SUPERUSERS: list[type[models.Model]] = [Group]
SHOWN: list[type[models.Model]] = [
    Alert,
    Invoice,
    JournalEntry,
    LedgerLine,
    Mandate,
    OperatorAction,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PhonePeCall,
    Refund,
    RentCharge,
    ReportedRefund,
    Settlement,
    SettlementLine,
    SuspensePlacement,
    WebhookEvent,
]
ACTIONS: dict[tuple[type[models.Model], str], str] = {
    (Alert, "resolve"): "resolve_alert",
    **{
        (model, act): takes
        for model in (Payment, OwnerSubscriptionPayment, PaymentTransaction)
        for act, takes in (
            ("ask_phonepe", "ask_phonepe"),
            ("accept_mismatch", "resolve_mismatch"),
            ("refund_mismatch", "resolve_mismatch"),
            ("give_up_order", "give_up_order"),
        )
    },
    (Refund, "ask_phonepe"): "ask_phonepe",
    (Refund, "approve_refund"): "approve_refund",
    (Refund, "refuse_refund"): "approve_refund",
    (WebhookEvent, "replay_webhook"): "replay_webhook",
    (RentCharge, "reverse"): "reverse_rentcharge",
    (Tenancy, "raise_rent_charges"): "add_rentcharge",
    (User, "revoke_tokens"): "change_user",
    **{(model, "delete_selected"): f"delete_{model._meta.model_name}" for model in KEPT_HERE},
}
# What is offered on a page, each with an address of its own that asks first.
ACTS: dict[tuple[type[models.Model], str], str] = {
    **{(model, act): takes for (model, act), takes in ACTIONS.items() if model in SHOWN},
    (OwnerSubscriptionPayment, "refund"): "refund_ownersubscriptionpayment",
    (Payment, "refund"): "refund_payment",
    (PaymentTransaction, "refund"): "refund_payment",  # the first order is one of rent
    (Refund, "close_refund"): "close_refund",
    (Mandate, "cancel_mandate"): "cancel_mandate",
    **{
        (model, "take_back_failed"): "resolve_mismatch"
        for model in (Payment, OwnerSubscriptionPayment, PaymentTransaction)
    },
}
PLACE = "/admin/core/suspenseplacement/place/settlement/S-1/"

OF_NO_MODEL = {"trial-balance/": "view_ledgerline", "import-settlement/": "import_settlement"}


def page(model: type[models.Model], end: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{end}"


def right(verb: str, model: type[models.Model]) -> str:
    return f"{verb}_{model._meta.model_name}"


def pages_of(model: type[models.Model], key: int) -> dict[str, tuple[str, ...]]:
    """Return each page of a model with the permissions of which any one opens it; none: not for staff."""
    look = (right("view", model), right("change", model))
    write = {verb: (right(verb, model),) if model in KEPT_HERE else () for verb in ("add", "delete")}
    if model is User:
        write["add"] = ("add_user", "change_user")  # Django's: whoever adds a user changes it next
    return {
        "": look,
        f"{key}/change/": look,
        f"{key}/history/": look,
        "add/": write["add"],
        f"{key}/delete/": write["delete"],
    }


def desks(*opening: str) -> Iterator[tuple[str, Desk]]:
    """Return staff with none of these permissions but all others, then with each of these alone."""
    others = Permission.objects.exclude(codename__in=opening).values_list("codename", flat=True)
    yield "without", clerk(*others)
    for each in opening:
        yield each, clerk(each)


@pytest.fixture
def rows(full_books: None) -> dict[type[models.Model], int]:
    return {
        model: model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        for model in [*KEPT_HERE, *SHOWN, Group]
    }


MODELS = [*KEPT_HERE, *BY_SUPERUSERS, *SHOWN]


class TestPages:
    def test_staff_need_the_permission(self, rows: Any, operator: Caller, subtests: pytest.Subtests) -> None:
        for model in MODELS:
            with subtests.test(model=model.__name__):
                self._needs_the_permission(model, rows[model], operator)

    def _needs_the_permission(self, model: type[models.Model], key: int, operator: Caller) -> None:
        for end, opening in pages_of(model, key).items():
            address = page(model, end)
            together = end == "add/" and model is User
            for held, desk in desks(*opening):
                expected = 200 if held != "without" and not together else 403
                assert desk.browser.get(address).status_code == expected, f"{address} with {held}"
            if together:
                assert clerk(*opening).browser.get(address).status_code == 200
            writes = end in ("add/", f"{key}/delete/")
            superuser = 403 if writes and model in SHOWN else 200
            assert Desk(operator.user).browser.get(address).status_code == superuser, address

    def test_who_is_not_staff_is_sent_to_log_in(self, rows: Any, tenant: Caller) -> None:
        tenant.user.user_permissions.set(Permission.objects.all())
        for browser in (Client(), Desk(tenant.user).browser):
            for address in (page(model, end) for model in MODELS for end in pages_of(model, rows[model])):
                answer = browser.get(address)
                assert answer.status_code == 302, address
                assert answer.headers["Location"].startswith("/admin/login/"), address


def test_an_action_is_offered_to_who_has_its_permission(rows: Any, operator: Caller, subtests: pytest.Subtests) -> None:
    for (model, action), takes in ACTIONS.items():
        others = Permission.objects.exclude(codename=takes).values_list("codename", flat=True)
        with subtests.test(model=model.__name__, action=action):
            assert action not in actions(clerk(*others), model)
            assert action in actions(clerk(right("view", model), takes), model)
            assert action in actions(Desk(operator.user), model)


def actions(desk: Desk, model: type[models.Model]) -> list[str]:
    form = desk.looks_at(model).context["action_form"]
    return [name for name, _ in form.fields["action"].choices if name] if form else []


def test_there_is_no_other_action(desk: Desk, rows: Any) -> None:
    offered = {(model, action) for model in admin.site._registry for action in actions(desk, model)}

    assert offered == set(ACTIONS) | {(Group, "delete_selected")}


def test_an_act_is_done_by_who_has_its_permission(rows: Any, subtests: pytest.Subtests) -> None:
    written = OperatorAction.objects.count()

    for (model, act), takes in ACTS.items():
        look, address = right("view", model), page(model, f"{rows[model]}/do/{act}/")
        others = Permission.objects.exclude(codename=takes).values_list("codename", flat=True)
        with subtests.test(model=model.__name__, act=act):
            for desk in (clerk(*others), clerk(takes)):
                assert desk.browser.get(address).status_code == 403
                assert desk.browser.post(address, {"confirmed": "yes", "reason": "I may not"}).status_code == 403
            assert clerk(look, takes).browser.get(address).status_code == 200
            assert clerk(look, takes).browser.post(address).status_code == 200, "it asks again"
    assert OperatorAction.objects.count() == written


def test_there_is_no_other_act() -> None:
    offered = {
        (model, act.name)
        for model, its_admin in admin.site._registry.items()
        if isinstance(its_admin, ActingAdmin)
        for act in its_admin.acts
    }

    assert offered == set(ACTS)


def test_suspense_is_placed_by_who_has_the_permission(rows: Any) -> None:
    settled_in_suspense()
    look, takes = "view_suspenseplacement", "place_suspense"
    others = Permission.objects.exclude(codename=takes).values_list("codename", flat=True)

    for desk in (clerk(*others), clerk(takes)):
        assert desk.browser.get(PLACE).status_code == 403
    assert clerk(look, takes).browser.get(PLACE).status_code == 200
    assert clerk(look, takes).browser.get(PLACE.replace("S-1", "S-2")).status_code == 404


class TestPagesOfNoModel:
    @pytest.mark.parametrize(
        "end", ["", "find/", "search/", "runbook/", "password_change/", "password_change/done/", "jsi18n/"]
    )
    def test_all_staff_open_them(self, tenant: Caller, end: str) -> None:
        assert clerk().browser.get(f"/admin/{end}").status_code == 200
        assert Desk(tenant.user).browser.get(f"/admin/{end}").status_code == 302

    @pytest.mark.parametrize("end", OF_NO_MODEL)
    def test_some_take_a_permission(self, tenant: Caller, operator: Caller, end: str) -> None:
        takes = OF_NO_MODEL[end]
        others = Permission.objects.exclude(codename=takes).values_list("codename", flat=True)

        assert clerk(*others).browser.get(f"/admin/{end}").status_code == 403
        assert clerk(*others).browser.post(f"/admin/{end}").status_code == 403
        assert Desk(operator.user).browser.get(f"/admin/{end}").status_code == 200
        assert Desk(tenant.user).browser.get(f"/admin/{end}").status_code == 302
        if Permission.objects.filter(codename=takes).exists():
            assert clerk(takes).browser.get(f"/admin/{end}").status_code == 200

    def test_without_a_permission_the_index_is_empty(self, db: None) -> None:
        assert clerk().browser.get("/admin/").context["app_list"] == []

    @pytest.mark.parametrize("end", ["core/", "auth/", "r/1/1/", "no-such-page/"])
    def test_without_a_permission_there_is_nothing_else(self, db: None, end: str) -> None:
        assert clerk().browser.get(f"/admin/{end}").status_code in (403, 404)

    @pytest.mark.parametrize(
        ("model", "field", "target"),
        [
            (Property, "owner", Owner),
            (Unit, "property", Property),
            (Tenancy, "tenant", Tenant),
            (Tenancy, "unit", Unit),
            (Owner, "user", User),
            (Tenant, "user", User),
        ],
    )
    def test_choices_are_given_to_who_may_see_them(
        self, rows: Any, model: type[models.Model], field: str, target: type[models.Model]
    ) -> None:
        query = {"app_label": "core", "model_name": model._meta.model_name, "field_name": field, "term": ""}
        for held, desk in desks(right("view", target), right("change", target)):
            answer = desk.browser.get("/admin/autocomplete/", query)
            assert answer.status_code == (403 if held == "without" else 200), held


class TestPassword:
    @pytest.mark.parametrize(("whose", "status"), [("tenant", 200), ("operator", 403), ("another clerk", 403)])
    def test_it_is_set_with_the_right_to_change_users_and_never_of_staff(
        self, tenant: Caller, operator: Caller, whose: str, status: int
    ) -> None:
        another = User.objects.create(username="other", is_staff=True)
        user = {"tenant": tenant.user, "operator": operator.user, "another clerk": another}[whose]
        address = page(User, f"{user.pk}/password/")

        for held, desk in desks("change_user"):
            assert desk.browser.get(address).status_code == (403 if held == "without" else status)


def test_every_address_has_its_test(rows: Any) -> None:
    ends = [
        "",
        "find/",
        "search/",
        "runbook/",
        *OF_NO_MODEL,
        "login/",
        "logout/",
        "password_change/",
        "password_change/done/",
        "jsi18n/",
        "autocomplete/",
        "core/",
    ]
    tested = {f"/admin/{end}" for end in [*ends, "r/1/1/", "no-such-page"]}
    tested |= {page(model, end) for model, key in rows.items() for end in pages_of(model, key)}
    # Of no use to anybody but Django: it leads from a row's short address to its page.
    tested |= {page(model, f"{key}/") for model, key in rows.items()} | {page(User, "1/password/")}

    tested |= {page(model, f"{rows[model]}/do/{act}/") for model, act in ACTS} | {PLACE}
    tested.add(page(Invoice, f"{rows[Invoice]}/pdf/"))  # tests/mandates/test_operators.py

    assert {resolve(address).route for address in tested} == {
        route for route in routes(get_resolver()) if route.startswith("admin/")
    }
