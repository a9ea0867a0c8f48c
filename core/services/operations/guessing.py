"""How often a password may be guessed, and how a lock is opened again.

Guesses are rows, so that all processes count together, with or without Redis, and a command can forget them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from core.db.batches import delete_in_batches
from core.models import Door, FamiliarPlace, PasswordGuess, User
from core.services.operations import metrics
from core.services.operations.log_ins import find_user
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import note_action

logger = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Wrong passwords, and in which time they are counted.
AT_A_PERSON = 20, HOUR  # from all places they never logged in from together, and from each that they did
AT_A_PERSON_FROM_ONE_PLACE = 10, MINUTE
AT_THE_ADMIN_FROM_ONE_PLACE = 50, HOUR  # whoever is meant
OLD_PASSWORD = 20, HOUR  # which a change of password asks for: a stolen token or session does not guess it

FAMILIAR_FOR = timedelta(days=90)
MOST_PLACES = 20  # a person
LOG_IN = (Door.API, Door.ADMIN)


@dataclass(frozen=True)
class Guess:
    """One attempt with a password.

    :ivar who: the same for all names of one person; of a name that nobody has, something of its own
    :ivar network: hashed; empty if it does not matter
    """

    door: Door
    who: str
    network: str = ""
    user_id: int = 0


def at_log_in(door: Door, name: str, network: str) -> Guess:
    """Return a guess at the password of whoever this is a name of.

    :param network: an address, or a network of addresses, as it is counted under
    """
    user = find_user(name.strip())
    # Keyed hashes: people type passwords where names belong, and an address is personal.
    who = who_is(user) if user else _hashed(name.strip().lower())
    return Guess(door, who, _hashed(network), user.pk if user else 0)


def at_old_password(user: User) -> Guess:
    return Guess(Door.CHANGE, who_is(user), user_id=user.pk)


def who_is(user: User) -> str:
    return f"user-{user.pk}"


def locked_until(guess: Guess, *, now: datetime) -> datetime | None:
    """Count a guess before its password is looked at.

    :returns: until when there are too many; such a guess is not to be looked at, and does not count
    """
    if (until := max(_locks(guess, now), default=None)) is None:
        row = PasswordGuess.objects.create(door=guess.door, who=guess.who, network=guess.network, at=now)
        # Who guesses many times at once finds each other here: each sees at least those that were written before it.
        if (until := max(_locks(guess, now, allowed_more=1), default=None)) is not None:
            row.delete()
    if until is not None:
        metrics.GUESSES_REFUSED.labels(guess.door).inc()
        logger.warning("password_guesses_refused", door=guess.door, user=guess.user_id or "nobody", until=str(until))
    return until


def was_right(guess: Guess, *, now: datetime) -> None:
    """Begin anew at nothing. A person is known from now on in the place they came from."""
    with transaction.atomic():
        mine = PasswordGuess.objects.filter(_of_door(guess.door), who=guess.who)
        if guess.door == Door.CHANGE:
            mine.delete()
            return
        places = _places(guess.user_id, now)
        _side(mine, guess, places).delete()
        FamiliarPlace.objects.update_or_create(user_id=guess.user_id, network=guess.network, defaults={"used_at": now})
        known = FamiliarPlace.objects.filter(user_id=guess.user_id)
        newest = known.order_by("-used_at", "-pk").values_list("pk", flat=True)[:MOST_PLACES]
        known.exclude(pk__in=list(newest)).delete()


@requires("core.change_user")
def unlock_person(user: User, *, by: Operator, reason: str, now: datetime) -> int:
    """Forget every guess at a person's password, so that they can log in; return how many there were."""
    with transaction.atomic():
        forgotten, _ = PasswordGuess.objects.filter(who=who_is(user)).delete()
        about, detail = who_is(user).replace("-", ":"), {"guesses": forgotten}
        note_action("unlock_login", by=by, reason=reason, about=about, detail=detail, now=now)
    return forgotten


@requires("core.change_user")
def unlock_network(network: str, *, by: Operator, reason: str, now: datetime) -> int:
    """Forget every guess from an address, as it is counted under; return how many there were."""
    with transaction.atomic():
        forgotten, _ = PasswordGuess.objects.filter(network=_hashed(network)).delete()
        about, detail = f"address:{network}", {"guesses": forgotten}
        note_action("unlock_login", by=by, reason=reason, about=about, detail=detail, now=now)
    return forgotten


def old_guesses(*, now: datetime) -> QuerySet[PasswordGuess]:
    """Return those that do not count any more, or that a machine with a fast clock has written."""
    return PasswordGuess.objects.filter(Q(at__lte=now - HOUR) | Q(at__gt=now + HOUR))


def old_places(*, now: datetime) -> QuerySet[FamiliarPlace]:
    """Return the places where nobody has logged in for long."""
    return FamiliarPlace.objects.filter(used_at__lte=now - FAMILIAR_FOR)


def forget_old(*, now: datetime) -> int:
    """Delete both; return how many."""
    return delete_in_batches(old_guesses(now=now)) + delete_in_batches(old_places(now=now))


def _locks(guess: Guess, now: datetime, *, allowed_more: int = 0) -> Iterator[datetime]:
    """Yield until when each rule refuses this guess, of those that do."""
    for rows, (most, within) in _rules(guess, now):
        # The clock of another machine may be ahead; what it wrote counts, and locks nobody out for longer.
        recent = rows.filter(at__gt=now - within, at__lte=now + HOUR).order_by("-at")
        times = list(recent.values_list("at", flat=True)[: most + allowed_more])
        if len(times) == most + allowed_more:
            yield min(times[most - 1], now) + within


def _rules(guess: Guess, now: datetime) -> Iterator[tuple[QuerySet[PasswordGuess], tuple[int, timedelta]]]:
    mine = PasswordGuess.objects.filter(_of_door(guess.door), who=guess.who)
    if guess.door == Door.CHANGE:
        yield mine, OLD_PASSWORD
        return
    yield _side(mine, guess, _places(guess.user_id, now)), AT_A_PERSON
    yield mine.filter(network=guess.network), AT_A_PERSON_FROM_ONE_PLACE
    if guess.door == Door.ADMIN:
        yield PasswordGuess.objects.filter(door=Door.ADMIN, network=guess.network), AT_THE_ADMIN_FROM_ONE_PLACE


def _side(mine: QuerySet[PasswordGuess], guess: Guess, places: list[str]) -> QuerySet[PasswordGuess]:
    """Return the guesses that this one is counted with: of its place, if the person is known there, or of strangers."""
    return mine.filter(network=guess.network) if guess.network in places else mine.exclude(network__in=places)


def _places(user_id: int, now: datetime) -> list[str]:
    used = FamiliarPlace.objects.filter(user_id=user_id, used_at__gt=now - FAMILIAR_FOR)
    return list(used.values_list("network", flat=True))


def _of_door(door: Door) -> Q:
    return Q(door=Door.CHANGE) if door == Door.CHANGE else Q(door__in=LOG_IN)


def _hashed(text: str) -> str:
    return salted_hmac(__name__, text.encode(errors="replace").decode(), algorithm="sha256").hexdigest()
