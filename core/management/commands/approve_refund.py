"""Approve or refuse a refund that waits for a second person."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.management.arguments import named_user, reason
from core.models import Refund
from core.money import rupees_for_people
from core.services.refunds.approval import approve_refund, refuse_refund


class Command(BaseCommand):
    help = (
        "Approve a refund above REFUND_APPROVAL_ABOVE, so that it goes to PhonePe, or refuse it. It takes a second "
        "person, neither who asked for it nor who paid. "
        "Example: manage.py approve_refund ZLR-4L5CMhrwJeZTAMgq5x8eIw --by farah --reason 'Spoke with the owner'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("merchant_refund_id")
        parser.add_argument("--by", metavar="USER NAME", required=True, help="who decides; needs core.approve_refund")
        parser.add_argument("--reason", type=reason, required=True, help="why; kept with what was decided")
        parser.add_argument("--refuse", action="store_true", help="end it instead; its amount can be refunded again")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        by = named_user(options["by"])
        refund = Refund.objects.filter(merchant_refund_id=options["merchant_refund_id"]).first()
        if refund is None or by is None:
            raise CommandError("There is no such refund.")
        decide = refuse_refund if options["refuse"] else approve_refund
        try:
            refund = decide(refund, by=by, reason=options["reason"], now=timezone.now())
        except DomainError as refusal:
            raise CommandError(refusal.detail) from None
        if options["json"]:
            answer = {"merchant_refund_id": refund.merchant_refund_id, "state": refund.state}
            self.stdout.write(json.dumps(answer | {"approved": not options["refuse"]}))
            return
        word = "refused" if options["refuse"] else "approved"
        self.stdout.write(f"{refund}: {rupees_for_people(refund.amount_paise)} {word}; it is {refund.state}.")
