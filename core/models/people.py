"""Who uses Zelton: people who log in, and what they are."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    TENANT = "tenant"
    OWNER = "owner"
    STAFF = "staff"
    NONE = "none"


class User(AbstractUser):
    """A person who logs in."""

    @property
    def role(self) -> Role:
        if self.is_staff:
            return Role.STAFF
        if hasattr(self, "owner"):
            return Role.OWNER
        return Role.TENANT if hasattr(self, "tenant") else Role.NONE


class Person(models.Model):
    user = models.OneToOneField(User, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Owner(Person):
    """Somebody who lets property."""


class Tenant(Person):
    """Somebody who rents a unit."""
