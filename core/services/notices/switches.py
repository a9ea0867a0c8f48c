"""What people want to be told, kind by kind."""

from collections.abc import Mapping

from django.db.models import BigIntegerField, CharField

from core.db.prepared import Param, Prepared
from core.models import NotificationSwitch, User

_OFF = Prepared(
    lambda: NotificationSwitch.objects.filter(
        user=Param("user", BigIntegerField()), kind=Param("kind", CharField())
    ).values_list("pk")
)


def switch(user: User, switches: Mapping[str, bool]) -> None:
    """Switch messages of these kinds on or off for somebody; kinds that are not named stay as they are."""
    wanted = [kind for kind, is_on in switches.items() if is_on]
    NotificationSwitch.objects.filter(user=user, kind__in=wanted).delete()
    off = [NotificationSwitch(user=user, kind=kind) for kind, is_on in switches.items() if not is_on]
    NotificationSwitch.objects.bulk_create(off, ignore_conflicts=True)


def is_wanted(user: User, kind: str) -> bool:
    return not _OFF.rows(user=user.pk, kind=kind)
