"""Random stories about money: whatever people, processes, PhonePe and time do, our books never differ from PhonePe's.

`HYPOTHESIS_PROFILE=soak` tells many more and longer ones, other ones each time. A failing story is printed as
Python, cut down to what it needs; to play it again, put its lines into a test that takes `tell`.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.models import PricingPlan, Tenancy
from phonepe_simulator import Fault
from tests.people import Caller
from tests.properties.hiccups import Dies, Hiccup, Meanwhile, Slow
from tests.properties.invariants import hold_at_every_moment, hold_at_the_end
from tests.properties.world import People, World, a_world

COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": list(HealthCheck)}
PROFILES = {
    "ci": settings(max_examples=20, stateful_step_count=20, derandomize=True, database=None, **COMMON),
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
OTHER_AMOUNTS = st.sampled_from([100, -100, 1, 5_000_00])
SECONDS = st.sampled_from([1, 3, 5, 14, 22, 30, 60, 600, 1300, 4000, 90_000])
HICCUPS: st.SearchStrategy[Hiccup] = st.one_of(
    st.none(),
    st.none() | st.sampled_from([Slow(1), Slow(2.9)]),
    st.builds(Dies, st.integers(1, 8)),
    st.builds(Meanwhile, st.integers(1, 8), st.sampled_from(OTHERS)),
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
EVENTS = ["checkout.order.completed", "checkout.order.failed", "pg.refund.completed", "pg.refund.failed"]


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

    @initialize(amount=RUPEES, is_paid=st.booleans())
    def a_tenant_begins(self, amount: str, is_paid: bool) -> None:
        self._does(lambda: self.world.taps(0, amount), lambda: self.world.passes(22))
        if is_paid:
            self._does(lambda: self.world.pays(-1), self.world.ticks)

    # People.

    @rule(who=WHO, amount=RUPEES, channel=st.sampled_from(["redirect", "mobile_sdk"]), key=KEYS, hiccup=HICCUPS)
    def a_tenant_taps_pay(self, who: int, amount: str, channel: str, key: str, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.taps(who, amount, channel=channel, key=key), hiccup=hiccup)

    @rule(who=WHO, first=RUPEES, then=RUPEES, seconds=st.sampled_from([0, 4]))
    def a_tenant_taps_twice(self, who: int, first: str, then: str, seconds: int) -> None:
        self._does(
            lambda: self.world.taps(who, first), lambda: self.world.passes(seconds), lambda: self.world.taps(who, then)
        )

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
    @rule(which=LATEST_FIRST, hiccup=HICCUPS)
    def somebody_verifies(self, which: int, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.verifies(which), hiccup=hiccup)

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, hiccup=HICCUPS)
    def the_payer_returns(self, which: int, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.returns(which), hiccup=hiccup)

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, hiccup=HICCUPS)
    def the_app_calls_back(self, which: int, hiccup: Hiccup) -> None:
        self._does(lambda: self.world.calls_back(which), hiccup=hiccup)

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
    @rule(which=LATEST_FIRST, outcome=OUTCOMES, mode=MODES)
    def a_payer_pays(self, which: int, outcome: str, mode: str) -> None:
        self._does(lambda: self.world.pays(which, outcome, mode))

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, more=OTHER_AMOUNTS)
    def another_amount_is_paid(self, which: int, more: int) -> None:
        self._does(lambda: self.world.pays(which, more=more))

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST, outcome=st.sampled_from(["success", "failure"]))
    def the_bank_decides(self, which: int, outcome: str) -> None:
        self._does(lambda: self.world.bank_decides(which, outcome))

    @precondition(_has_orders)
    @rule(which=LATEST_FIRST)
    def an_order_ends_early(self, which: int) -> None:
        self._does(lambda: self.world.expires_early(which))

    @precondition(lambda self: bool(self.world.open_refunds()))
    @rule(which=LATEST_FIRST, outcome=st.sampled_from(["success", "failure"]))
    def the_bank_decides_about_a_refund(self, which: int, outcome: str) -> None:
        self._does(lambda: self.world.bank_decides_about_refund(which, outcome))

    @precondition(_has_orders)
    @rule(outcome=st.sampled_from(["failure", "pending", "success"]))
    def refunds_will_end_in(self, outcome: str) -> None:
        self.world.simulator.change_settings(refund_outcome=outcome)

    @rule(kind=st.sampled_from(TROUBLES), call=st.sampled_from(CALLS), times=st.integers(1, 3))
    def phonepe_has_trouble(self, kind: str, call: str | None, times: int) -> None:
        self._does(lambda: self.world.misbehaves(Fault(kind, call=call, times=times)))

    @rule(kind=st.sampled_from(["wrong_amount", "wrong_order_id"]), call=st.sampled_from(["refund", "refund_status"]))
    def phonepe_is_wrong_about_a_refund(self, kind: str, call: str) -> None:
        self._does(lambda: self.world.misbehaves(Fault(kind, call=call, times=1)))

    @rule(call=st.sampled_from(["pay", "order_status"]))
    def phonepe_names_another_order(self, call: str) -> None:
        self._does(lambda: self.world.misbehaves(Fault("wrong_order_id", call=call, times=1)))

    @rule(kind=st.sampled_from(LETTER_TROUBLES), times=st.integers(1, 2))
    def the_post_has_trouble(self, kind: str, times: int) -> None:
        self._does(lambda: self.world.misbehaves(Fault(kind, times=times, seconds=40)))

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

    @rule(hiccup=HICCUPS)
    def a_worker_ticks(self, hiccup: Hiccup) -> None:
        self._does(self.world.ticks, hiccup=hiccup)

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
