"""compose.yaml: its shape, and its very commands and health checks, run without a container."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment.described import ROOT, Process, compose, of_compose
from tests.deployment.site import Site

OURS = ("migrate", "web", "worker", "beat", "reconcile")
SECRET = ("SECRET", "PASSWORD", "TOKEN")
NO_SECRET = {"API_TOKENS_PER_PERSON", "APP_PASSWORD_URL"}  # how many; where the app asks for one
# Never; what a process has for itself; and what a container has no files for.
NOT_HERE = {"DJANGO_DEBUG", "HEARTBEAT_FILE", "WEBHOOK_ARCHIVE", "LOG_MAX_BYTES", "LOG_BACKUPS"}


SERVICES = (*OURS, "simulator", "postgres", "redis")
FULL_VERSION = re.compile(r"[\w/]+:\d+\.\d+(\.\d+)?-bookworm")


class TestShape:
    def test_all_services_are_looked_at(self) -> None:
        assert set(compose()["services"]) == set(SERVICES)

    @pytest.mark.parametrize("name", SERVICES)
    def test_it_is_not_root_cannot_be_written_and_gains_no_rights(self, name: str) -> None:
        service = compose()["services"][name]

        assert service["user"] == ("999:999" if name in ("postgres", "redis") else "10001:10001")
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "privileged" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_it_cannot_take_all_of_the_machine(self, name: str) -> None:
        service = compose()["services"][name]

        assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
        assert 0 < service["pids_limit"] <= 500
        assert 0 < service["cpus"] <= 2

    def test_the_limits_leave_room_for_what_is_allowed_inside(self) -> None:
        services = compose()["services"]
        written = {name: " ".join(map(str, service["command"])) for name, service in services.items()}

        connections = int(re.findall(r"max_connections=(\d+)", written["postgres"])[0])
        assert services["postgres"]["pids_limit"] > connections
        megabytes = int(re.findall(r"--maxmemory (\d+)mb", written["redis"])[0])
        assert int(services["redis"]["mem_limit"].rstrip("m")) > megabytes

    @pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
    def test_it_is_looked_after(self, name: str) -> None:
        service = compose()["services"][name]

        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"

    def test_foreign_images_are_of_one_version_and_can_be_pinned_by_digest(self) -> None:
        as_written = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        for name, variable in (("postgres", "POSTGRES_DIGEST"), ("redis", "VALKEY_DIGEST")):
            assert FULL_VERSION.fullmatch(compose()["services"][name]["image"])
            assert as_written[name]["image"].endswith(f"${{{variable}:-}}")
        bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        assert len(bases) == 2
        assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)

    @pytest.mark.parametrize("name", [*OURS, "postgres"])
    def test_secrets_come_from_files(self, name: str) -> None:
        """No variable holds one, and every file that a variable names is given to the service."""
        whole = compose()
        service = whole["services"][name]

        for variable, value in service["environment"].items():
            assert variable.endswith("_FILE") or variable in NO_SECRET or not any(word in variable for word in SECRET)
            if variable.endswith("_FILE") and variable != "HEARTBEAT_FILE":
                secret = str(value).removeprefix("/run/secrets/")
                assert secret in service["secrets"]
                assert whole["secrets"][secret] == {"file": f"./secrets/{secret}"}

    def test_every_setting_reaches_the_services(self) -> None:
        """A container knows nothing of the `.env` beside compose.yaml but what is named there."""
        known = {
            line.partition("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if line[:1].isupper()
        }
        given = {name.removesuffix("_FILE") for name in compose()["services"]["web"]["environment"]}

        assert given == known - NOT_HERE

    def test_what_serves_waits_for_migrations_and_is_restarted(self) -> None:
        services = compose()["services"]

        assert services["migrate"]["restart"] == "no"
        for name in ("web", "worker", "beat"):
            assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
            assert services[name]["restart"] == "unless-stopped"
            assert services[name]["healthcheck"]["test"]

    def test_a_stop_leaves_time_for_what_was_begun(self) -> None:
        services = compose()["services"]
        config = (ROOT / "gunicorn.conf.py").read_text()

        graceful = int(config.partition("graceful_timeout = ")[2].split()[0])
        assert int(services["web"]["stop_grace_period"].rstrip("s")) > graceful
        assert int(services["worker"]["stop_grace_period"].rstrip("s")) > 60  # the longest PHONEPE_TIMEOUT

    def test_the_simulator_is_for_a_trial_alone(self) -> None:
        assert compose()["services"]["simulator"]["profiles"] == ["trial"]

    def test_the_image_has_all_that_its_commands_need(self) -> None:
        kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        image = (ROOT / "Dockerfile").read_text()

        assert {"manage.py", "gunicorn.conf.py", "deploy/ready.py", "core", "zelton_backend"} <= kept
        assert all((ROOT / path).exists() for path in kept)
        assert "--no-deps --require-hashes -r requirements.txt" in image
        assert "USER zelton" in image
        assert "://" not in image.replace("file://", "")  # no registry is named


class TestTrialSecrets:
    def test_they_are_made_once_and_never_overwritten(self, tmp_path: Path) -> None:
        script = tmp_path / "deploy" / "make_trial_secrets.sh"
        script.parent.mkdir()
        shutil.copy(ROOT / "deploy" / script.name, script)

        subprocess.run([script], check=True)
        first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        subprocess.run([script], check=True)

        assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == first
        assert set(first) == set(compose()["secrets"])
        assert first["postgres_password"].strip() in first["database_url"]


@pytest.fixture
def services(site: Site) -> dict[str, Process]:
    changes = {
        "/run/secrets/": f"{site.secrets}/",
        "/tmp/": f"{site.folder}/run/",  # noqa: S108
        "/var/lib/zelton": str(site.folder),
        "/run/zelton/": f"{site.folder}/run/",
        "redis://redis:6379": f"redis://127.0.0.1:{site.broker_port}",
        "0.0.0.0:8000": f"127.0.0.1:{site.web_port}",
        "http://web:8000": site.web,
        "--host=0.0.0.0": "--host=127.0.0.1",
        "--port=8800": f"--port={site.simulator_port}",
        "http://localhost:8800": site.simulator,
        "http://127.0.0.1:8800": site.simulator,
    }
    more = {"PORT": str(site.web_port)}
    return {name: site.place(process, changes, **more) for name, process in of_compose().items()}


def scraped(site: Site, web: Process) -> str:
    """Return what one scrape of the web server tells."""
    token = Path(web.environment["METRICS_TOKEN_FILE"]).read_text().strip()
    request = urllib.request.Request(f"{site.web}/metrics", headers={"Authorization": f"Bearer {token}"})
    return str(urllib.request.urlopen(request, timeout=10).read().decode())


@pytest.mark.processes
def test_its_commands_take_a_payment_and_its_health_checks_tell_the_truth(
    site: Site, services: dict[str, Process]
) -> None:
    web, worker, beat = services["web"], services["worker"], services["beat"]
    Path(web.environment["METRICS_TOKEN_FILE"]).write_text("for-these-tests")
    assert not any(site.is_healthy(process) for process in (web, worker, beat))

    site.start("simulator", services["simulator"])
    site.start("web", web)
    site.serves(f"{site.web}/healthz")
    assert not site.is_healthy(web)  # its tables are not there yet
    site.run("migrate", services["migrate"], *services["migrate"].command)
    assert site.is_healthy(web)

    seeded: dict[str, Any] = json.loads(site.run("seed", web, "python", "manage.py", "seed_demo", "--json"))
    site.start("worker", worker)
    site.start("beat", beat)
    other_beat = beat.adapted({"beat-": "other-beat-"})
    site.start("other beat", other_beat)  # as while a deployment replaces one
    for process in (worker, beat, other_beat):
        site.wait_until("a sign of life", lambda process=process: site.is_healthy(process))

    asked = site.takes_a_payment(seeded)
    assert len(asked) == 1  # by one of the beats' ticks
    assert site.is_healthy(services["simulator"])
    told = scraped(site, web)
    for line in (
        'zelton_payment_moves_total{cause="clock",status="completed"} 1.0',
        'zelton_processes{kind="web"} 1.0',
        'zelton_processes{kind="worker"} 1.0',
        'zelton_processes{kind="beat"} 2.0',
        "zelton_redis_up 1.0",
    ):
        assert line in told

    for process in (worker, beat):
        sign = Path(process.environment["HEARTBEAT_FILE"])
        site.wait_until("another sign of life", lambda sign=sign: sign.stat().st_mtime > time.time() - 5)


@pytest.mark.slow
@pytest.mark.processes
def test_a_process_that_gives_no_sign_of_life_is_unhealthy(site: Site, services: dict[str, Process]) -> None:
    worker = services["worker"]
    sign = Path(worker.environment["HEARTBEAT_FILE"])
    sign.touch()
    assert site.is_healthy(worker)

    half_a_minute_ago = time.time() - 31
    os.utime(sign, (half_a_minute_ago, half_a_minute_ago))
    assert not site.is_healthy(worker)
