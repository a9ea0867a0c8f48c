"""python -m benchmarks.report: keep the latest result in the repository, and put it into docs/performance.md.

A result of some parts alone takes the place of those parts; the others keep what they had, each with its date.
"""

import json
import re
from typing import Any

from benchmarks import capacity
from benchmarks.figures import HEADINGS, Figure
from zelton_backend.local_stack.surroundings import HOME

LATEST = HOME / "benchmarks" / "results" / "latest.json"
KEPT = HOME / "benchmarks" / "results" / "kept.json"
PAGE = HOME / "docs" / "performance.md"


def main() -> None:
    result = _merged(json.loads(LATEST.read_text()), json.loads(KEPT.read_text()) if KEPT.exists() else {})
    KEPT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    figures = result["figures"]
    rows = [[*HEADINGS, "measured at"], *([*_read(figure).row(), figure["measured_at"][:16]] for figure in figures)]
    page = _replaced(PAGE.read_text(), "machine", _machine(result["machine"]))
    page = _replaced(page, "results", _table(rows))
    PAGE.write_text(_replaced(page, "capacity", _table(capacity.lines(figures))))
    print(f"{len(figures)} figures are in {PAGE.relative_to(HOME)}.")


def _merged(latest: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    fresh = {(figure["part"], figure["name"]): figure for figure in latest["figures"]}
    parts = {part for part, _ in fresh}
    others = [
        figure
        for figure in kept.get("figures", [])
        if (figure["part"] not in parts or figure["part"] == "cost") and (figure["part"], figure["name"]) not in fresh
    ]
    return {**latest, "figures": sorted([*fresh.values(), *others], key=lambda figure: str(figure["part"]))}


def _read(figure: dict[str, Any]) -> Figure:
    return Figure(**{name: value for name, value in figure.items() if name not in {"met", "measured_at"}})


def _machine(machine: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in machine.items())


def _table(rows: list[list[str]]) -> str:
    headings, *others = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in [headings, ["---"] * len(headings), *others])


def _replaced(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name}: written by benchmarks.report -->", f"<!-- end of {name} -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)


if __name__ == "__main__":
    main()
