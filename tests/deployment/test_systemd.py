"""The systemd units: valid, hardened, and their very commands run without systemd."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwuid
from typing import Any

import pytest

from tests.deployment.described import ROOT, UNITS, Process, of_systemd, unit
from tests.deployment.site import Site

NAMES = ("web", "worker", "beat")


def test_a_command_has_the_environment_that_systemd_gives_its_services(tmp_path: Path) -> None:
    """A value may hold what a shell would take for its own: a seller's name, a mail server's password."""
    python = tmp_path / "home" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexec env\n")
    python.chmod(0o755)
    secrets = tmp_path / "etc" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "database_url").write_text("postgresql://a:b$c@db/zelton\n")
    (tmp_path / "etc" / "environment").write_text(
        "# a comment\nINVOICE_SELLER_NAME=Zelton Homes & Sons\n\nEMAIL_URL=smtp://u:p$$w@mail:587\n"
        'INVOICE_SELLER_ADDRESS="12 MG Road, Bengaluru"'
    )
    here = {"ZELTON_ETC": str(tmp_path / "etc"), "ZELTON_HOME": str(tmp_path / "home")}
    here |= {"ZELTON_USER": getpwuid(os.geteuid()).pw_name, "PATH": os.environ["PATH"]}

    told = subprocess.run([UNITS / "manage", "doctor"], env=here, stdout=subprocess.PIPE, check=True, text=True)

    assert {
        "INVOICE_SELLER_NAME=Zelton Homes & Sons",
        "INVOICE_SELLER_ADDRESS=12 MG Road, Bengaluru",
        "EMAIL_URL=smtp://u:p$$w@mail:587",
        "DATABASE_URL=postgresql://a:b$c@db/zelton",
    } <= set(told.stdout.splitlines())


@pytest.mark.parametrize("name", [*NAMES, "reconcile"])
class TestUnits:
    def test_it_is_hardened(self, name: str) -> None:
        settings = unit(f"zelton-{name}.service")

        assert settings["User"] == ["zelton"]
        for switch in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
            assert settings[switch] == ["yes"], switch
        assert settings["ProtectSystem"] == ["strict"]
        assert settings["CapabilityBoundingSet"] == [""]

    def test_its_secrets_are_credentials(self, name: str) -> None:
        settings = unit(f"zelton-{name}.service")
        loaded = {value.partition(":")[0] for value in settings["LoadCredential"]}

        read = {value.partition("=%d/")[2] for value in settings["Environment"] if "=%d/" in value}
        assert read == loaded

    def test_a_stop_leaves_time_for_what_was_begun(self, name: str) -> None:
        seconds = int(unit(f"zelton-{name}.service")["TimeoutStopSec"][0])

        assert seconds > {"web": 30, "worker": 60, "beat": 0, "reconcile": 60}[name]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_but_the_missing_installation() -> None:
    command = ["systemd-analyze", "verify", "--man=no", *UNITS.glob("zelton*.*")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()

    ours = [line for line in said if "zelton" in line]
    assert not [line for line in ours if "is not executable: No such file" not in line]


class Systemd:
    """Where a process tells systemd that it is ready, or still there."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(60)
        self.address = str(path)

    def hears(self, word: bytes) -> None:
        while word not in self._socket.recv(4096):
            pass

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[dict[str, Systemd]]:
    listeners = {name: Systemd(tmp_path / f"notify-{name}") for name in NAMES}
    yield listeners
    for listener in listeners.values():
        listener.close()


@pytest.fixture
def units(site: Site, systemd: dict[str, Systemd]) -> dict[str, Process]:
    changes = {
        "%d/": f"{site.secrets}/",
        "/srv/zelton/.venv/bin/": "",
        "/var/lib/zelton-beat/": f"{site.folder}/beat/",
        "/var/lib/zelton": str(site.folder),
        "/var/log/zelton": f"{site.folder}/logs",
        "/run/zelton-metrics": f"{site.folder}/metrics",
        "redis://127.0.0.1:6379": f"redis://127.0.0.1:{site.broker_port}",
        "127.0.0.1:8000": f"127.0.0.1:{site.web_port}",
    }
    to_systemd = {name: {"NOTIFY_SOCKET": listener.address} for name, listener in systemd.items()}
    return {name: site.place(unit, changes, **to_systemd.get(name, {})) for name, unit in of_systemd().items()}


@pytest.fixture
def seeded(site: Site, units: dict[str, Process]) -> dict[str, Any]:
    """Who can pay, and a PhonePe; made as an operator would."""
    manage(site, units["web"], "migrate", "--noinput")
    webhooks = f"--webhook-url={site.web}/api/webhooks/phonepe-webhook/"
    simulator = Process(["python", "-m", "phonepe_simulator", f"--port={site.simulator_port}", webhooks])
    site.start("simulator", simulator)
    found: dict[str, Any] = json.loads(manage(site, units["web"], "seed_demo", "--json"))
    return found


def manage(site: Site, service: Process, *command: str) -> str:
    """Run a command of ours as an operator does, from an installation like the real one."""
    etc, home = site.folder / "etc", site.folder / "srv"
    if not etc.exists():
        etc.mkdir()
        home.mkdir()
        (etc / "secrets").symlink_to(site.secrets)
        (home / ".venv").symlink_to(sys.prefix)
        (home / "manage.py").symlink_to(ROOT / "manage.py")
        no_secret = {name: value for name, value in service.environment.items() if not name.endswith("_FILE")}
        no_secret["ZELTON_ENV_FILE"] = os.devnull
        (etc / "environment").write_text("".join(f"{name}={value}\n" for name, value in no_secret.items()))
    here = {"ZELTON_ETC": str(etc), "ZELTON_HOME": str(home), "ZELTON_USER": getpwuid(os.getuid()).pw_name}
    path = {"PATH": os.environ["PATH"]}
    done = subprocess.run([UNITS / "manage", *command], env={**path, **here}, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


@pytest.mark.slow  # the commands of compose do the same
@pytest.mark.processes
def test_their_commands_take_a_payment_and_keep_the_watchdog_quiet(
    site: Site, systemd: dict[str, Systemd], units: dict[str, Process], seeded: dict[str, Any]
) -> None:
    for name in NAMES:
        site.start(name, units[name])
    systemd["web"].hears(b"READY=1")
    systemd["worker"].hears(b"WATCHDOG=1")
    systemd["beat"].hears(b"WATCHDOG=1")
    site.serves(f"{site.web}/readyz")

    assert site.takes_a_payment(seeded)


@pytest.mark.slow
@pytest.mark.processes
def test_the_loop_does_what_worker_and_beat_do(site: Site, units: dict[str, Process], seeded: dict[str, Any]) -> None:
    site.start("web", units["web"])
    site.start("reconcile", units["reconcile"])
    site.serves(f"{site.web}/healthz")

    assert site.takes_a_payment(seeded)
