"""What must be true after every step, of everything that the step has touched. See the invariants of the design.

History and journal are append-only, so what is new in them since the last step is all that has moved: looking at
that alone costs the same however long the story is. What slips past it is found by `whole_books`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from core.models import IN_FLIGHT, PAID, ChangeCause, PaymentTransaction, Refund, RefundKind, RefundState
from phonepe_simulator import Simulator
from zelton_backend.simulation.violation import Violation
from zelton_backend.simulation.wire import Wire

ON_DASHBOARD = "DASHBOARD-"  # what the ids of refunds that were made at PhonePe and not here begin with
CREDITS = ("capture", "placing")
NEW_ENTRIES = """
    SELECT entry.id, entry.source, COALESCE(SUM(line.amount_paise), 0), COUNT(line.id)
    FROM core_journalentry entry LEFT JOIN core_ledgerline line ON line.entry_id = entry.id
    WHERE entry.id > %s GROUP BY entry.id, entry.source ORDER BY entry.id
"""
NEW_CHANGES = """
    SELECT change.id, orders.merchant_order_id, change.what, change.old, change.new
    FROM core_statechange change JOIN core_paymenttransaction orders ON orders.id = change.transaction_id
    WHERE change.id > %s ORDER BY change.id
"""
ORDERS = """
    SELECT orders.id, orders.merchant_order_id, orders.amount_paise, orders.captured_paise, orders.refunding_paise,
           orders.surplus_paise, rent.status, subscription.status
    FROM core_paymenttransaction orders
    LEFT JOIN core_payment rent ON rent.transaction_id = orders.id
    LEFT JOIN core_ownersubscriptionpayment subscription ON subscription.transaction_id = orders.id
    WHERE orders.merchant_order_id IN ({marks}) ORDER BY orders.id
"""
REFUNDS = """
    SELECT transaction_id, merchant_refund_id, amount_paise, state, kind, retry_of_id
    FROM core_refund WHERE transaction_id IN ({marks}) ORDER BY id
"""
ORDER_OF_REFUND = """
    SELECT orders.merchant_order_id FROM core_paymenttransaction orders
    JOIN core_refund refund ON refund.transaction_id = orders.id WHERE refund.merchant_refund_id IN ({marks})
"""
PERIODS = """
    SELECT (SELECT COUNT(*) FROM core_subscriptionperiod period
            JOIN core_ownersubscriptionpayment payment ON payment.id = period.payment_id
            WHERE payment.transaction_id = %s),
           (SELECT COUNT(*) FROM core_statechange
            WHERE what = 'status' AND cause = %s AND transaction_id = %s)
"""


@dataclass(slots=True)
class Paid:
    """The orders that have been paid, and those that have just become so."""

    ever: set[str] = field(default_factory=set)
    news: list[str] = field(default_factory=list)


class Invariants:
    """Follows the books, step by step.

    :ivar paid: which orders are paid, as our books say
    """

    def __init__(self, simulator: Simulator, wire: Wire) -> None:
        self._simulator, self._wire = simulator, wire
        self._last_entry = self._last_change = 0
        self._sources: set[str] = set()
        self._credits: Counter[str] = Counter()
        self._completions: Counter[str] = Counter()
        self.paid = Paid()

    def after_step(self, *, money_moved: bool) -> None:
        """:raises Violation: if something is not as it must be"""
        if self._wire.wrong:
            raise Violation(self._wire.wrong[0])
        if money_moved:
            touched = self._new_entries() | self._new_changes() | self._wire.spoken_of
            self.orders_are_right(sorted(touched))
        self._wire.spoken_of.clear()

    def _new_entries(self) -> set[str]:
        names, refunds = set(), set()
        for pk, source, total, lines in _rows(NEW_ENTRIES, [self._last_entry]):
            self._last_entry = pk
            if total or not lines:
                raise Violation(f"entry {source} does not balance: {lines} lines sum to {total} paise")
            if source in self._sources:
                raise Violation(f"entry {source} is posted twice")
            self._sources.add(source)
            kind, _, name = source.partition(":")
            if kind in CREDITS:
                self._credits[name] += 1
            if kind in (*CREDITS, "suspense"):
                names.add(name)
            elif kind == "refund":
                refunds.add(name.rpartition(":")[0])
        return names | {name for (name,) in _rows_in(ORDER_OF_REFUND, sorted(refunds))}

    def _new_changes(self) -> set[str]:
        names = set()
        for pk, name, what, old, new in _rows(NEW_CHANGES, [self._last_change]):
            self._last_change = pk
            names.add(name)
            if (what, new) == ("status", "completed") and old not in PAID:
                self._completions[name] += 1
        return names

    def orders_are_right(self, names: list[str]) -> None:
        orders = _rows_in(ORDERS, names)
        refunds = defaultdict(list)
        for row in _rows_in(REFUNDS, [order[0] for order in orders]):
            refunds[row[0]].append(row[1:])
        for pk, name, amount, captured, refunding, surplus, rent, subscription in orders:
            status = rent or subscription
            self._credited_once(name, status, captured, amount)
            self._refunds_are_right(name, captured, refunding, surplus, refunds[pk])
            if subscription in PAID and name not in self.paid.ever:
                is_sent_back = any(row[3] == RefundKind.MISMATCH for row in refunds[pk]) or surplus == captured
                _period_is_right(name, pk, is_sent_back=is_sent_back)
            if status in PAID and name not in self.paid.ever:
                self.paid.ever.add(name)
                self.paid.news.append(name)

    def _credited_once(self, name: str, status: str, captured: int, amount: int) -> None:
        is_paid = status in PAID
        if name in self.paid.ever and not is_paid:
            raise Violation(f"{name} was paid and is {status}: completed is for ever")
        effects = (self._completions[name], self._credits[name])
        if effects != ((1, 1) if is_paid else (0, 0)):
            raise Violation(f"{name} is {status} with {effects[0]} completions and {effects[1]} ledger entries")
        if is_paid != (captured > 0):
            raise Violation(f"{name} is {status} with {captured} paise captured")
        order = self._simulator.orders.get(name)
        if order is not None and order.refunded + order.refunding > order.captured:
            raise Violation(f"{name}: PhonePe pays {order.refunded + order.refunding} of {order.captured} paise back")
        if not is_paid:
            return
        came = order.captured if order else 0
        if captured != came and name not in self._wire.told_otherwise:
            raise Violation(f"{name} ({amount} paise) is credited with {captured} paise, and {came} came to PhonePe")
        if name not in self._wire.told_paid:
            raise Violation(f"{name} is credited, though PhonePe never said so when it was asked")

    def _refunds_are_right(
        self, name: str, captured: int, refunding: int, surplus: int, refunds: list[tuple[Any, ...]]
    ) -> None:
        counted = sum(paise for _, paise, state, _, _ in refunds if state != RefundState.FAILED)
        if not counted == refunding <= captured:
            raise Violation(f"{name}: {counted} paise are being refunded, {refunding} are counted, {captured} came")
        if sum(state in IN_FLIGHT for _, _, state, _, _ in refunds) > 1:
            raise Violation(f"{name}: two refunds are in flight")
        first = [paise for _, paise, _, kind, retry_of in refunds if kind == RefundKind.SURPLUS and not retry_of]
        is_sent_back = any(kind == RefundKind.MISMATCH for *_, kind, _ in refunds)
        if first != ([surplus] if surplus >= 100 and not is_sent_back else []):
            raise Violation(f"{name}: {surplus} paise came too much, and {first} go back by themselves")
        for refund_id, paise, state, _, _ in refunds:
            theirs = self._simulator.refunds.get(refund_id)
            is_right = theirs is None or theirs.amount == paise or refund_id in self._wire.refunds_told_otherwise
            if not is_right or (theirs is not None and theirs.merchant_order_id != name):
                raise Violation(f"{refund_id} is {paise} paise of {name}, and another refund at PhonePe")
            if state == RefundState.COMPLETED and (theirs is None or theirs.state != state):
                raise Violation(f"{refund_id} is {state} here and {theirs and theirs.state} at PhonePe")
            if state == RefundState.FAILED and theirs is not None and theirs.state != state:
                raise Violation(f"{refund_id} is {state} here and {theirs.state} at PhonePe")


def _period_is_right(name: str, pk: int, *, is_sent_back: bool) -> None:
    """A paid subscription opens one period, unless it had been replaced or its money is sent back."""
    ((opened, replaced),) = _rows(PERIODS, [pk, ChangeCause.REPLACED, pk])
    wanted = 0 if replaced or is_sent_back else 1
    if opened != wanted:
        raise Violation(f"{name}: {opened} periods are opened, and {wanted} is due")


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _rows_in(sql: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
    wanted = list(values)
    return _rows(sql.format(marks=", ".join(["%s"] * len(wanted))), wanted) if wanted else []


def nothing_is_unknown(simulator: Simulator) -> None:
    """Check that PhonePe makes nothing of ours that is not in our books: the row is there before the call."""
    ours = set(PaymentTransaction.objects.values_list("merchant_order_id", flat=True))
    if unknown := sorted(set(simulator.orders) - ours):
        raise Violation(f"PhonePe has order {unknown[0]}, which is not in our books")
    refunds = set(Refund.objects.values_list("merchant_refund_id", flat=True))
    if unknown := sorted(name for name in set(simulator.refunds) - refunds if not name.startswith(ON_DASHBOARD)):
        raise Violation(f"PhonePe has refund {unknown[0]}, which is not in our books")
