"""Decide about an order that was paid with another amount than was asked for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import NotUnderReview
from core.models import PaymentTransaction
from core.money import rupees_for_people
from core.services import mismatches


class Command(BaseCommand):
    help = "Accept what came with a mismatched order, or refund it. The books and the history show which, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("merchant_order_id")
        decision = parser.add_mutually_exclusive_group(required=True)
        decision.add_argument("--accept", action="store_true", help="take what came as payment; surplus goes back")
        decision.add_argument("--refund", metavar="REASON", help="send all that came back, for this reason")

    def handle(self, *args: Any, **options: Any) -> None:
        order_id, now = options["merchant_order_id"], timezone.now()
        try:
            if options["accept"]:
                purpose = mismatches.accept(order_id, now=now)
            else:
                purpose = mismatches.send_back(order_id, reason=options["refund"], user=None, now=now)
        except PaymentTransaction.DoesNotExist:
            raise CommandError("There is no such order.") from None
        except NotUnderReview as refusal:
            raise CommandError(str(refusal)) from None
        came = rupees_for_people(purpose.transaction.captured_paise)
        self.stdout.write(f"{order_id}: {came} {'accepted' if options['accept'] else 'is being refunded'}.")
