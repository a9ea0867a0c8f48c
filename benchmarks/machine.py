"""The machine that was measured: what it has, not what it is called."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres import Cluster

PACKAGES = ("django", "djangorestframework", "gunicorn", "celery", "psycopg", "phonepe-pg-sdk-python")


def describe(cluster: Cluster) -> dict[str, Any]:
    with psycopg.connect(cluster.url) as connection:
        postgres = connection.info.parameter_status("server_version")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "processor": _processor(),
            "ram_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "load before it began": round(os.getloadavg()[0], 1),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "postgresql": postgres,
            **{name: version(name) for name in PACKAGES},
        },
    }


def _processor() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
