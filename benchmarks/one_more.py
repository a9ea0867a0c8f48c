"""What one more web process, worker or beat brings: payments and checks a second, and processor time."""

import time
from statistics import median

from benchmarks.checks import AT_ONCE as ORDERS
from benchmarks.checks import ask_all_at_once
from benchmarks.figures import Figure
from benchmarks.payers import Paid, Payers
from benchmarks.payment import let_pay
from benchmarks.phonepe import make_orders
from benchmarks.topology import Machines
from zelton_backend.local_stack.processes import Child

PART = "machines"
ROUNDS, PAYMENTS, WARM, AT_ONCE = 2, 100, 60, 32
IDLE = 10.0  # seconds
MORE = {"web process": "web-2", "worker": "worker-2", "beat": "beat-2"}
Used = dict[str, float]


def payers_needed(*, full: bool) -> int:
    return WARM + _rounds(full=full) * (1 + len(MORE)) * PAYMENTS


def _rounds(*, full: bool) -> int:
    return ROUNDS * (3 if full else 1)


def measure(machines: Machines, tokens: tuple[str, ...], *, full: bool) -> list[Figure]:
    """Pay with one process of each kind, and with one more of each in turns; then check and idle likewise."""
    waiting = iter(tokens)
    children = {"web-1": machines.start_web(1)[0], "worker-1": machines.start_worker(1)}
    children["beat-1"] = machines.start_beat(1)
    make_orders(machines.stage, ORDERS)
    _pay(machines, children, [next(waiting) for _ in range(WARM)])
    runs: dict[str, list[tuple[float, Used]]] = {}
    for _ in range(_rounds(full=full)):
        for kind in ("", *MORE):
            added = _add(machines, kind) if kind else {}
            mine = [next(waiting) for _ in range(PAYMENTS)]
            runs.setdefault(kind, []).append(_pay(machines, children | added, mine))
            for child in added.values():
                machines.stop(child)
    figures = [_payments(kind, runs[kind], runs[""]) for kind in MORE]
    figures += [_checks(machines, rounds=_rounds(full=full)), _idle(machines, children)]
    for child in reversed(children.values()):
        machines.stop(child)
    return figures


def _add(machines: Machines, kind: str) -> dict[str, Child]:
    name = MORE[kind]
    if kind == "web process":
        return {name: machines.start_web(2)[0]}
    child = machines.start_worker(2) if kind == "worker" else machines.start_beat(2)
    time.sleep(5)  # until it has imported what it needs
    return {name: child}


def _pay(machines: Machines, children: dict[str, Child], tokens: list[str]) -> tuple[float, Used]:
    """Return payments a second, and milliseconds of processor time a payment by kind of process."""
    first, second = machines.web_ports
    more = (second,) if "web-2" in children else ()
    simulator = int(machines.stage.simulator.rpartition(":")[2])
    before = machines.cpu_seconds(children)
    paid = let_pay(Payers(first, simulator, tuple(tokens), AT_ONCE, more_webs=more))
    after = machines.cpu_seconds(children)
    _refuse_less(paid, len(tokens))
    used: Used = {}
    for name, seconds in after.items():
        kind = name.partition("-")[0]
        used[kind] = used.get(kind, 0) + 1000 * (seconds - before[name]) / len(tokens)
    return paid.payments / paid.seconds, used


def _refuse_less(paid: Paid, count: int) -> None:
    if paid.payments != count:
        raise RuntimeError(f"{paid.payments} of {count} tenants paid.")


def _payments(kind: str, runs: list[tuple[float, Used]], alone: list[tuple[float, Used]]) -> Figure:
    ratio = median(more / one for (more, _), (one, _) in zip(runs, alone, strict=True))
    return Figure(
        PART,
        f"payments a second with a second {kind}",
        ratio,
        None,
        ours=_told(runs),
        against=f"one of each: {_told(alone)}",
        details={"more": runs, "alone": alone},
    )


def _told(runs: list[tuple[float, Used]]) -> str:
    parts = {kind: median(used[kind] for _, used in runs) for kind in runs[0][1]}
    named = ", ".join(f"{kind} {ms:.1f}" for kind, ms in parts.items())
    return f"{median(rate for rate, _ in runs):.1f}/s, {sum(parts.values()):.1f} ms of CPU each ({named})"


def _checks(machines: Machines, *, rounds: int) -> Figure:
    ask_all_at_once(machines.stage)  # to warm up
    one, two = [], []
    for _ in range(rounds):
        one.append(ask_all_at_once(machines.stage))
        added = _add(machines, "worker")
        two.append(ask_all_at_once(machines.stage))
        for child in added.values():
            machines.stop(child)
    return Figure(
        PART,
        "checks a second with a second worker",
        median(more / alone for more, alone in zip(two, one, strict=True)),
        None,
        ours=f"{median(two):,.0f}/s by two",
        against=f"{median(one):,.0f}/s by one",
        details={"one": one, "two": two},
    )


def _idle(machines: Machines, children: dict[str, Child]) -> Figure:
    """Return what a second costs in which nothing is due, with two beats and with one."""
    one = _idle_ms(machines, children)
    added = _add(machines, "beat")
    two = _idle_ms(machines, children | added)
    for child in added.values():
        machines.stop(child)
    return Figure(
        PART,
        "an idle second with a second beat",
        two / one,
        None,
        ours=f"{two:.0f} ms of CPU in all processes",
        against=f"{one:.0f} ms with one",
    )


def _idle_ms(machines: Machines, children: dict[str, Child]) -> float:
    before = sum(machines.cpu_seconds(children).values())
    time.sleep(IDLE)
    return 1000 * (sum(machines.cpu_seconds(children).values()) - before) / IDLE
