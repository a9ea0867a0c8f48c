"""What must be true of the books, at every moment and when all has come to rest. See the design's invariants."""

from collections import Counter, defaultdict
from itertools import pairwise

from django.db.models import Q, Sum

from core.models import (
    IN_FLIGHT,
    PAID,
    JournalEntry,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    Purpose,
    Refund,
    RefundKind,
    RefundState,
    StateChange,
    SubscriptionPeriod,
)
from core.models.accounts import PHONEPE_CLEARING, REFUNDS_IN_FLIGHT
from core.services import books, ledger
from tests.properties.world import World

NOTHING = {"captured": 0, "refunded": 0, "refunding": 0}
LESS_THAN_A_RUPEE = 99


def hold_at_every_moment(world: World) -> None:
    phonepe_is_not_asked_too_often(world)
    if not world.moments.has_moved_money:
        return  # what was true of our books still is, and PhonePe takes nothing back
    world.moments.has_moved_money = False
    purposes = every_purpose()
    the_books_balance()
    there_is_one_current_order(purposes)
    completed_is_for_ever(world, purposes)
    every_completion_has_one_effect(purposes)
    no_more_is_credited_than_phonepe_took(world)
    refunds_are_those_that_phonepe_knows(world)
    what_came_too_much_goes_back(world)


def hold_at_the_end(world: World) -> None:
    world.moments.has_moved_money = True
    hold_at_every_moment(world)
    everything_is_final(world)
    both_books_say_the_same(world)


def every_purpose() -> list[Purpose]:
    rents = Payment.objects.select_related("transaction")
    return [*rents, *OwnerSubscriptionPayment.objects.select_related("transaction")]


def the_books_balance() -> None:
    assert list(books.differences()) == []


def there_is_one_current_order(purposes: list[Purpose]) -> None:
    pending = Counter(
        (type(each).__name__, getattr(each, "tenancy_id", None) or getattr(each, "subscription_id", None))
        for each in purposes
        if each.status == "pending"
    )
    assert all(count == 1 for count in pending.values()), f"more than one current order: {pending}"


def completed_is_for_ever(world: World, purposes: list[Purpose]) -> None:
    paid = {each.merchant_order_id for each in purposes if each.status in PAID}
    assert world.were_paid <= paid, f"paid no more: {world.were_paid - paid}"
    world.were_paid |= paid


def every_completion_has_one_effect(purposes: list[Purpose]) -> None:
    moves = Counter(StateChange.objects.filter(_completion()).values_list("transaction__merchant_order_id", flat=True))
    credited = Q(source__startswith="capture:") | Q(source__startswith="placing:")
    entries = Counter(
        source.partition(":")[2] for source in JournalEntry.objects.filter(credited).values_list("source", flat=True)
    )
    once = Counter(each.merchant_order_id for each in purposes if each.status in PAID)
    assert moves == once, f"history lines of completions: {moves}, completed: {once}"
    assert entries == once, f"entries of completions: {entries}, completed: {once}"
    periods_are_opened_once(purposes)


def _completion() -> Q:
    return Q(what="status", new="completed") & ~Q(old__in=PAID)


def periods_are_opened_once(purposes: list[Purpose]) -> None:
    opened = Counter(SubscriptionPeriod.objects.values_list("payment__merchant_order_id", flat=True))
    expected = Counter(
        each.merchant_order_id
        for each in purposes
        if isinstance(each, OwnerSubscriptionPayment)
        and each.status in PAID
        and not each.was_replaced()
        and not each.transaction.refunds.filter(kind=RefundKind.MISMATCH).exists()
    )
    assert opened == expected, f"periods opened: {opened}, paid for: {expected}"


def no_more_is_credited_than_phonepe_took(world: World) -> None:
    record = world.simulator.record()
    for order in PaymentTransaction.objects.all():
        name, took = order.merchant_order_id, record.get(order.merchant_order_id, NOTHING)
        if order.captured_paise:
            assert order.captured_paise == took["captured"], f"{name}: credited {order.captured_paise}, came {took}"
            assert name in world.wire.told_paid, f"{name}: credited, though PhonePe never told it when asked"
        assert order.refunding_paise <= order.captured_paise
        assert took["refunded"] + took["refunding"] <= took["captured"]
    assert set(record) <= set(PaymentTransaction.objects.values_list("merchant_order_id", flat=True))


def refunds_are_those_that_phonepe_knows(world: World) -> None:
    ours = {each.merchant_refund_id: each for each in Refund.objects.select_related("transaction")}
    for name, theirs in world.simulator.refunds.items():
        assert name in ours, f"PhonePe pays back {name}, which is not in our books"
        mine = ours[name]
        assert (mine.amount_paise, mine.transaction.merchant_order_id) == (theirs.amount, theirs.merchant_order_id)
        if mine.state in (RefundState.COMPLETED, RefundState.FAILED):
            assert mine.state == theirs.state, f"{name}: {mine.state} here, {theirs.state} at PhonePe"
    for name, mine in ours.items():
        assert mine.state != RefundState.COMPLETED or name in world.simulator.refunds, f"{name} was never made"
    in_flight = Counter(each.transaction_id for each in ours.values() if each.state in IN_FLIGHT)
    assert all(count == 1 for count in in_flight.values()), "two refunds of one order are in flight"
    a_refund_is_sent_with_the_same_words(world)


def a_refund_is_sent_with_the_same_words(world: World) -> None:
    sent: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for call in world.simulator.calls_to("refund"):
        sent[call.body["merchantRefundId"]].add((call.body["originalMerchantOrderId"], call.body["amount"]))
    assert all(len(words) == 1 for words in sent.values()), f"a refund's id was used twice: {dict(sent)}"


def phonepe_is_not_asked_too_often(world: World) -> None:
    asked = defaultdict(list)
    for call in world.simulator.calls_to("order_status"):
        if call.status != 401:  # refused at the door, and repeated at once with a new token
            asked[call.merchant_order_id].append(call.at)
    for name, moments in asked.items():
        # The timetable's own checks are three seconds apart; a tick may come up to a second late.
        gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
        assert min(gaps, default=3) >= 2, f"PhonePe was asked about {name} {min(gaps)} s after the last time"


def what_came_too_much_goes_back(world: World) -> None:
    """A tenancy has less than a rupee of credit for each order, unless a refund failed that waits for a person."""
    for tenancy in world.people.tenancies:
        orders = PaymentTransaction.objects.filter(payment__tenancy=tenancy)
        failed = Refund.objects.filter(transaction__in=orders, state=RefundState.FAILED, retried_by__isnull=True)
        stuck = failed.aggregate(total=Sum("amount_paise"))["total"] or 0
        credit = -tenancy.outstanding_paise()
        assert credit <= LESS_THAN_A_RUPEE * len(orders) + stuck, f"{tenancy} has {credit} paise of credit"
    first = Refund.objects.filter(kind=RefundKind.SURPLUS, retry_of__isnull=True)
    surplus = Counter(dict(first.values_list("transaction__merchant_order_id", "amount_paise")))
    expected = Counter(
        dict(
            PaymentTransaction.objects.filter(surplus_paise__gte=100).values_list("merchant_order_id", "surplus_paise")
        )
    )
    mismatched = set(
        Refund.objects.filter(kind=RefundKind.MISMATCH).values_list("transaction__merchant_order_id", flat=True)
    )
    assert surplus == Counter({name: paise for name, paise in expected.items() if name not in mismatched})


def everything_is_final(world: World) -> None:
    waits_for_a_person = world.contradicted()
    for purpose in every_purpose():
        order = purpose.transaction
        held = order.reconciliation_status == "mismatch" or order.pk in waits_for_a_person
        never_reached = purpose.status == "cancelled" and order.merchant_order_id not in world.simulator.orders
        assert held or never_reached or order.state in ("COMPLETED", "FAILED"), f"{order} is {order.state} in the end"
        assert held or purpose.status != "pending", f"{order} waits for ever"
    assert not Refund.objects.filter(state__in=IN_FLIGHT).exists(), "a refund is in flight for ever"


def both_books_say_the_same(world: World) -> None:
    record, cleared = world.simulator.record(), 0
    for order in PaymentTransaction.objects.prefetch_related("refunds"):
        took = record.get(order.merchant_order_id, NOTHING)
        held = order.reconciliation_status == "mismatch"
        came = ledger.suspense_of(order.merchant_order_id) if held else order.captured_paise
        returned = sum(each.amount_paise for each in order.refunds.all() if each.state == RefundState.COMPLETED)
        assert (came, returned, 0) == (took["captured"], took["refunded"], took["refunding"]), f"{order}: {took}"
        cleared += took["captured"] - took["refunded"]
    assert _balance(PHONEPE_CLEARING) == cleared, "the ledger says otherwise what PhonePe holds for us"
    assert _balance(REFUNDS_IN_FLIGHT) == 0


def _balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0
