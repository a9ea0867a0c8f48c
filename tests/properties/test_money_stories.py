"""Random stories about money: whatever people, processes, PhonePe and time do, our books never differ from PhonePe's.

`HYPOTHESIS_PROFILE=soak` tells many more and longer ones, other ones each time. A failing story is printed as
Python, cut down to what it needs; to play it again, put its lines into a test that takes `tell`.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.models import PricingPlan, Tenancy
from phonepe_simulator import Fault
from tests.people import Caller
from tests.properties.hiccups import Dies, Hiccup, Meanwhile, Slow
from tests.properties.invariants import hold_at_every_moment, hold_at_the_end
from tests.properties.world import People, World, a_world

COMMON = {
    "phases": [Phase.generate, Phase.shrink],
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": list(HealthCheck),
}
PROFILES = {
    "ci": settings(max_examples=18, stateful_step_count=20, derandomize=True, database=None, **COMMON),
    "soak": settings(
        max_examples=int(os.environ.get("SOAK_EXAMPLES", "2000")), stateful_step_count=40, database=None, **COMMON
    ),
}
PROFILE = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]

OTHERS = [
    "a worker ticks",
    "webhooks arrive",
    "the tenant taps",
    "the tenant taps for all",
    "the payer pays",
    "the order before is paid",
    "somebody verifies",
    "the owner refunds",
    "the operator asks about all",
]
LATEST_FIRST = st.sampled_from([-1, -1, -1, -2, -2, -3, -4, 0])
WHO = st.sampled_from([0, 0, 1])
RUPEES = st.sampled_from(["15000.00", "10000.00", "5000.00", "4999.50", "1.00"])
PARTS = st.sampled_from([None, "1.00", "5000.00", "100.50", "15000.00"])
KEYS = st.sampled_from(["", "", "", "key-1", "key-2"])
OUTCOMES = st.sampled_from(["success", "success", "success", "pending", "failure"])
MODES = st.sampled_from(["UPI_INTENT", "UPI_QR", "CARD", "NET_BANKING"])
OTHER_AMOUNTS = st.sampled_from([0, 0, 0, 100, -100, 1, 5_000_00])
SECONDS = st.sampled_from([0, 1, 3, 5, 14, 22, 30, 60, 600, 1300, 4000, 90_000])
HICCUPS: st.SearchStrategy[Hiccup] = st.one_of(
    st.none(),
    st.none() | st.sampled_from([Slow(1), Slow(2.9)]),
    st.builds(Dies, st.integers(1, 8)),
    st.builds(Meanwhile, st.integers(1, 8), st.sampled_from(OTHERS), st.sampled_from([0, 4, 14])),
)
CALLS = ["pay", "sdk_order", "order_status", "refund", "refund_status", "oauth", None]
TROUBLES = [
    "timeout_after",
    "timeout_before",
    "cut_after",
    "cut_before",
    "rate_limited",
    "server_error",
    "server_error_after",
    "bad_gateway",
    "bad_gateway_after",
    "unavailable",
    "html_answer",
    "token_revoked",
    "broken_json",
    "empty_object",
    "drip",
    "unknown_state",
    "unknown_mode",
    "extra_fields",
    "nulls",
    "text_amount",
    "awkward_url",
]
LETTER_TROUBLES = [
    "webhook_lost",
    "webhook_late",
    "webhook_repeated",
    "webhook_reordered",
    "webhook_forged",
    "webhook_wrong_amount",
]
FAULTS = st.one_of(
    st.builds(Fault, st.sampled_from(TROUBLES), call=st.sampled_from(CALLS)),
    st.builds(
        Fault, st.sampled_from(["wrong_amount", "wrong_order_id"]), call=st.sampled_from(["refund", "refund_status"])
    ),
    st.builds(Fault, st.just("wrong_order_id"), call=st.sampled_from(["pay", "order_status"])),
    st.builds(Fault, st.sampled_from(LETTER_TROUBLES), seconds=st.just(40)),
)
EVENTS = ["checkout.order.completed", "checkout.order.failed", "pg.refund.completed", "pg.refund.failed"]


Works = tuple[Callable[[World], Any], ...]
TAPS: Works = (lambda world: world.taps(0, "10000.00"), lambda world: world.passes(4))
TAPS_AGAIN: Works = (lambda world: world.taps(0, "15000.00"), lambda world: world.passes(4))
SUBSCRIBES: Works = (lambda world: world.subscribes("monthly"), lambda world: world.passes(4))
SUBSCRIBES_AGAIN: Works = (lambda world: world.subscribes("yearly"), lambda world: world.passes(4))
PAYS: Works = (lambda world: world.pays(-1),)
PAYS_BOTH: Works = (lambda world: world.pays(-1), lambda world: world.pays(-2))
ANOTHER_AMOUNT: Works = (lambda world: world.pays(-1, more=100),)
TICKS: Works = (lambda world: world.passes(22), lambda world: world.simulator.tick(), World.ticks)
REFUNDS: Works = (lambda world: world.refunds(-1, "5000.00", who="owner"),)
REFUNDS_FAIL: Works = (lambda world: world.simulator.change_settings(refund_outcome="failure"),)
REFUNDS_ARE_LOST: Works = (lambda world: world.misbehaves(Fault("timeout_before", call="refund", times=1)),)

BEGINNINGS: dict[str, Works] = {
    "an open order": TAPS,
    "a paid order": TAPS + PAYS + TICKS,
    "a paid order that nobody has asked about": TAPS + PAYS,
    "two orders for one rent, both paid": TAPS + TAPS_AGAIN + PAYS_BOTH,
    "two orders, both paid, while refunds fail": REFUNDS_FAIL + TAPS + TAPS_AGAIN + PAYS_BOTH + TICKS + TICKS,
    "another amount than was asked for": TAPS + ANOTHER_AMOUNT + TICKS,
    "a refund under way": TAPS + PAYS + TICKS + REFUNDS,
    "a refund that fails": TAPS + PAYS + TICKS + REFUNDS_FAIL + REFUNDS + TICKS,
    "a refund whose request was lost": TAPS + PAYS + TICKS + REFUNDS_ARE_LOST + REFUNDS,
    "a subscription": SUBSCRIBES + PAYS + TICKS,
    "two orders for one subscription, both paid": SUBSCRIBES + SUBSCRIBES_AGAIN + PAYS_BOTH,
}


class Story(RuleBasedStateMachine):
    """One story. Each rule is something that somebody does; after each, the invariants are checked."""

    def __init__(self, tell: Callable[[], Any]) -> None:
        super().__init__()
        self._end = ExitStack()
        self.world: World = self._end.enter_context(tell())
        self._failed = False

    def teardown(self) -> None:
        with self._end:
            if not self._failed:
                self.world.comes_to_rest()
                hold_at_the_end(self.world)

    def _does(self, *works: Callable[[], Any], hiccup: Hiccup = None) -> None:
        """Do one thing after the other, the last one with a hiccup; after all of them the books must agree."""
        self._failed = True
        for work in works:
            self.world.does(work, hiccup if work is works[-1] else None)
        hold_at_every_moment(self.world)
        self._failed = False

    def _has_orders(self) -> bool:
        return self.world.order_id(0) is not None

    @initialize(beginning=st.sampled_from(sorted(BEGINNINGS)), webhooks_come=st.sampled_from([True, True, False]))
    def the_story_begins_with(self, beginning: str, webhooks_come: bool) -> None:
        self.world.phonepe.reachable = webhooks_come
        self._does(*(partial(work, self.world) for work in BEGINNINGS[beginning]))

    # People.

    @rule(who=WHO, amount=RUPEES, channel=st.sampled_from(["redirect", "mobile_sdk"]), key=KEYS, hiccup=HICCUPS)
    def a_tenant_taps_pay(self, who: int, amount: str, channel: str, key: str, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.taps(who, amount, channel=channel, key=key), hiccup=hiccup)

    @rule(who=WHO, first=RUPEES, then=RUPEES, hiccup=HICCUPS)
    def a_tenant_pays_the_replaced_order_too(self, who: int, first: str, then: str, hiccup: Hiccup) -> None:
        self._does(
            lambda: self.world.taps(who, first),
            lambda: self.world.passes(4),
            lambda: self.world.taps(who, then),
            lambda: self.world.pays(-1),
            lambda: self.world.pays(-2),
            lambda: self.world.passes(25),
            self.world.ticks,
            hiccup=hiccup,
        )

    @rule(period=st.sampled_from(["monthly", "yearly"]), key=KEYS, hiccup=HICCUPS)
    def an_owner_subscribes(self, period: str, key: str, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.subscribes(period, key), hiccup=hiccup)

    @rule(who=WHO, amount=RUPEES)
    def a_tenant_pays_without_trouble(self, who: int, amount: str) -> None:
        self._does(
            lambda: self.world.taps(who, amount),
            lambda: self.world.pays(-1),
            lambda: self.world.passes(22),
            self.world.ticks,
        )

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, how=st.sampled_from(["verifies", "returns", "calls_back"]), hiccup=HICCUPS)
    def somebody_asks(self, which: int, how: str, hiccup: Hiccup) -> None:
        self._does(lambda: getattr(self.world, how)(which), hiccup=hiccup)

    @precondition(lambda self: bool(self.world.were_paid))
    @rule(which=LATEST_FIRST, amount=PARTS, who=st.sampled_from(["owner", "staff"]), key=KEYS, hiccup=HICCUPS)
    def a_refund_is_asked_for(self, which: int, amount: str | None, who: str, key: str, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.refunds(which, amount, who=who, key=key), hiccup=hiccup)

    @precondition(lambda self: bool(self.world.were_paid))
    @rule(which=LATEST_FIRST, amount=PARTS, kind=st.sampled_from(TROUBLES), call=st.sampled_from(["refund", None]))
    def a_refund_meets_trouble(self, which: int, amount: str | None, kind: str, call: str | None) -> None:
        self._does(
            lambda: self.world.misbehaves(Fault(kind, call=call, times=1)),
            lambda: self.world.refunds(which, amount, who="owner"),
        )

    @precondition(_has_orders)
    @rule(accept=st.booleans(), hiccup=HICCUPS)
    def the_operator_decides_about_a_mismatch(self, accept: bool, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.decides(accept=accept), hiccup=hiccup)

    @precondition(_has_orders)
    @rule(hiccup=HICCUPS)
    def the_operator_asks_about_everything(self, hiccup: Hiccup) -> None:
        self._does(self.world.asks_about_all, hiccup=hiccup)

    @rule(months=st.integers(1, 3))
    def more_rent_falls_due(self, months: int) -> None:
        self._does(lambda: self.world.charges_next_month(months))

    # Payers, banks and PhonePe.

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, outcome=OUTCOMES, mode=MODES, more=OTHER_AMOUNTS)
    def a_payer_pays(self, which: int, outcome: str, mode: str, more: int) -> None:
        self._does(lambda: self.world.pays(which, outcome, mode, more))

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, outcome=st.sampled_from(["success", "failure", "expired"]))
    def the_bank_decides(self, which: int, outcome: str) -> None:
        self._does(lambda: self.world.bank_decides(which, outcome))

    @precondition(lambda self: bool(self.world.open_refunds()))
    @rule(which=LATEST_FIRST, outcome=st.sampled_from(["success", "failure"]))
    def the_bank_decides_about_a_refund(self, which: int, outcome: str) -> None:
        self._does(lambda: self.world.bank_decides_about_refund(which, outcome))

    @precondition(_has_orders)
    @rule(outcome=st.sampled_from(["failure", "pending", "success"]))
    def refunds_will_end_in(self, outcome: str) -> None:
        self.world.simulator.change_settings(refund_outcome=outcome)

    @rule(fault=FAULTS, times=st.integers(1, 3))
    def phonepe_has_trouble(self, fault: Fault, times: int) -> None:
        self._does(lambda: self.world.misbehaves(replace(fault, times=times)))

    @precondition(lambda self: bool(len(self.world.simulator.faults)))
    @rule()
    def phonepe_recovers(self) -> None:
        self.world.simulator.faults.clear()

    @rule(hiccup=HICCUPS)
    def webhooks_arrive(self, hiccup: Hiccup) -> None:
        self._does(self.world.simulator.tick, hiccup=hiccup)

    @precondition(_has_orders)
    @rule(
        which=LATEST_FIRST,
        event=st.sampled_from(EVENTS),
        more=st.sampled_from([0, 100]),
        header=st.sampled_from([None, "0" * 64]),
    )
    def a_webhook_lies(self, which: int, event: str, more: int, header: str | None) -> None:
        self._does(lambda: self.world.lies(which, event, more=more, header=header), self.world.simulator.tick)

    @precondition(lambda self: bool(self.world.simulator.webhooks))
    @rule(which=LATEST_FIRST)
    def an_old_webhook_comes_again(self, which: int) -> None:
        self._does(lambda: self.world.old_letter_comes_again(which))

    # Time and workers.

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self._does(lambda: self.world.passes(seconds))

    @rule(seconds=SECONDS, hiccup=HICCUPS)
    def a_worker_ticks_later(self, seconds: int, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.passes(seconds), self.world.ticks, hiccup=hiccup)


@pytest.fixture
def tell(
    tenancy: Tenancy,
    tenant: Caller,
    owner: Caller,
    other_tenancy: Tenancy,
    stranger: Caller,
    other_owner: Caller,
    operator: Caller,
    plan: PricingPlan,
    traveller: time_machine.Traveller,
) -> Callable[[], Any]:
    people = People((tenancy, other_tenancy), (tenant, stranger), (owner, other_owner), operator, plan)
    return lambda: a_world(people, traveller)


def test_the_books_never_differ_from_phonepes(tell: Callable[[], Any]) -> None:
    run_state_machine_as_test(lambda: Story(tell), settings=PROFILE)
