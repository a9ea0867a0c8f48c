"""What goes wrong in a data centre, one thing after the other, as a seed says."""

import signal
import time
from collections.abc import Callable, Sequence
from random import Random

from tests.processes.deployment import Deployment

PAUSE = (1.0, 4.0)  # seconds between two of them


def kill_a_web_worker(deployment: Deployment, chance: Random) -> None:
    workers = deployment.web_workers()
    if workers:
        deployment.kill(chance.choice(workers))


def kill_the_web_master(deployment: Deployment, _: Random) -> None:
    deployment.send("web", signal.SIGKILL)


def kill_the_whole_web_server(deployment: Deployment, _: Random) -> None:
    deployment.send_to_all_of("web", signal.SIGKILL)


def kill_a_worker(deployment: Deployment, chance: Random) -> None:
    deployment.send(chance.choice(["worker", "worker-2"]), signal.SIGKILL)


def kill_a_beat(deployment: Deployment, chance: Random) -> None:
    deployment.send(chance.choice(["beat", "beat-2"]), signal.SIGKILL)


def kill_redis(deployment: Deployment, _: Random) -> None:
    """It starts again empty: nothing of it is on disk."""
    deployment.send("broker", signal.SIGKILL)


def cut_the_database_connections(deployment: Deployment, _: Random) -> None:
    deployment.cut_database_connections()


def kill_postgresql(deployment: Deployment, _: Random) -> None:
    deployment.cluster.kill()
    deployment.cluster.restart()


ACTS: Sequence[Callable[[Deployment, Random], None]] = (
    kill_a_web_worker,
    kill_the_web_master,
    kill_the_whole_web_server,
    kill_a_worker,
    kill_a_beat,
    kill_redis,
    cut_the_database_connections,
    kill_postgresql,
)


def rage(deployment: Deployment, chance: Random, *, seconds: float) -> list[str]:
    """Do every one of these at least once, then any of them; return what was done."""
    ends, done = time.monotonic() + seconds, []
    to_do = chance.sample(ACTS, len(ACTS))
    while time.monotonic() < ends or to_do:
        act = to_do.pop() if to_do else chance.choice(ACTS)
        act(deployment, chance)
        done.append(act.__name__)
        deployment.rest(chance.uniform(*PAUSE))
    return done
