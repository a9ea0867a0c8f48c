"""A new version goes live while people pay: every process ends what it has begun, and nobody notices."""

import signal
import time

import pytest

from tests.processes import books
from tests.processes.crowd import Crowd
from tests.processes.deployment import LEASE, Deployment
from tests.processes.watch import CLOSEST, open_orders, watched
from zelton_backend.local_stack.http import get

CALM = 60.0
STARTS_WITHIN = 40.0
REFUSED = {"ConnectionError", "ReadTimeout", "ConnectTimeout", "ChunkedEncodingError", "500", "502", "503", "504"}


@pytest.mark.slow
def test_a_deploy_under_load_loses_no_request_and_no_check(deployment_on_a_held_socket: Deployment) -> None:
    deployment = deployment_on_a_held_socket
    people = deployment.seed(tenants=40, owners=6)
    deployment.wait_until("both workers", lambda: len(deployment.workers()) < 2, seconds=STARTS_WITHIN)
    deployment.tell_phonepe("PATCH", "settings", {"webhook_timeout": STARTS_WITHIN})
    names = open_orders(deployment, people["tenants"][30:])
    people["tenants"] = people["tenants"][:30]

    with Crowd(deployment, people, seed=1, keep_connections=True, patience=STARTS_WITHIN) as crowd:
        deployment.rest(3)
        workers_are_restarted(deployment)
        beats_are_restarted(deployment)
        web_is_reloaded(deployment)
        web_is_restarted(deployment)
        deployment.rest(3)
        crowd.done()
    print(f"Answers: {dict(crowd.memory.seen)}")

    assert REFUSED.isdisjoint(crowd.memory.seen), crowd.memory.seen
    deployment.wait_until("everything to be final", lambda: books.unfinished(deployment), seconds=CALM)
    assert books.differences(deployment) == []
    assert [sent for sent in deployment.phonepe_says("webhooks") if sent["answered"] != 200] == []
    orders = watched(deployment, names)
    print(f"Checks were late by at most {max(max(order.lateness()) for order in orders):.2f} s")
    for order in orders:
        assert order.polls_missed(patience=LEASE) == [], order
        assert order.closest() >= CLOSEST, order


def workers_are_restarted(deployment: Deployment) -> None:
    for name in ("worker", "worker-2"):
        began = time.monotonic()
        deployment.restart_gracefully(name)
        print(f"{name} ended within {time.monotonic() - began:.1f} s")
        deployment.wait_until("both workers", lambda: len(deployment.workers()) < 2, seconds=STARTS_WITHIN)


def beats_are_restarted(deployment: Deployment) -> None:
    for name in ("beat", "beat-2"):
        deployment.restart_gracefully(name)


def web_is_reloaded(deployment: Deployment) -> None:
    """New workers by SIGHUP: the master and its socket stay. Who knocks meanwhile waits."""
    old, began = set(deployment.web_workers()), time.monotonic()
    deployment.send("web", signal.SIGHUP)
    deployment.wait_until("the old workers to end", lambda: old & set(deployment.web_workers()), seconds=STARTS_WITHIN)
    assert get(f"{deployment.web}/healthz").status == 200
    print(f"web was reloaded within {time.monotonic() - began:.1f} s")


def web_is_restarted(deployment: Deployment) -> None:
    """A new master too: its socket is held by who starts it, and who knocks meanwhile waits there."""
    began = time.monotonic()
    deployment.restart_gracefully("web")
    assert get(f"{deployment.web}/healthz").status == 200
    print(f"web was restarted within {time.monotonic() - began:.1f} s")
