"""Tell what happened to some money, and what can be done."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.db.replica import from_replica
from core.india import in_india
from core.services.timeline import Match, Story, find, story_of
from core.services.timeline.find import line_of, nothing_found
from core.services.timeline.story import written


class Command(BaseCommand):
    help = (
        "Tell the story of a payment, refund, webhook or settlement from every trace there is, and what can be done. "
        "ID is anything you hold: payment:12, refund:3, subscription_payment:4, webhook:9, an order or refund id of "
        "ours or of PhonePe, a transaction id, a UTR, a settlement id, a user name, a phone number, or an amount with "
        "a day (15000 2026-11-27). Exits 1 if nothing is known by it. Example: manage.py explain 423456789012"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", nargs="+", metavar="ID", help="whatever you have")
        parser.add_argument("--json", action="store_true", help="print one JSON object, with times in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        text, as_json = " ".join(options["id"]), options["json"]
        matches = from_replica(find)(text)
        if not matches:
            raise CommandError(nothing_found(text))
        if len(matches) > 1:
            self._list(matches, as_json=as_json)
            return
        story = from_replica(story_of)(matches[0].row)
        if as_json:
            self.stdout.write(json.dumps(story.as_json(), ensure_ascii=False))
        else:
            self._tell(matches[0], story)

    def _list(self, matches: list[Match], *, as_json: bool) -> None:
        if as_json:
            found = [{"id": match.id, "at": written(match.at), "text": match.text} for match in matches]
            self.stdout.write(json.dumps({"matches": found}, ensure_ascii=False))
            return
        self.stdout.write(f"{len(matches)} matches, the newest first; explain one of them by its id:")
        for match in matches:
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
