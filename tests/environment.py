"""The environment of a test run, set before Django reads its settings; also a throw-away PostgreSQL.

`ZELTON_TEST_DATABASE=postgresql` runs the same tests on a cluster that lives as long as the run.
"""

import os

from tests.postgres import Cluster

VARIABLES = {
    "ZELTON_ENV_FILE": os.devnull,
    "DJANGO_SECRET_KEY": "only-for-tests",
    "DJANGO_LOG_LEVEL": "INFO",
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
UNSET = ("REDIS_URL", "DJANGO_DEBUG", "DJANGO_ALLOWED_HOSTS", "PHONEPE_ORDER_EXPIRE_AFTER", "PHONEPE_TIMEOUT")

_cluster: Cluster | None = None

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit all this from the process that starts them
    os.environ.update(VARIABLES)
    for name in (*UNSET, "DATABASE_URL"):
        os.environ.pop(name, None)
    if os.environ.get("ZELTON_TEST_DATABASE") == "postgresql":
        _cluster = Cluster()
        os.environ["DATABASE_URL"] = _cluster.url


def pytest_unconfigure() -> None:
    if _cluster is not None:
        _cluster.stop()
