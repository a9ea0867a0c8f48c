"""The environment of a test run, set before Django reads its settings; also a throw-away PostgreSQL.

`ZELTON_TEST_DATABASE=postgresql` runs the same tests on a cluster that lives as long as the run, and `pgbouncer` the
same through a PgBouncer in transaction mode before it.
"""

import os

from tests.pgbouncer import PgBouncer
from tests.postgres import Cluster

VARIABLES = {
    "ZELTON_ENV_FILE": os.devnull,
    "DJANGO_SECRET_KEY": "only-for-tests",
    "DJANGO_LOG_LEVEL": "INFO",
    "LOG_DIR": "",
    "PROMETHEUS_MULTIPROC_DIR": "none",
    "PHONEPE_ENVIRONMENT": "SANDBOX",
    "PHONEPE_CLIENT_ID": "TESTCLIENT",
    "PHONEPE_CLIENT_SECRET": "test-client-secret",
    "PHONEPE_CLIENT_VERSION": "1",
    "PHONEPE_BASE_URL": "http://phonepe.test/apis/pg-sandbox",
    "PHONEPE_WEBHOOK_USERNAME": "zelton_hooks",
    "PHONEPE_WEBHOOK_PASSWORD": "hooks4tests",
    "PHONEPE_WEBHOOK_PREVIOUS_USERNAME": "former_hooks",
    "PHONEPE_WEBHOOK_PREVIOUS_PASSWORD": "former4tests",
    "PHONEPE_REDIRECT_BASE_URL": "https://zelton.test",
    "METRICS_TOKEN": "metrics-for-tests",
}
POOLER_PORT = "ZELTON_TEST_POOLER_PORT"
UNSET = (
    "ALERT_EMAIL_TO",
    "ALERT_WEBHOOK_URL",
    "EMAIL_URL",
    "DATABASE_POOLER",
    "DATABASE_REPLICA_URL",
    "REDIS_URL",
    "DJANGO_DEBUG",
    "DJANGO_ALLOWED_HOSTS",
    "DJANGO_CORS_ALLOWED_ORIGINS",
    "PHONEPE_ORDER_EXPIRE_AFTER",
    "PHONEPE_TIMEOUT",
)

_cluster: Cluster | None = None
_pooler: PgBouncer | None = None

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit all this from the process that starts them
    os.environ.update(VARIABLES)
    for name in (*UNSET, "DATABASE_URL"):
        os.environ.pop(name, None)
    if os.environ.get("ZELTON_TEST_DATABASE") in ("postgresql", "pgbouncer"):
        _cluster = Cluster()
        os.environ["DATABASE_URL"] = _cluster.url
    if _cluster and os.environ["ZELTON_TEST_DATABASE"] == "pgbouncer":
        _pooler = PgBouncer(_cluster)
        os.environ[POOLER_PORT] = str(_pooler.port)


def pytest_unconfigure() -> None:
    if _pooler is not None:
        _pooler.stop()
    if _cluster is not None:
        _cluster.stop()
