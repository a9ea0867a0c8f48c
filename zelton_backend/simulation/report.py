"""Say what came of a simulation, in a few lines for a person or as JSON."""

from typing import Any

from zelton_backend.simulation.many import Total
from zelton_backend.simulation.run import Result


def summary(total: Total) -> dict[str, Any]:
    """Return the numbers of a run. A life is an order from its tap to its final state, with its refunds."""
    lives = total.counts["orders"]
    return {
        "seeds": total.seeds,
        **{name: total.counts[name] for name in sorted(total.counts)},
        "virtual_days": round(total.virtual_days, 1),
        "seconds": round(total.seconds, 1),
        "seeds_per_minute": round(60 * total.seeds / total.seconds, 1),
        "lives_per_second": round(lives / total.seconds, 1),
        "lives_per_second_of_a_process": round(lives / total.busy, 1) if total.busy else 0.0,
    }


def progress(total: Total) -> str:
    return f"Stories ended: {total.seeds}, lives: {total.counts['orders']}, seconds: {total.seconds:.0f}"


def sentence(numbers: dict[str, Any]) -> str:
    count = {name: numbers.get(name, 0) for name in COUNTED}
    autopay = AUTOPAY.format(**numbers) if "mandates" in numbers else ""
    return ORDERS.format(**count) + autopay + BALANCE.format(**numbers)


ORDERS = (
    "{orders} orders lived to their end: {paid} paid, {failed} failed or cancelled, {under_review} left to an "
    "operator; {refunds} refunds, {surplus} of them surplus.\n"
    "{deaths} processes were killed, {meanwhile} times another acted in the middle of one's work, "
    "{in_transactions} times inside a transaction ({waits} times it would have had to wait); "
    "{faults} faults and {outages} outages at PhonePe; "
    "{webhooks} webhooks, {calls} calls, {steps} steps.\n"
)
AUTOPAY = "{mandates} mandates, {debited} of {debits} debits came; {papers} papers, {messages} messages.\n"
BALANCE = (
    "The books balance and agree with PhonePe's to the paisa, after {virtual_days} virtual days in {seconds} s: "
    "{seeds} seeds, {seeds_per_minute} a minute, {lives_per_second} lives per second."
)
COUNTED = (
    "orders",
    "paid",
    "failed",
    "under_review",
    "refunds",
    "surplus",
    "deaths",
    "meanwhile",
    "in_transactions",
    "waits",
    "faults",
    "outages",
    "webhooks",
    "calls",
    "steps",
)


def violation(result: Result, *, vendor: str) -> str:
    """Return what was violated, what came before it, and how to see it again."""
    kept = [f"Its database is kept: {result.kept}"] if result.kept else []
    on = "" if vendor == "sqlite" else ", with the same kind of database in DATABASE_URL"
    return "\n".join(
        [
            f"Seed {result.seed}, the last steps before the violation:",
            *result.trace,
            "",
            f"VIOLATION in seed {result.seed} at step {result.step}: {result.violation}",
            *kept,
            f"To see it again{on}: {command(result)}",
        ]
    )


def command(result: Result) -> str:
    return f"manage.py simulate --seed {result.seed} {result.arguments}"
