"""Who uses Zelton: people who log in, and what they are."""

from contextlib import nullcontext
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Upper

PHONE_MARKS = " -.()/+"  # what people write between and before the digits of a phone number
# The digits of a phone number, as the index of its column has them; the marks stand in it, not in parameters, so that
# PostgreSQL finds the index.
DIGITS = "REPLACE(" * len(PHONE_MARKS) + "%(expressions)s" + "".join(f", '{mark}', '')" for mark in PHONE_MARKS)


def phone_digits() -> models.Func:
    return models.Func(F("phone"), template=DIGITS, output_field=models.CharField())


class Role(models.TextChoices):
    TENANT = "tenant"
    OWNER = "owner"
    STAFF = "staff"
    NONE = "none"


class User(AbstractUser):
    """A person who logs in."""

    auth_token_set: Any  # knox's
    _password: str | None  # Django's: set from a change of password until it is saved
    _has_lost_password = False

    class Meta(AbstractUser.Meta):
        indexes = [models.Index(Upper("email"), name="user_by_email")]

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self._has_lost_password = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a changed password, however it was changed, ends every log-in of the app.

        Sessions of the admin end by themselves: Django binds them to the password.
        """
        is_changed = self._password is not None or self._has_lost_password
        with transaction.atomic() if is_changed else nullcontext():
            super().save(*args, **kwargs)
            if is_changed:
                self.auth_token_set.all().delete()
        self._has_lost_password = False

    def may(self, permission: str) -> bool:
        """Tell whether this is one of Zelton's staff and holds a permission; being staff alone allows nothing.

        :param permission: as Django writes it, for example `core.refund_payment`
        """
        return self.is_staff and self.has_perm(permission)

    @property
    def role(self) -> Role:
        if self.is_staff:
            return Role.STAFF
        if hasattr(self, "owner"):
            return Role.OWNER
        return Role.TENANT if hasattr(self, "tenant") else Role.NONE

    @property
    def person(self) -> "Owner | Tenant | None":
        """Return what is known of somebody as an owner or a tenant."""
        return getattr(self, "owner", None) or getattr(self, "tenant", None)

    @property
    def shown_name(self) -> str:
        """Return what somebody is called: as owner or tenant, else as a user."""
        return self.person.name if self.person else self.get_full_name() or self.get_username()

    @property
    def phone(self) -> str:
        return self.person.phone if self.person else ""


class Person(models.Model):
    user = models.OneToOneField(User, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        abstract = True
        indexes = [models.Index(phone_digits(), name="%(class)s_by_phone")]

    def __str__(self) -> str:
        return self.name


class Owner(Person):
    """Somebody who lets property, and what invoices say of them from now on."""

    billing_name = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="As invoices say it; empty: the name."
    )
    address = models.TextField(max_length=500, blank=True, default="", db_default="")
    state = models.CharField(
        max_length=2, blank=True, default="", db_default="", help_text="The two digits of the state, 29 for Karnataka."
    )
    gstin = models.CharField("GSTIN", max_length=15, blank=True, default="", db_default="")
    pan = models.CharField("PAN", max_length=10, blank=True, default="", db_default="")


class Tenant(Person):
    """Somebody who rents a unit."""
