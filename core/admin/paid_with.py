"""What an order paid for: its page offers what can be done about the order."""

from typing import Any, TypeVar

from core.admin.acting import ActingAdmin
from core.admin.order_acts import ORDER_ACTS
from core.models import Payable

Paid = TypeVar("Paid", bound=Payable)


class PayableAdmin(ActingAdmin[Paid]):
    acts = ORDER_ACTS

    def acted_on(self, row: Any) -> Any:
        return row.transaction
