"""Reading of stored webhooks: how many a second while a flood of junk waits, and how soon a genuine one is read."""

import json
from hashlib import sha256

from benchmarks.figures import Figure
from benchmarks.population import open_orders, settle_people
from benchmarks.stage import WEBHOOK_PASSWORD, WEBHOOK_USER, Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack.http import post_json
from zelton_backend.local_stack.ports import HOST
from zelton_backend.local_stack.surroundings import HOME

FLOOD, FULL_FLOOD = 20_000, 100_000
SAMPLE = HOME / "tests/fixtures/phonepe/webhook_pg_order_completed_with_type.json"
WEBHOOK = "/api/webhooks/phonepe-webhook/"
# Junk that was delivered before and, by its time, goes on being delivered after the genuine one.
JUNK = """
    INSERT INTO core_webhookevent
        (digest, body, deliveries, received_at, last_received_at, outcome, event, merchant_order_id)
    SELECT md5(number::text), convert_to(replace(%s, '@N@', number::text), 'UTF8'), 1,
        now() + interval '1 hour', now() + interval '1 hour', 'waiting', '', ''
    FROM generate_series(1, %s) AS number
"""
READ = "SELECT count(*), extract(epoch FROM max(processed_at) - min(processed_at)) FROM core_webhookevent"
WAITED = "SELECT extract(epoch FROM processed_at - received_at) FROM core_webhookevent WHERE names_ours"


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    flood = FULL_FLOOD if full else FLOOD
    with open_stage(cluster, "reading") as stage:
        stage.start_broker()
        stage.start_simulator()
        settle_people(stage, 1)
        open_orders(stage, 1, life=1200)
        content = json.loads(SAMPLE.read_text())
        content["payload"]["merchantOrderId"] = "NOBODYS-@N@"
        stage.sql(JUNK, values=[json.dumps(content), flood])
        _, port = stage.start_web("zelton_backend.wsgi")
        stage.start_worker()
        stage.start_beat()
        unread = "SELECT count(*) FROM core_webhookevent WHERE processed_at IS NULL"
        begun = f"{unread} HAVING count(*) < {flood}"
        stage.family.wait_for("the worker to begin", lambda: stage.sql(begun) or None, seconds=60)
        _deliver_genuine(stage, port, content)
        stage.family.wait_for("all to be read", lambda: stage.sql(unread)[0][0] == 0 or None, seconds=flood / 20)
        ((read, seconds),) = stage.sql(READ)
        ((waited,),) = stage.sql(WAITED)
    return [
        Figure(
            "reading",
            "webhooks read while junk waits",
            read / float(seconds),
            500,
            at_least=True,
            unit="/s",
            ours=f"{read:,} by one worker in {seconds:.1f} s",
        ),
        Figure("reading", "a genuine one waits for", float(waited), 1.0, unit="s", ours=f"behind {flood:,} others"),
    ]


def _deliver_genuine(stage: Stage, port: int, content: dict[str, dict[str, str]]) -> None:
    ((order,),) = stage.sql("SELECT merchant_order_id FROM core_paymenttransaction")
    body = {**content, "payload": {**content["payload"], "merchantOrderId": order}}
    header = sha256(f"{WEBHOOK_USER}:{WEBHOOK_PASSWORD}".encode()).hexdigest()
    answer = post_json(f"http://{HOST}:{port}{WEBHOOK}", body, headers={"Authorization": header})
    assert answer.status == 200, answer.text
