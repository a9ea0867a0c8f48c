"""Decide about an order that was paid with another amount than was asked for."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.management.arguments import named_user, reason
from core.models import PaymentTransaction
from core.money import rupees, rupees_for_people
from core.services.payments import mismatches


class Command(BaseCommand):
    help = (
        "Accept what came with a mismatched order, or refund it. The books and the history show which, and why. "
        "Example: manage.py resolve_mismatch ZLT-AbC123 --refund 'The tenant paid twice' --by asha"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("merchant_order_id")
        parser.add_argument(
            "--by",
            metavar="USER NAME",
            help="who decides, and needs core.resolve_mismatch; left out: the user of this machine is kept",
        )
        parser.add_argument("--reason", type=reason, help="why; kept with what was decided")
        decision = parser.add_mutually_exclusive_group(required=True)
        decision.add_argument("--accept", action="store_true", help="take what came as payment; surplus goes back")
        decision.add_argument(
            "--refund", type=reason, metavar="REASON", help="send all that came back, for this reason"
        )

        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        order_id, by, now = options["merchant_order_id"], named_user(options["by"]), timezone.now()
        why = options["reason"] or options["refund"] or "Accepted with resolve_mismatch"
        decide = mismatches.accept if options["accept"] else mismatches.send_back
        try:
            payable = decide(order_id, by=by, reason=why, now=now)
        except PaymentTransaction.DoesNotExist:
            raise CommandError("There is no such order.") from None
        except DomainError as refusal:
            raise CommandError(refusal.detail) from None
        if options["json"]:
            came, decided = rupees(payable.transaction.captured_paise), "accepted" if options["accept"] else "refunded"
            self.stdout.write(json.dumps({"merchant_order_id": order_id, "came": came, "decided": decided}))
            return
        came = rupees_for_people(payable.transaction.captured_paise)
        self.stdout.write(f"{order_id}: {came} {'accepted' if options['accept'] else _refunded(payable)}.")


def _refunded(payable: Any) -> str:
    waits = any(refund.awaits_approval for refund in payable.transaction.refunds.all())
    return "is refunded once a second person has approved that" if waits else "is being refunded"
