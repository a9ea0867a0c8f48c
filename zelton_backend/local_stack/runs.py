"""A whole run, from the first process to the last: `demo` ends after the payment, `run` keeps serving."""

import time
from collections.abc import Callable
from typing import Any

from zelton_backend.local_stack.autopay import AUTOPAY_STEPS
from zelton_backend.local_stack.journey import STEPS, Journey, WentWrong, open_order
from zelton_backend.local_stack.processes import Family, StackError, StopAsked
from zelton_backend.local_stack.refund import REFUND_STEPS
from zelton_backend.local_stack.rent import raise_if_nothing_is_due
from zelton_backend.local_stack.stack import Stack
from zelton_backend.local_stack.subscription import SUBSCRIPTION_STEPS
from zelton_backend.local_stack.surroundings import HOME, WEB_PORT, Surroundings
from zelton_backend.local_stack.timeline import Timeline

WATCH_EVERY = 0.2  # seconds
STOPPED = 130  # as shells say it of a command that Ctrl-C ended

Steps = tuple[Callable[[Journey], str], ...]
Run = Callable[[Surroundings, Family, Timeline], int]


def guarded(around: Surroundings, run: Run) -> int:
    """Return the exit code of a run. However it ends, none of its processes outlives it."""
    timeline = Timeline()
    with Family(logs=around.logs, home=HOME, environment=around.environment) as family:
        try:
            return run(around, family, timeline)
        except StopAsked:
            timeline.say("\nStopping.")
            return STOPPED
        except StackError as problem:
            timeline.failed(str(problem))
            timeline.say(family.tails())
            return 1


def demo(around: Surroundings, family: Family, timeline: Timeline) -> int:
    """Take one payment, pay a part of it back, let the owner subscribe and the plan renew itself, and end."""
    timeline.say("A rent payment, a refund and a subscription on a throw-away database, through every process:\n")
    stack = Stack(family, around, timeline)
    take(
        STEPS + REFUND_STEPS + SUBSCRIPTION_STEPS + AUTOPAY_STEPS,
        _journey(around, family, stack.start(), "tenant"),
        timeline,
    )
    timeline.say(f"\nIt all worked, in {timeline.seconds:.1f} s. Nothing of it is kept.")
    return 0


def run(around: Surroundings, family: Family, timeline: Timeline) -> int:
    """Take one payment and keep serving until somebody stops it."""
    timeline.say(f"Starting Zelton. Logs are in {around.logs}.\n")
    stack = Stack(family, around, timeline)
    seeded = stack.start()
    if around.brings_simulator:
        _warn_of_what_was_left(around, stack, timeline)
        pay_page = _pay(around, family, stack, seeded, timeline)
    else:
        pay_page = ""
        timeline.say("\nPHONEPE_BASE_URL names another server: no simulator was started and no payment taken.")
    timeline.say(_invitation(around, seeded, pay_page))
    try:
        while True:
            family.watch()
            time.sleep(WATCH_EVERY)
    except StopAsked:
        timeline.say("\nStopping.")
        return 0


def _warn_of_what_was_left(around: Surroundings, stack: Stack, timeline: Timeline) -> None:
    """Say that a simulator forgets when it stops, and a database does not."""
    if left := stack.count_open():
        begins_anew = "Another database" if "DATABASE_URL" in around.environment else "`rm db.sqlite3*` before a start"
        timeline.warned(
            f"Orders and refunds that an earlier run left open: {left}. The simulator has forgotten them, so "
            f"they become alerts. {begins_anew} begins anew."
        )


def _pay(around: Surroundings, family: Family, stack: Stack, seeded: dict[str, Any], timeline: Timeline) -> str:
    """Take a payment; return the pay page of an order that is left open for a person to try."""
    journey = _journey(around, family, seeded, "tenant")
    if raised := raise_if_nothing_is_due(journey, stack):
        timeline.done(raised)
    take(STEPS, journey, timeline)
    if raised := raise_if_nothing_is_due(journey, stack):
        timeline.done(f"{raised}, so that there is something to pay by hand")
    other = _journey(around, family, seeded, "other_tenant")
    if raised := raise_if_nothing_is_due(other, stack):
        timeline.done(raised)
    return str(open_order(other, other.outstanding())["redirect_url"])


def _journey(around: Surroundings, family: Family, seeded: dict[str, Any], who: str) -> Journey:
    owner = seeded["owner"]["token"] if who == "tenant" else seeded["other_owner"]["token"]
    return Journey(family, around.addresses.web, around.addresses.simulator, seeded[who]["token"], owner)


def take(steps: Steps, journey: Journey, timeline: Timeline) -> None:
    """Go through the steps.

    :raises StackError: naming the step that failed
    """
    for step in steps:
        name = step.__name__.replace("_", " ")
        journey.family.watch()
        try:
            timeline.done(step(journey))
        except StackError as problem:
            raise WentWrong(f"Step “{name}”: {problem}") from problem
        except (OSError, ValueError, LookupError) as problem:
            journey.family.watch()  # a dead process explains it better
            raise WentWrong(f"Step “{name}”: {type(problem).__name__}: {problem}") from problem


def _invitation(around: Surroundings, seeded: dict[str, Any], pay_page: str) -> str:
    """Say where everything is, and how to begin."""
    web, staff, tenant = around.addresses.web, seeded["staff"], seeded["tenant"]
    people = ", ".join(seeded[who]["username"] for who in ("tenant", "owner", "other_tenant", "other_owner"))
    # The app asks another port only if it is told which.
    app = "make mobile" + (f" API={web}" if around.addresses.web_port != WEB_PORT else "")
    places = {
        "Where to begin": f"{web}/",
        "API, to read and try": f"{web}/api/docs/",
        "Who can log in there": f"{people}  (password {tenant['password']})",
        "Admin": f"{web}/admin/  (user {staff['username']}, password {staff['password']})",
        f"Open order of {seeded['other_tenant']['username']}": pay_page,
        "What the simulator saw": pay_page and f"{around.addresses.simulator}/",
        "App in a browser": f"`{app}`, in a terminal of its own",
        "Logs": f"{around.logs}  (phonepe.log: all that is of money; a file for each process, too)",
        "All documents": str(HOME / "docs" / "README.md"),
    }
    shown = "\n".join(f"  {name:33}{place}" for name, place in places.items() if place)
    payments = f"curl -H 'Authorization: Token {tenant['token']}' {web}/api/payments/"
    metrics = f"curl -H 'Authorization: Bearer {around.environment['METRICS_TOKEN']}' {web}/metrics"
    tried = f"  Payments of {tenant['username']}, and metrics of every process:\n\n  {payments}\n  {metrics}\n"
    return f"\nServing until Ctrl-C:\n\n{shown}\n\n{tried}"
