"""Beside what somebody would use instead: django-hordak's postings, and dj-stripe's intake of webhooks, in turns.

Each does a part of the job, as its documentation says, on the same PostgreSQL and under the same gunicorn settings.
Their requirements are installed from `benchmarks/peers` for this alone.
"""

import json
from functools import partial
from statistics import median

from benchmarks.figures import Figure, alternate, ratio_of_rates
from benchmarks.load import Load, Seen
from benchmarks.peers import installed
from benchmarks.stage import Stage, open_stage
from benchmarks.webhooks import CONNECTIONS, OURS, SAMPLE, SECONDS, Sending
from tests.postgres import Cluster
from zelton_backend.local_stack import ports

ROUNDS = 5


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    rounds = ROUNDS * (3 if full else 1)
    with open_stage(cluster, "peers") as stage:
        return [_ledger(stage, rounds), _webhooks(stage, rounds)]


def _ledger(stage: Stage, rounds: int) -> Figure:
    """Post entries of two lines by four threads, each in a commit of its own."""
    theirs = _of_a_peer(stage, "hordak")
    ratios, posted, other = [], [], []
    for turn in range(rounds + 1):
        mine = json.loads(stage.python("benchmarks.posting"))["posted"]
        hordak = float(stage.python("benchmarks.peers.hordak_posting", **theirs))
        if turn:  # the first is to warm up, and makes the tables
            ratios.append(mine / hordak)
            posted.append(mine)
            other.append(hordak)
    return Figure(
        "peers",
        "entries posted, to django-hordak",
        median(ratios),
        1.3,
        at_least=True,
        ours=f"{median(posted):,.0f}/s, each source posted once",
        against=f"{median(other):,.0f}/s",
        details={"ours": posted, "hordak": other},
    )


def _webhooks(stage: Stage, rounds: int) -> Figure:
    """Take webhooks: check who sent them, store them, answer."""
    theirs = _of_a_peer(stage, "djstripe")
    body = json.dumps({"id": "evt_bench", "livemode": False, **json.loads(SAMPLE.read_text())})
    path, signature = stage.python("benchmarks.peers.djstripe_endpoint", body, **theirs).split()
    _, ours = stage.start_web("zelton_backend.wsgi")
    peer = _start_djstripe(stage, theirs)
    sending = Sending(stage)
    load = Load(
        peer, path, body, headers={"Stripe-Signature": signature}, connections=CONNECTIONS, seconds=SECONDS, first=1
    )
    for warm_up in (partial(sending.at_full_speed, ours, OURS), partial(_taken, stage, load)):
        warm_up()
    mine, other = alternate(rounds, partial(sending.at_full_speed, ours, OURS), partial(_taken, stage, load))
    return Figure(
        "peers",
        "webhooks taken, to dj-stripe",
        ratio_of_rates(mine, other),
        1.0,
        at_least=True,
        ours=f"{median(seen.per_second for seen in mine):,.0f}/s",
        against=f"{median(seen.per_second for seen in other):,.0f}/s",
        details={"ours": [s.per_second for s in mine], "djstripe": [s.per_second for s in other]},
    )


def _start_djstripe(stage: Stage, settings: dict[str, str]) -> int:
    """Start gunicorn with as many workers and threads as ours, which prepares its workers for our own application."""
    (port,) = ports.choose([0])
    stage.start_server(
        "djstripe",
        port,
        *("gunicorn", "--bind", f"{ports.HOST}:{port}", "--config", "python:benchmarks.peers.djstripe_gunicorn"),
        "benchmarks.peers.djstripe_wsgi",
        **settings,
    )
    return port


def _taken(stage: Stage, load: Load) -> Seen:
    seen = stage.load(load)
    if list(seen.statuses) != ["200"]:
        raise RuntimeError(f"dj-stripe answered {seen.statuses}")
    return seen


def _of_a_peer(stage: Stage, name: str) -> dict[str, str]:
    """Return the settings of a peer: its folder, and an empty database of its own."""
    server, _, _ = stage.database.rpartition("/")
    stage.sql(f"DROP DATABASE IF EXISTS peer_{name} WITH (FORCE)", f"CREATE DATABASE peer_{name}")
    return {"DATABASE_URL": f"{server}/peer_{name}", "PYTHONPATH": str(installed(name))}
