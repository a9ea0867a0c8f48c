"""What the processes find around them: settings, addresses, folders. No `.env` is needed, but one is respected."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from zelton_backend.local_stack.ports import HOST, choose

HOME = Path(__file__).resolve().parents[2]
WEB_PORT, SIMULATOR_PORT, APP_PORT = 8000, 8800, 8081
SANDBOX_PATH = "/apis/pg-sandbox"
# How the names of the product's settings begin; .env.example explains each.
SETTINGS = (
    *("DJANGO_", "PHONEPE_", "DATABASE_", "REDIS_URL", "APP_URL", "METRICS_TOKEN", "ZELTON_", "WEB"),
    *("LOG_", "EMAIL_", "ALERT_", "SUBSCRIPTION_", "INVOICE_", "AUTOPAY_"),
)
SERVERS = ("CELERY_", "GUNICORN_", "PROMETHEUS_MULTIPROC_DIR")


@dataclass(frozen=True, slots=True)
class Addresses:
    web: str
    simulator: str
    broker_port: int

    @property
    def web_port(self) -> int:
        return int(self.web.rpartition(":")[2])

    @property
    def simulator_port(self) -> int:
        return int(self.simulator.rpartition(":")[2])


def choose_addresses(web_port: int, simulator_port: int) -> Addresses:
    """Return where to serve: these ports, free ones where they are taken."""
    web, simulator, broker = choose([web_port, simulator_port, 0])
    return Addresses(f"http://{HOST}:{web}", f"http://{HOST}:{simulator}", broker)


@dataclass(frozen=True, slots=True)
class Surroundings:
    addresses: Addresses
    logs: Path
    folder: Path  # for what may be lost when the run ends
    environment: Mapping[str, str]
    brings_broker: bool
    brings_simulator: bool


def lasting(addresses: Addresses, folder: Path, logs: Path) -> Surroundings:
    """Return what `make run` works with: the caller's settings, and ours where there are none."""
    env_file = Path(os.environ.get("ZELTON_ENV_FILE") or HOME / ".env")
    chosen = {name: value for name, value in {**dotenv_values(env_file), **os.environ}.items() if value}
    ours = {**_settings(addresses, folder), "LOG_DIR": str(logs), **_not_moved(chosen)}
    return Surroundings(
        addresses=addresses,
        logs=logs,
        folder=folder,
        environment=ours,
        brings_broker="REDIS_URL" not in chosen,
        brings_simulator=ours["PHONEPE_BASE_URL"] == addresses.simulator + SANDBOX_PATH,
    )


def throw_away(addresses: Addresses, folder: Path) -> Surroundings:
    """Return what `make demo` works with: nothing of the caller's, nothing that stays."""
    machine = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS + SERVERS)}
    ours = {
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "LOG_DIR": str(folder / "logs"),
        "EMAIL_URL": f"file://{folder / 'mails'}",
        "ZELTON_ENV_FILE": os.devnull,
    }
    return Surroundings(
        addresses=addresses,
        logs=folder,
        folder=folder,
        environment={**machine, **_settings(addresses, folder), **ours},
        brings_broker=True,
        brings_simulator=True,
    )


def _not_moved(chosen: dict[str, str]) -> dict[str, str]:
    """Leave out the example's addresses: they mean this stack's own servers, whatever port those are on now."""
    example = {
        "PHONEPE_BASE_URL": f"http://{HOST}:{SIMULATOR_PORT}{SANDBOX_PATH}",
        "PHONEPE_REDIRECT_BASE_URL": f"http://{HOST}:{WEB_PORT}",
    }
    return {name: value for name, value in chosen.items() if value.rstrip("/") != example.get(name)}


def _settings(addresses: Addresses, folder: Path) -> dict[str, str]:
    multiprocess = folder / "prometheus"
    multiprocess.mkdir()
    return {
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "REDIS_URL": f"redis://{HOST}:{addresses.broker_port}/0",
        "PHONEPE_ENVIRONMENT": "SANDBOX",
        "PHONEPE_CLIENT_ID": "SIMULATOR",
        "PHONEPE_CLIENT_SECRET": secrets.token_urlsafe(24),
        "PHONEPE_CLIENT_VERSION": "1",
        "PHONEPE_BASE_URL": addresses.simulator + SANDBOX_PATH,
        "PHONEPE_REDIRECT_BASE_URL": addresses.web,
        "PHONEPE_WEBHOOK_USERNAME": "local_stack",
        "PHONEPE_WEBHOOK_PASSWORD": f"{secrets.token_hex(6)}1a",
        # `make mobile` serves the app in a browser; where it is not, the way back to it leads nowhere on this machine.
        "DJANGO_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{APP_PORT},http://localhost:{APP_PORT}",
        "APP_URL": f"http://{HOST}:{APP_PORT}/payments",
        "APP_PASSWORD_URL": f"http://{HOST}:{APP_PORT}/password",
        "METRICS_TOKEN": secrets.token_urlsafe(16),
        "PROMETHEUS_MULTIPROC_DIR": str(multiprocess),
        "WEB_WORKERS": "1",  # starts sooner, and its threads serve one person well
        "PYTHONUNBUFFERED": "1",
        # The processes talk to each other on the loopback interface, where no proxy helps.
        "NO_PROXY": f"{HOST},localhost",
        "no_proxy": f"{HOST},localhost",
    }
