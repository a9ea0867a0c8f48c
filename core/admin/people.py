"""Users, and what they are: owners and tenants."""

from collections.abc import Iterator
from typing import Any, TypeVar

import knox.admin  # noqa: F401 - registers tokens, before they are taken off again
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from knox.models import get_token_model
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin.generic import ModelAdmin, ModelForm
from core.admin.links import NOTHING, list_link
from core.admin.searching import SearchedById, people_called
from core.errors import InvalidField
from core.gst import hidden_pan
from core.models import (
    LedgerLine,
    Mandate,
    Owner,
    OwnerSubscriptionPayment,
    Payment,
    Property,
    RentCharge,
    Tenancy,
    Tenant,
    User,
)
from core.models.ledger_accounts import owner_payable
from core.services.subscriptions.billing import FIELDS, refuse_wrong

admin.site.unregister(get_token_model())  # tokens are made by logging in, not by an operator
admin.site.unregister(Group)

Row = TypeVar("Row", Owner, Tenant)
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin[User]):  # type: ignore[type-arg]
    """Django's, where powers are given by superusers alone."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    actions = ("revoke_tokens",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else fields + POWERS

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    @admin.action(description="Log out of the app everywhere", permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        theirs = [user for user in queryset if _may_touch(request, user)]
        revoked, _ = get_token_model().objects.filter(user__in=theirs).delete()
        self.message_user(request, f"Revoked {revoked} tokens.")


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Let superusers touch anybody, and others those without powers, and themselves."""
    powerful = user is not None and (user.is_superuser or user.is_staff) and user.pk != request.user.pk
    return bool(request.user.is_superuser) or not powerful


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin[Group]):
    """Django's, where powers are given by superusers alone: whoever changes a group gives powers to its members."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)


class OwnerForm(ModelForm[Owner]):
    def clean(self) -> dict[str, Any]:
        owner = Owner(**{name: self.cleaned_data.get(name) or "" for name in FIELDS})
        try:
            refuse_wrong(owner)
        except InvalidField as refusal:
            self.add_error(next(iter(refusal.extra["errors"])), refusal.detail)
        return self.cleaned_data

    def clean_user(self) -> User:
        return _user_without(Tenant, self.cleaned_data["user"], "This user is a tenant already. Give owners their own.")


class TenantForm(ModelForm[Tenant]):
    def clean_user(self) -> User:
        return _user_without(Owner, self.cleaned_data["user"], "This user is an owner already. Give tenants their own.")


def _user_without(other: type[Owner | Tenant], user: User, sentence: str) -> User:
    """Return the user: what somebody may do is told by the one thing they are."""
    if other.objects.filter(user=user).exists():
        raise ValidationError(sentence)
    return user


class PersonAdmin(SearchedById, ModelAdmin[Row]):
    """Who somebody logs in as is chosen once: whoever may change that could become any owner, and refund."""

    search_help_text = "Name, user name or phone"

    def nearly(self, text: str) -> list[Q]:
        return [Q(pk__in=people_called(self.model, text))]

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        if obj is None:
            return ()
        return ("money",) if request.user.is_superuser else ("user", "money")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in super().get_fields(request, obj) if obj is not None or name != "money"]

    @admin.display(description="their money")
    def money(self, person: Any) -> str | SafeString:
        """Return links to all that was paid by them, to them, and is owed."""
        return format_html_join(" · ", "{}", ((each,) for each in self.money_of(person)))

    def money_of(self, person: Any) -> Iterator[str | SafeString]:
        raise NotImplementedError


@admin.register(Owner)
class OwnerAdmin(PersonAdmin[Owner]):
    form = OwnerForm
    fields = ("user", "name", "phone", *FIELDS, "money")
    list_display = ("name", "user", "phone")
    list_select_related = ("user",)
    ordering = ("name", "pk")
    autocomplete_fields = ("user",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide most of a PAN from who may not change it."""
        fields = super().get_fields(request, obj)
        if self.has_change_permission(request, obj):
            return fields
        return ["hidden_pan" if name == "pan" else name for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Owner | None = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "hidden_pan")

    @admin.display(description="PAN")
    def hidden_pan(self, person: Owner) -> str:
        return hidden_pan(person.pan) or NOTHING

    def money_of(self, person: Owner) -> Iterator[str | SafeString]:
        yield list_link(Payment, "Rent paid to them", owner__id__exact=person.pk)
        yield list_link(LedgerLine, "What is held for them", q=owner_payable(person.pk))
        yield list_link(OwnerSubscriptionPayment, "Subscription payments", subscription__owner__id__exact=person.pk)
        yield list_link(Mandate, "AutoPay", owner_subscription__owner__id__exact=person.pk)
        yield list_link(Property, "Properties", owner__id__exact=person.pk)


@admin.register(Tenant)
class TenantAdmin(PersonAdmin[Tenant]):
    form = TenantForm
    fields = ("user", "name", "phone", "money")
    list_display = ("name", "user", "phone")
    list_select_related = ("user",)
    ordering = ("name", "pk")
    autocomplete_fields = ("user",)

    def money_of(self, person: Tenant) -> Iterator[str | SafeString]:
        yield list_link(Payment, "Payments", tenancy__tenant__id__exact=person.pk)
        yield list_link(Tenancy, "Tenancies, with what is outstanding", tenant__id__exact=person.pk)
        yield list_link(RentCharge, "Rent charges", tenancy__tenant__id__exact=person.pk)
