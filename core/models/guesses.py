"""Guesses at passwords, and the places that people log in from. A keyed hash stands for each address."""

from django.db import models

from core.models.people import User


class Door(models.TextChoices):
    """Where a password is asked for."""

    API = "api"
    ADMIN = "admin"
    CHANGE = "change", "change of password"


class PasswordGuess(models.Model):
    """One attempt with a password that was not right, or is being looked at. It counts for an hour."""

    door = models.CharField(max_length=8, choices=Door.choices)
    who = models.CharField(max_length=64, help_text="`user-12`; of a name that nobody has, a keyed hash.")
    network = models.CharField(max_length=64, help_text="Keyed hash of an IPv4 address or an IPv6 network.")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "password guesses"
        default_permissions = ()  # nobody looks at them
        indexes = [
            models.Index(fields=["who", "at"], name="guess_by_person"),
            models.Index(fields=["network", "at"], name="guess_by_network"),
        ]

    def __str__(self) -> str:
        return f"{self.who} at {self.door}"


class FamiliarPlace(models.Model):
    """A network from which a person has logged in: strangers' guesses do not lock them out there."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=64, help_text="Keyed hash, as in a guess.")
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="place_once_per_user")]

    def __str__(self) -> str:
        return f"user-{self.user_id}"
