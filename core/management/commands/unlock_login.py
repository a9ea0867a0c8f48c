"""Open a log-in that wrong passwords have locked."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.management.arguments import named_user, reason
from core.models import User
from core.networks import counted_under, read_address
from core.services.operations import guessing
from core.services.operations.log_ins import people_named


class Command(BaseCommand):
    help = (
        "Let a person log in again whom too many wrong passwords have locked out; without it they wait up to an hour. "
        "NAME is a user name, an e-mail address or a phone number, or an address of the internet that may not log in "
        "to the admin any more. The password stays as it is. What was done is kept, with who did it. "
        'Example: manage.py unlock_login asha --by operator --reason "She called from her own number"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="whose log-in, or which address's")
        parser.add_argument(
            "--by",
            metavar="USER NAME",
            help="who unlocks, and needs core.change_user; left out: the user of this machine is kept",
        )
        parser.add_argument("--reason", type=reason, help="why; kept with what was done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        name, why, now = options["name"].strip(), options["reason"] or "", timezone.now()
        by = named_user(options["by"])
        user, address = _person(name), read_address(name)
        try:
            if user is not None:
                whose, guesses = user.username, guessing.unlock_person(user, by=by, reason=why, now=now)
            elif address is not None:
                whose = counted_under(address)
                guesses = guessing.unlock_network(whose, by=by, reason=why, now=now)
            else:
                raise CommandError(f"Nobody logs in as {name!r}: it is no user name, e-mail address or phone number.")
        except DomainError as refusal:
            raise CommandError(refusal.detail) from None
        if options["json"]:
            self.stdout.write(json.dumps({"unlocked": whose, "guesses": guesses}))
        elif guesses:
            count = "1 wrong password is" if guesses == 1 else f"{guesses} wrong passwords are"
            self.stdout.write(f"{whose} can log in again; {count} forgotten.")
        else:
            self.stdout.write(f"{whose} was not locked: no wrong password counts at the moment.")


def _person(name: str) -> User | None:
    """Return whose name this is.

    :raises CommandError: if several people have it
    """
    if "\0" in name:  # which PostgreSQL cannot be asked for
        return None
    people = list(people_named(name).order_by("username"))
    exact = [user for user in people if user.username == name]
    if len(people) > 1 and not exact:
        raise CommandError(f"Several people have {name}: {', '.join(user.username for user in people)}. Name one.")
    return next(iter(exact or people), None)
