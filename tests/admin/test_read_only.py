"""Money and history: everybody with the right to look may look, and nobody may write."""

import pytest
from django.db import models

from core.models import (
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
    WebhookEvent,
)
from tests.admin.desk import Desk, words

MONEY_AND_HISTORY: list[type[models.Model]] = [
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
    WebhookEvent,
]


@pytest.mark.usefixtures("full_books")
class TestReadOnly:
    def test_an_operator_looks_at_it(self, desk: Desk) -> None:
        for model in MONEY_AND_HISTORY:
            assert desk.looks_at(model).status_code == 200, model
            assert desk.looks_at(some(model)).status_code == 200, model
            assert "0 results" in words(desk.looks_at(model, q="nothing-is-called-so")), model

    def test_nothing_of_it_is_added_changed_or_deleted(self, desk: Desk) -> None:
        for model in MONEY_AND_HISTORY:
            row, before = some(model), list(model._default_manager.order_by("pk").values())
            fields = {field.name: "1" for field in model._meta.concrete_fields}

            assert desk.saves(model, fields).status_code == 403, model
            assert desk.saves(row, fields).status_code == 403, model
            assert desk.deletes(row).status_code == 403, model
            desk.does("delete_selected", row)

            assert list(model._default_manager.order_by("pk").values()) == before

    def test_its_page_has_nothing_to_write_into(self, desk: Desk) -> None:
        for model in MONEY_AND_HISTORY:
            page = desk.looks_at(some(model))

            assert not page.context["adminform"].form.fields, model
            assert not page.context["has_add_permission"], model
            assert 'name="_save"' not in page.content.decode(), model


def some(model: type[models.Model]) -> models.Model:
    return model._default_manager.get_queryset()[0]


def test_what_holds_money_is_deleted_with_nothing(desk: Desk, payment: Payment) -> None:
    tenancy = payment.tenancy

    for row in (tenancy, tenancy.unit, tenancy.unit.property, tenancy.tenant, tenancy.tenant.user):
        desk.deletes(row)
        row.refresh_from_db()

    assert Payment.objects.filter(pk=payment.pk).exists()


def test_idempotency_keys_and_tokens_are_not_shown(desk: Desk) -> None:
    assert desk.browser.get("/admin/core/idempotencykey/").status_code == 404
    assert desk.browser.get("/admin/knox/authtoken/").status_code == 404
