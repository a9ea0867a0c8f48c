"""Verify, where PhonePe is not asked: its processor time, against a bare Django view that reads one row by its key."""

from dataclasses import replace
from statistics import mean, median

from benchmarks.cost import cost_of
from benchmarks.figures import Figure
from benchmarks.load import Load
from benchmarks.population import log_in, open_orders, settle_people
from benchmarks.stage import Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack.processes import Child

ROUNDS, PEOPLE, AT_ONCE, TRIES = 5, 300, 30, 10
MOST_US, MOST_TIMES = 1800, 1.5
OURS, BARE = "/api/payments/verify-payment/ZLT-bench-@N@/", "/one-row/ZLT-bench-@N@/"
# The two that need no question: PhonePe was asked less than three seconds ago, or has said its last word.
JUST_ASKED = "UPDATE core_paymenttransaction SET asked_at = now()"
ASKED_ANEW = "SELECT count(DISTINCT asked_at) - 1 FROM core_paymenttransaction"
PAID = (
    """
    UPDATE core_paymenttransaction
    SET state = 'COMPLETED', captured_paise = amount_paise, paid_at = now(), reconciliation_status = 'settled',
        payment_mode = 'UPI_INTENT', utr = '028338649140'
    """,
    """
    UPDATE core_payment
    SET status = 'completed', owner_id = 1 + (tenancy_id - 1) / 50, receipt = '{"months": [{"month": "2026-11"}]}'
    """,
    "VACUUM ANALYZE",
)


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    rounds = ROUNDS * 3 if full else ROUNDS
    with open_stage(cluster, "verify") as stage:
        settle_people(stage, PEOPLE)
        open_orders(stage, PEOPLE, life=3600)
        asking = Asking(stage, log_in(stage, range(1, PEOPLE + 1)))
        pending = asking.compare("a verify, asked just now", rounds, JUST_ASKED)
        stage.sql(*PAID)
        return [*pending, *asking.compare("a verify, final", rounds)]


class Asking:
    """Tenants, each of whom asks about their own payment, one after the other."""

    def __init__(self, stage: Stage, tokens: tuple[str, ...]) -> None:
        self._stage, self._tokens = stage, tokens
        self._ours = stage.start_web("zelton_backend.wsgi", WEB_WORKERS="1")
        self._bare = stage.start_web("benchmarks.bare.wsgi", WEB_WORKERS="1")

    def compare(self, name: str, rounds: int, before: str = "SELECT 1") -> list[Figure]:
        """Measure in turns, and return what one answer costs and how many times the limit's that is.

        :param before: lets the payments stand as they are to be found, for as long as a few of them are asked about
        """
        ours, bare = [], []
        for _ in range(rounds + 1):
            bare.append(self._ask("one row", *self._bare, BARE, before))
            ours.append(self._ask(name, *self._ours, OURS, before))
        ours, bare = ours[1:], bare[1:]  # the first is to warm up
        costs, limits = [one.value for one in ours], [one.value for one in bare]
        usual = sorted(ours, key=lambda one: one.value)[len(ours) // 2]
        ratio = median(one / limit for one, limit in zip(costs, limits, strict=True))
        return [
            replace(usual, part="verify", limit=MOST_US),
            Figure(
                "verify",
                f"{name}, against a bare view",
                ratio,
                MOST_TIMES,
                ours=f"{median(costs):.0f} µs of CPU ({min(costs):.0f} to {max(costs):.0f})",
                against=f"{median(limits):.0f} µs ({min(limits):.0f} to {max(limits):.0f})",
                details={"ours_us": costs, "bare_us": limits},
            ),
        ]

    def _ask(self, name: str, web: Child, port: int, path: str, before: str) -> Figure:
        """Return what one answer costs, the mean of all that are asked a few at a time."""
        few = [self._ask_few(name, web, port, path, before, first) for first in range(1, PEOPLE + 1, AT_ONCE)]
        own, postgres = (mean(one.details[side] for one in few) for side in ("own_us", "postgres_us"))
        return replace(
            few[0],
            value=own + postgres,
            ours=f"{own:.0f} µs in web",
            against=f"{postgres:.0f} µs in PostgreSQL",
            details={"own_us": own, "postgres_us": postgres},
        )

    def _ask_few(self, name: str, web: Child, port: int, path: str, before: str, first: int) -> Figure:
        """Ask about a few payments, all within the three seconds; once more if that took longer."""
        load = Load(
            port,
            path,
            method="GET",
            headers={"Authorization": "Token @TOKEN@"},
            tokens=self._tokens[first - 1 : first - 1 + AT_ONCE],
            connections=1,
            requests=AT_ONCE,
            first=first,
        )

        def ask() -> None:
            seen = self._stage.load(load)
            if seen.statuses != {"200": AT_ONCE}:
                raise RuntimeError(f"{path} answered {seen.statuses}")

        for _ in range(TRIES):
            self._stage.sql(before)
            figure = cost_of(name, self._stage, web, AT_ONCE, ask)
            if not self._stage.sql(ASKED_ANEW)[0][0]:
                return figure
        raise RuntimeError("This machine is too slow: PhonePe was always asked anew.")
