"""Status checks: how many one worker makes a second, against a bare loop over the SDK; and how late they are."""

import time
from bisect import bisect_left, bisect_right
from itertools import accumulate
from statistics import median

from benchmarks.cost import cost_of
from benchmarks.figures import Figure, percentile
from benchmarks.phonepe import make_orders, status_calls
from benchmarks.population import open_orders, settle_people
from benchmarks.stage import Stage, open_stage
from tests.postgres import Cluster

ROUNDS, AT_ONCE = 3, 1000
CROWDS = (100, 1_000, 10_000)  # open orders at a time
LIFE = 1200  # seconds until an order expires
SLOW_PHONEPE = 0.2  # seconds for an answer, so that 10,000 open orders are more than a worker's threads can carry
YOUNG = 120  # seconds

# PhonePe's mandatory schedule, from its sign-off checklist: seconds after initiation.
STEPS = [20, *[3] * 10, *[6] * 10, *[10] * 6, *[30] * 2, *[60] * 60]
SCHEDULE = [offset for offset in accumulate(STEPS) if offset < LIFE]
ASKED_AT_MOST_EVERY = 2.0  # seconds; a check so late that the next one is nearer than this serves both


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    with open_stage(cluster, "checks") as stage:
        stage.start_broker()
        stage.start_simulator()
        settle_people(stage, max(CROWDS))
        open_orders(stage, max(CROWDS), life=LIFE)
        make_orders(stage, max(CROWDS))
        worker = stage.start_worker()
        stage.start_beat()
        capacity, ratio = _rate(stage, rounds=ROUNDS * 3 if full else ROUNDS)
        cost = cost_of("a status check", stage, worker, AT_ONCE, lambda: ask_all_at_once(stage))
        seconds = 120 if full else 40
        figures = [_lateness(stage, crowd, seconds, capacity) for crowd in CROWDS]
        return [ratio, cost, *figures, _overload(stage, seconds)]


def _rate(stage: Stage, *, rounds: int) -> tuple[float, Figure]:
    threads = _threads(stage)
    ours, bare = [], []
    for turn in range(rounds + 1):
        mine = ask_all_at_once(stage)
        loop = float(stage.python("benchmarks.bare.sdk_loop", str(threads), "1", str(AT_ONCE)))
        if turn:  # the first is to warm up
            ours.append(mine)
            bare.append(loop)
    figure = Figure(
        "checks",
        "one worker against a bare loop over the SDK",
        median(mine / loop for mine, loop in zip(ours, bare, strict=True)),
        0.7,
        at_least=True,
        ours=f"{median(ours):,.0f}/s",
        against=f"{median(bare):,.0f}/s with {threads} threads",
        details={"ours": ours, "bare": bare},
    )
    return median(ours), figure


def _threads(stage: Stage) -> int:
    return int(stage.python("benchmarks.worker_threads"))


def ask_all_at_once(stage: Stage) -> float:
    """Make many orders due at one moment; return checks per second from PhonePe's first call to its last."""
    began = time.time()
    stage.sql(
        "UPDATE core_paymenttransaction SET next_check_at = now(), asked_at = NULL, "
        "initiated_at = now() - interval '605 s', expire_at = now() + interval '600 s' WHERE id <= %s",
        values=[AT_ONCE],
    )
    asked = "SELECT count(*) FROM core_paymenttransaction WHERE id <= %s AND last_checked_at >= to_timestamp(%s)"
    stage.family.wait_for(
        "the worker to ask about all",
        lambda: stage.sql(asked, values=[AT_ONCE, began])[0][0] >= AT_ONCE or None,
        seconds=180,
    )
    _rest(stage)
    moments = sorted(min(calls) for calls in status_calls(stage, since=began).values())
    return (len(moments) - 1) / (moments[-1] - moments[0])


def _rest(stage: Stage) -> None:
    stage.sql("UPDATE core_paymenttransaction SET next_check_at = NULL WHERE next_check_at IS NOT NULL")


def _lateness(stage: Stage, crowd: int, seconds: int, capacity: float) -> Figure:
    wanted = crowd * len(SCHEDULE) / LIFE
    late = [each for _, each in _run_schedule(stage, crowd, seconds)]
    carried = wanted < capacity
    return Figure(
        "checks",
        f"p99 of lateness, {crowd:,} open orders",
        percentile(late, 99),
        1.0 if carried else None,
        unit="s",
        ours=f"p50 {percentile(late, 50):.2f} s, worst {max(late):.1f} s, of {len(late):,} checks",
        against=f"{wanted:.0f} due a second" + ("" if carried else ", more than one worker makes here"),
    )


def _overload(stage: Stage, seconds: int) -> Figure:
    """Let PhonePe answer slowly: the newest orders must not wait behind the oldest."""
    stage.tell_simulator("/faults", {"kind": "latency", "call": "order_status", "seconds": SLOW_PHONEPE})
    late = _run_schedule(stage, max(CROWDS), seconds)
    young = [each for age, each in late if age < YOUNG]
    old = [each for age, each in late if age >= YOUNG]
    return Figure(
        "checks",
        "overload: lateness of the newest to that of the oldest, p50",
        percentile(young, 50) / percentile(old, 50),
        1.0,
        ours=f"younger than 2 min: p50 {percentile(young, 50):.1f} s, p99 {percentile(young, 99):.1f} s",
        against=f"older: p50 {percentile(old, 50):.1f} s, p99 {percentile(old, 99):.1f} s",
    )


def _run_schedule(stage: Stage, crowd: int, seconds: int) -> list[tuple[float, float]]:
    """Keep so many orders open, evenly spread over all ages; return the age and lateness of each check."""
    start = time.time() + 1
    # Those below zero are initiated while we look: as many as grow too old.
    ages = [number * (LIFE - 5) / crowd - seconds for number in range(crowd)]
    first = [SCHEDULE[bisect_left(SCHEDULE, max(age, 0))] for age in ages]
    stage.sql(
        "UPDATE core_paymenttransaction SET asked_at = NULL, initiated_at = to_timestamp(%s - age), "
        "expire_at = to_timestamp(%s - age + %s), next_check_at = to_timestamp(%s - age + first) "
        "FROM unnest(%s::float[], %s::float[]) WITH ORDINALITY AS plan(age, first, n) WHERE id = n",
        values=(start, start, LIFE, start, ages, first),
    )
    time.sleep(max(0.0, start + seconds - time.time()))
    _rest(stage)
    calls = status_calls(stage, since=start)
    return [
        late
        for number, age in enumerate(ages, 1)
        for late in late_checks(age, [moment - start + age for moment in calls.get(number, [])], seconds)
    ]


def late_checks(age: float, checks: list[float], seconds: float) -> list[tuple[float, float]]:
    """Return when each check of one order was due and how late it came; one that is missing is late until now.

    :param age: of the order when we began to look, in seconds
    :param checks: its age at each check that was made in the `seconds` in which we looked
    """
    found: list[tuple[float, float]] = []
    place, ends = bisect_left(SCHEDULE, age), age + seconds
    for moment in [*sorted(checks), ends]:
        if place == len(SCHEDULE) or SCHEDULE[place] > ends:
            break
        found.append((SCHEDULE[place], moment - SCHEDULE[place]))
        place = bisect_right(SCHEDULE, moment + ASKED_AT_MOST_EVERY)
    return found
