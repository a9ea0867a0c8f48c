"""Tell what happened to some money, and what can be done."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.db.replica import from_replica
from core.india import in_india
from core.services.timeline import Match, Story, find, story_of
from core.services.timeline.events import written
from core.services.timeline.find import line_of, nothing_found


class Command(BaseCommand):
    help = (
        "Tell the story of a payment, refund, webhook, settlement, person or tenancy from every trace there is, and "
        "what can be done. ID is anything you hold: payment:12, refund:3, subscription_payment:4, webhook:9, "
        "tenancy:9, an order or refund id of ours or of PhonePe, a transaction id, a UTR, a mandate, an invoice, "
        "a dispute, a settlement id, an account, a user name, a name, an e-mail address, a phone number, or an amount "
        "with a day (15000 2026-11-27). Of a person it tells the payments. Exits 1 if nothing is known by it. "
        "Example: manage.py explain 423456789012"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", nargs="+", metavar="ID", help="whatever you have")
        parser.add_argument("--json", action="store_true", help="print one JSON object, with times in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        text, as_json = " ".join(options["id"]), options["json"]
        matches = from_replica(find)(text)
        if not matches:
            raise CommandError(nothing_found(text))
        # Whoever names a person asks about their money; who that is stands beside it.
        told = [match for match in matches if match.is_money] or matches
        beside = [match for match in matches if match not in told]
        if len(told) > 1:
            self._list(told, beside, as_json=as_json)
            return
        story = from_replica(story_of)(told[0].row)
        if as_json:
            self.stdout.write(json.dumps(story.as_json() | _people(beside), ensure_ascii=False))
        else:
            self._tell(told[0], story)
            self._say_whose(beside)

    def _list(self, told: list[Match], beside: list[Match], *, as_json: bool) -> None:
        if as_json:
            found = {"matches": [_as_json(match) for match in told]} | _people(beside)
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"{len(told)} matches, the newest first; explain one of them by its id:")
        for match in told:
            self.stdout.write(line_of(match))
        self._say_whose(beside)

    def _say_whose(self, people: list[Match]) -> None:
        if people:
            self.stdout.write("\nWhose it is; explain them by their id:")
        for match in people:
            self.stdout.write(line_of(match))

    def _tell(self, match: Match, story: Story) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{match.id}  {match.text}"))
        for name, value in story.subject.items():
            if value not in ("", None) and name != "id":
                self.stdout.write(f"  {name.replace('_', ' '):22} {value}")
        self.stdout.write("\nWhat happened, in India's time (IST):")
        for event in story.events:
            self.stdout.write(f"  {in_india(event.at):%d %b %Y %H:%M:%S}  {event.kind:12} {event.text}")
        if story.next_steps:
            self.stdout.write("\nWhat can be done:")
            for step in story.next_steps:
                self.stdout.write(f"  - {step}")


def _as_json(match: Match) -> dict[str, str]:
    return {"id": match.id, "at": written(match.at), "text": match.text}


def _people(beside: list[Match]) -> dict[str, list[dict[str, str]]]:
    return {"people": [_as_json(match) for match in beside]} if beside else {}
