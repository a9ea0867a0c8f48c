"""What compose.yaml and the systemd units say is run: commands and environments, to be run outside of them."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
UNITS = ROOT / "deploy" / "systemd"
VARIABLE = re.compile(r"\$\{\w+(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Process:
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    healthcheck: list[str] = field(default_factory=list)

    def adapted(self, changes: dict[str, str]) -> "Process":
        """Return the same for this machine: other addresses and folders, nothing else."""

        known = re.compile("|".join(map(re.escape, changes)))

        def change(text: str) -> str:
            return known.sub(lambda found: changes[found[0]], text)

        return Process(
            [change(word) for word in self.command],
            {name: change(value) for name, value in self.environment.items()},
            [change(word) for word in self.healthcheck],
        )


def compose() -> dict[str, Any]:
    """Return compose.yaml as it is where no variable is set."""
    text = (ROOT / "compose.yaml").read_text()
    found: dict[str, Any] = yaml.safe_load(VARIABLE.sub(lambda match: match["default"] or "", text))
    return found


def of_compose() -> dict[str, Process]:
    return {
        name: Process(
            [str(word) for word in service.get("command", [])],
            {key: "" if value is None else str(value) for key, value in service.get("environment", {}).items()},
            _healthcheck(service.get("healthcheck", {}).get("test", [])),
        )
        for name, service in compose()["services"].items()
    }


def _healthcheck(test: list[str]) -> list[str]:
    if not test:
        return []
    kind, *words = (word.replace("$$", "$") for word in test)
    return ["sh", "-c", *words] if kind == "CMD-SHELL" else words


def unit(name: str) -> dict[str, list[str]]:
    """Return every setting of a unit, in order."""
    settings: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            settings.setdefault(key, []).append(value)
    return settings


def of_systemd() -> dict[str, Process]:
    written = (UNITS / "environment.example").read_text().splitlines()
    common = dict(line.split("=", 1) for line in written if line and line[0] != "#")
    found = {}
    for name in ("web", "worker", "beat", "reconcile"):
        settings = unit(f"zelton-{name}.service")
        own = dict(value.split("=", 1) for value in settings["Environment"])
        found[name] = Process(shlex.split(settings["ExecStart"][0]), {**common, **own})
    return found
