"""What every story has: webhooks that come, an end that is written down, and what there was in numbers."""

from abc import ABC, abstractmethod
from collections import Counter

from core.models import PAID, PaymentTransaction, Refund, RefundKind
from core.models.payables import kinds_of_payable
from zelton_backend.simulation.orders import Orders
from zelton_backend.simulation.world import World


class Telling(ABC):
    def __init__(self, world: World, orders: Orders) -> None:
        self.world, self._made = world, orders

    @abstractmethod
    def is_told(self) -> None:
        """:raises Violation: if an invariant does not hold"""

    def post_comes(self) -> None:
        """Let PhonePe deliver the webhooks that are due, each to a process of its own."""
        for letter in self.world.simulator.take_due_webhooks():
            about = self._made.payer_of(letter.delivery.merchant_order_id or "")
            action = f"webhook {letter.delivery.event} about {letter.delivery.merchant_order_id}"
            self.world.does(action, lambda letter=letter: self.world.simulator.send(letter), about=about)  # type: ignore[misc]

    def write_the_end(self) -> None:
        """Put what became of everything into the trace, and so into its digest."""
        orders = PaymentTransaction.objects.order_by("pk").values_list(
            "merchant_order_id", "state", "captured_paise", "refunding_paise", "reconciliation_status", "check_count"
        )
        for row in (*orders, *Refund.objects.order_by("pk").values_list("merchant_refund_id", "state", "kind")):
            self.world.trace.note(" ".join(map(str, row)))

    def summary(self) -> Counter[str]:
        """Return what there was, in numbers."""
        counts = Counter(self.world.counts)
        counts["orders"] = PaymentTransaction.objects.count()
        for kind in kinds_of_payable():
            for status in kind._default_manager.values_list("status", flat=True):
                counts["failed" if status in ("failed", "cancelled") else "under_review"] += status not in PAID
        counts["paid"] = len(self.world.invariants.paid.ever)
        counts["refunds"] = Refund.objects.count()
        counts["surplus"] = Refund.objects.filter(kind=RefundKind.SURPLUS).count()
        counts["calls"], counts["steps"] = self.world.wire.calls, self.world.trace.steps
        return counts
