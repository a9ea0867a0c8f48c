"""How bad it is in one seed's world: everything between calm and storm, and what goes wrong at PhonePe."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from phonepe_simulator import Fault

CALLS = ("pay", "sdk_order", "order_status", "order_status", "refund", "refund_status", "oauth", None)
CALL_FAULTS = (
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
    "late_effect",
    "late_effect",
    "forgotten",
    "forgotten",
    "refused",
)
WEBHOOK_FAULTS = (
    "webhook_lost",
    "webhook_late",
    "webhook_repeated",
    "webhook_reordered",
    "webhook_forged",
    "webhook_wrong_amount",
)
OTHER_REFUND = ("wrong_amount", "refund_status")
OTHER_ANSWERS = (
    ("wrong_amount", "order_status"),
    ("wrong_amount", "refund"),
    OTHER_REFUND,
    ("wrong_order_id", "refund"),
    ("wrong_order_id", "refund_status"),
    ("wrong_order_id", "pay"),
    ("wrong_order_id", "order_status"),
)
LATE_BY = (2, 30, 300, 900)  # seconds
OUTAGES = ("timeout_before", "timeout_after", "unavailable", "cut_before", "rate_limited", "bad_gateway")


@dataclass(frozen=True, slots=True)
class FaultProfile:
    """
    :ivar interruptions: chance of a work to be killed or overtaken at one of its steps
    :ivar fault_every: seconds between two things that go wrong at PhonePe
    :ivar outage_every: seconds between two times in which PhonePe is away
    :ivar slow: chance of an answer to take its time
    :ivar beat: seconds between two ticks
    :ivar arrivals: seconds between two taps
    :ivar webhooks_come: False: not one ever does
    :ivar refunds_lie: whether another amount of a refund may be told than PhonePe pays
    :ivar clocks_off: seconds by which the clocks of the web machine and of the workers' are off at most, each its way
    """

    interruptions: float
    fault_every: float
    outage_every: float
    slow: float
    beat: float
    arrivals: float
    webhooks_come: bool
    refunds_lie: bool
    clocks_off: float = 0.0

    @classmethod
    def drawn(cls, rng: Random) -> "FaultProfile":
        return cls(
            interruptions=rng.choice((0.05, 0.15, 0.3)),
            fault_every=rng.choice((20.0, 60.0, 600.0)),
            outage_every=rng.choice((900.0, 3600.0)),
            slow=rng.choice((0.0, 0.02, 0.1)),
            beat=rng.choice((2.0, 5.0, 10.0, 20.0)),
            arrivals=rng.choice((0.3, 1.0, 1.0, 2.0)),
            webhooks_come=rng.random() < 0.85,
            refunds_lie=rng.random() < 0.5,
            clocks_off=rng.choice((0.0, 0.0, 20.0, 150.0)),
        )


def drawn_call_fault(rng: Random, calls: Sequence[str | None], *, times: int) -> Fault:
    """Return something that goes wrong with a few calls; an effect may come while we still ask, or long after."""
    return Fault(rng.choice(CALL_FAULTS), call=rng.choice(calls), times=times, seconds=rng.choice(LATE_BY))


def drawn_fault(rng: Random, *, refunds_lie: bool) -> Fault:
    """Return something that goes wrong at PhonePe a few times.

    :param refunds_lie: whether it may be the amount of a refund
    """
    chosen, times = rng.random(), rng.randint(1, 3)
    if chosen < 0.65:
        return drawn_call_fault(rng, CALLS, times=times)
    if chosen < 0.75:
        kind, call = rng.choice([other for other in OTHER_ANSWERS if refunds_lie or other != OTHER_REFUND])
        return Fault(kind, call=call, times=times)
    return Fault(rng.choice(WEBHOOK_FAULTS), times=times, seconds=rng.choice((5, 40, 600)))


def drawn_outage(rng: Random) -> Fault:
    """Return what every call meets until PhonePe is back."""
    return Fault(rng.choice(OUTAGES))
