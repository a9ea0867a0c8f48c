"""Initiate: what we add to PhonePe's answer, against a bare DRF view with the same log-in and the same two commits."""

from statistics import median
from urllib.request import Request, urlopen

from benchmarks.cost import cost_of
from benchmarks.figures import Figure
from benchmarks.load import Load, Seen
from benchmarks.phonepe import pay_calls
from benchmarks.population import log_in, settle_people
from benchmarks.stage import METRICS_TOKEN, Stage, open_stage
from tests.postgres import Cluster

PHONEPE_TAKES = 0.1  # seconds for an answer
ROUNDS, IN_A_ROUND = 5, 60
AT_ONCE, WARM_UP, CROWD, COSTED = 16, 200, 800, 400
OURS, BARE = "/api/payments/initiate-rent-payment/", "/two-commits/"
HEADERS = {"Authorization": "Token @TOKEN@"}
BODY = '{"amount": "15000.00"}'


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    rounds, crowd = (ROUNDS * 3, CROWD * 5) if full else (ROUNDS, CROWD)
    with open_stage(cluster, "initiate") as stage:
        stage.start_broker()
        stage.start_simulator("--fault", f"latency,call=pay,seconds={PHONEPE_TAKES}")
        settle_people(stage, tenancies := (rounds + 2) * IN_A_ROUND + WARM_UP + crowd + COSTED)
        tenants = Tenants(stage, log_in(stage, range(1, tenancies + 1)))
        web, ours = stage.start_web("zelton_backend.wsgi")
        _, bare = stage.start_web("benchmarks.bare.wsgi")
        ratios, beyond, bare_ms = [], [], []
        for turn in range(rounds + 1):
            phonepe = stage.load(pay_calls(stage, f"DIRECT-{turn}-@N@", 20, connections=1))
            mine = tenants.pay(ours, OURS, IN_A_ROUND, 1).p50_ms - phonepe.p50_ms
            limit = tenants.pay(bare, BARE, IN_A_ROUND, 1).p50_ms
            if turn:  # the first is to warm up
                ratios.append(mine / limit)
                beyond.append(mine)
                bare_ms.append(limit)
        tenants.pay(ours, OURS, WARM_UP, AT_ONCE)  # every thread connects to the database
        crowded = tenants.pay(ours, OURS, crowd, AT_ONCE)
        cost = cost_of("an initiate", stage, web, COSTED, lambda: tenants.pay(ours, OURS, COSTED, AT_ONCE))
        in_time = _share_within_3s(ours)
    return [
        Figure(
            "initiate",
            "beyond PhonePe's answer, against a bare DRF view",
            median(ratios),
            1.5,
            ours=f"{median(beyond):.1f} ms beyond PhonePe's {phonepe.p50_ms:.0f} ms",
            against=f"{median(bare_ms):.1f} ms",
            details={"ours_ms": beyond, "bare_ms": bare_ms},
        ),
        Figure(
            "initiate",
            f"p99 beyond PhonePe's answer, {AT_ONCE} at once",
            crowded.p99_ms - phonepe.p50_ms,
            100,
            unit="ms",
            ours=f"{crowded.per_second:.0f}/s, p50 {crowded.p50_ms - phonepe.p50_ms:.0f} ms",
        ),
        cost,
        Figure("initiate", "PhonePe's answers within 3 s, from /metrics", 100 * in_time, None, unit="%"),
    ]


class Tenants:
    """Each pays once: a second tap would get the same order back."""

    def __init__(self, stage: Stage, tokens: tuple[str, ...]) -> None:
        self._stage, self._tokens, self._used = stage, tokens, 0

    def pay(self, port: int, path: str, count: int, at_once: int) -> Seen:
        tokens = self._tokens[self._used : self._used + count]
        self._used += count if path == OURS else 0
        seen = self._stage.load(
            Load(port, path, BODY, headers=HEADERS, tokens=tokens, connections=at_once, requests=count)
        )
        if seen.statuses != {"201": count}:
            raise RuntimeError(f"{path} answered {seen.statuses}")
        return seen


def _share_within_3s(port: int) -> float:
    request = Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
        lines = [line for line in answer.read().decode().splitlines() if 'call="create_order"' in line]
    within = sum(float(line.split()[-1]) for line in lines if "_bucket" in line and 'le="3.0"' in line)
    return within / sum(float(line.split()[-1]) for line in lines if "_count" in line)
