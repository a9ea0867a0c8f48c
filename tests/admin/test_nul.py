"""A NUL in a search or a filter of the admin is refused; PostgreSQL cannot be asked for one."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

LISTS = list(admin.site._registry)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_a_list_is_not_searched_for_nul(model: type, admin_client: Client) -> None:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]

    assert admin_client.get(address, {"q": "a\0b"}).status_code == 400
    assert admin_client.get(address, {"q": "a b"}).status_code == 200
