"""Users, and what they are: owners and tenants."""

from typing import Any

import knox.admin  # noqa: F401 - registers tokens, before they are taken off again
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from knox.models import get_token_model

from core.admin.generic import ModelAdmin, ModelForm
from core.models import Owner, Tenant, User

admin.site.unregister(get_token_model())  # tokens are made by logging in, not by an operator
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password ends every session of the app, as changing it in the app does."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        user = super().save(commit)
        get_token_model().objects.filter(user=user).delete()
        return user


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Django's, where powers are given by superusers alone: staff see every payment."""

    change_password_form = PasswordForm
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
        revoked, _ = get_token_model().objects.filter(user__in=queryset).delete()
        self.message_user(request, f"Revoked {revoked} tokens.")


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Let superusers touch anybody, and others those without powers, and themselves."""
    powerful = user is not None and (user.is_superuser or user.is_staff) and user.pk != request.user.pk
    return bool(request.user.is_superuser) or not powerful


class OwnerForm(ModelForm[Owner]):
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


@admin.register(Owner)
class OwnerAdmin(ModelAdmin[Owner]):
    form = OwnerForm
    list_display = ("name", "user", "phone")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "phone")
    autocomplete_fields = ("user",)


@admin.register(Tenant)
class TenantAdmin(ModelAdmin[Tenant]):
    form = TenantForm
    list_display = ("name", "user", "phone")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "phone")
    autocomplete_fields = ("user",)
