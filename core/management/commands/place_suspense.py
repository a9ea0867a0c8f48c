"""Bring money in suspense to its end."""

import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.management.arguments import named_user, number, reason
from core.models import Destination, Side, Tenancy
from core.money import NotAnAmount, paise_from_text, rupees, rupees_for_people
from core.services.ledger.suspense import Source, open_sources, place_suspense, source_of
from core.services.settlements.in_suspense import parts_of


def _amount(text: str) -> int:
    try:
        return paise_from_text(text.removeprefix("₹").replace(",", ""), least=1)
    except NotAnAmount:
        raise ArgumentTypeError(f"give an amount in rupees such as 1500.00, not {text!r}") from None


class Command(BaseCommand):
    help = (
        "Place money that is in suspense, all of it or a part: to a tenancy, back to its payer, or written off. "
        "Without a source it lists what waits. What came with a mismatched order takes resolve_mismatch instead. "
        "Example: manage.py place_suspense settlement:S2611 --to written_off --amount 12.50 --reason 'Rounding'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", help="as the list names it, such as settlement:S2611")
        parser.add_argument(
            "--part",
            choices=[str(side) for side in Side],
            help="of a settlement that holds some money and lacks other, which of it; left out: what is left over",
        )
        parser.add_argument("--to", choices=Destination.values, help="where it goes")
        parser.add_argument("--amount", type=_amount, help="in rupees; left out: all that is left")
        parser.add_argument(
            "--tenancy", type=number(1, 2**63 - 1), metavar="NUMBER", help="whose rent it is, or who pays it again"
        )
        parser.add_argument("--reference", default="", metavar="UTR", help="of the transfer back to the payer")
        parser.add_argument("--reason", type=reason, help="why; kept with your name")
        parser.add_argument(
            "--by",
            metavar="USER NAME",
            help="who places it, and needs core.place_suspense; left out: the user of this machine is kept",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["source"] is None:
            self._list(as_json=options["json"])
            return
        if not options["to"] or not options["reason"]:
            raise CommandError("Say where it goes (--to) and why (--reason).")
        try:
            source = source_of(*options["source"].partition(":")[::2])
            side = Side(options["part"]) if options["part"] else None
            placement = place_suspense(
                source,
                destination=Destination(options["to"]),
                amount_paise=abs(source.left_of(side)) if options["amount"] is None else options["amount"],
                side=side,
                tenancy=_tenancy(options["tenancy"]),
                reference=options["reference"].strip()[:64],
                by=named_user(options["by"]),
                reason=options["reason"],
                now=timezone.now(),
            )
        except DomainError as refusal:
            problems = [each for field in refusal.extra.get("errors", {}).values() for each in field]
            raise CommandError(" ".join(problems) or refusal.detail) from None
        after = source_of(source.kind, source.subject)
        left = after.left_paise if side is None else after.left_of(side)
        if options["json"]:
            placed = {"placement": placement.pk, "placed": rupees(placement.amount_paise), "left": rupees(left)}
            self.stdout.write(json.dumps({"source": source.key, **placed}))
            return
        where = placement.get_destination_display()
        self.stdout.write(
            f"{source.key}: {rupees_for_people(abs(placement.amount_paise))} {where}; "
            f"{rupees_for_people(abs(left))} of it is left in suspense."
        )

    def _list(self, *, as_json: bool) -> None:
        waiting = open_sources()
        if as_json:
            self.stdout.write(json.dumps({"waiting": [_as_json(source) for source in waiting]}))
            return
        for source in waiting:
            decide = " (resolve_mismatch)" if source.waits_for_decision else ""
            self.stdout.write(
                f"{source.key:48} {rupees_for_people(source.left_paise):>16}  {source.description}{decide}"
            )
            for part in parts_of(source):
                self.stdout.write(f"{'':48} {rupees_for_people(part.paise):>16}  {part.what}")
        self.stdout.write(f"{len(waiting)} in suspense." if waiting else "Nothing is in suspense.")


def _as_json(source: Source) -> dict[str, Any]:
    return {
        "source": source.key,
        "left": rupees(source.left_paise),
        "description": source.description,
        "waits_for_decision": source.waits_for_decision,
        "parts": [{"amount": rupees(part.paise), "what": part.what} for part in parts_of(source)],
    }


def _tenancy(number: int | None) -> Tenancy | None:
    if number is None:
        return None
    found = Tenancy.objects.filter(pk=number).first()
    if found is None:
        raise CommandError("There is no such tenancy.")
    return found
