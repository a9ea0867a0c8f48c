"""Evidence as people read it: a line for each entry, and what is below it."""

import json
from datetime import datetime
from typing import Any

from core.india import in_india
from core.money import rupees_for_people
from zelton_backend.local_stack.surroundings import SANDBOX_PATH
from zelton_backend.sign_off.proofs import Evidence

WHO = {
    "phonepe_call": "Zelton to PhonePe",
    "webhook": "PhonePe's webhook to Zelton",
    "api": "Client to Zelton",
    "browser": "Browser to Zelton",
}
BRIEFLY = 6  # exchanges of a requirement that the PDF shows; the HTML and the JSON have all
LONGEST = 420  # characters of a body in the PDF
ABOUT = ("state", "code", "event", "status")


def shown_in_full(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the evidence for the HTML report, tables of polls first."""
    return [_shown(entry) for entry in sorted(evidence, key=lambda entry: entry["kind"] != "polls")]


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry: its line, and texts or tables below it."""
    kind = entry["kind"]
    if kind in WHO:
        return {"kind": "exchange", "line": line(entry), "parts": _parts(entry)}
    if kind == "polls":
        return {"kind": "polls", "line": line(entry), "rows": poll_rows(entry)}
    return {"kind": kind, "line": line(entry), "facts": _facts(entry)}


def shown_briefly(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence for the PDF: tables in full, of exchanges the first few."""
    wires = [entry for entry in evidence if entry["kind"] in WHO]
    others = [entry for entry in evidence if entry["kind"] not in (*WHO, "left_out", "polls")]
    more = len(wires) - BRIEFLY
    return {
        "exchanges": [[line(entry), *(f"{name}: {_cut(text)}" for name, text in _parts(entry, indent=None))]
                      for entry in wires[:BRIEFLY]],
        "more": f"{more} more exchanges are in report.html and evidence.json." if more > 0 else "",
        "polls": [[line(entry), poll_rows(entry)] for entry in evidence if entry["kind"] == "polls"],
        "facts": [[line(entry), "; ".join(f"{name} {_cut(text)}" for name, text in _facts(entry))] for entry in others],
    }  # fmt: skip


def line(entry: dict[str, Any]) -> str:
    """Say in one line what an entry is."""
    kind = entry["kind"]
    if kind in WHO:
        request, answer = entry["request"], entry["answer"]
        status = answer["status"] if answer["status"] is not None else "no answer"
        said = "".join(f", {word}" for word in _words(request["body"]))
        answered = "".join(f", {word}" for word in _words(answer["body"]))
        path = request["path"].removeprefix(SANDBOX_PATH)
        return f"{_time(entry['at'])}  {WHO[kind]}: {request['method']} {path}{said}: {status}{answered}"
    if kind == "polls":
        beside = f", beside it {len(entry['beside_the_schedule'])}" if entry["beside_the_schedule"] else ""
        asked = sum(row["asked"] is not None for row in entry["rows"])
        return (
            f"Polls against the mandatory schedule, expireAfter {entry['expire_after']} s: {asked} of "
            f"{len(entry['rows'])} within {entry['tolerance_seconds']:g} s{beside}"
        )
    if kind == "timetable":
        return f"Questions about a {entry['about']} against our timetable: {len(entry['asked'])} of {len(entry['due'])}"
    return str(entry["what"])


def poll_rows(entry: dict[str, Any]) -> list[list[str]]:
    """Return a row for each mandatory poll: number, window, due, asked, difference."""
    rows = [
        [
            str(row["poll"]),
            row["window"],
            f"{row['due']:g}",
            "missed" if row["asked"] is None else f"{row['asked']:g}",
            "" if row["asked"] is None else f"{row['asked'] - row['due']:+.1f}",
        ]
        for row in entry["rows"]
    ]
    rows += [["", "beside the schedule", "", f"{offset:g}", ""] for offset in entry["beside_the_schedule"]]
    return rows + [["", "after expiry", "", f"{offset:g}", ""] for offset in entry["after_expiry"]]


def _parts(entry: dict[str, Any], *, indent: int | None = 2) -> list[tuple[str, str]]:
    request, answer = entry["request"], entry["answer"]
    told = {"headers": request["headers"], "query": request.get("query"), "body": request["body"]}
    return [
        ("Request", _json({name: value for name, value in told.items() if value}, indent)),
        ("Answer", _json(answer["body"], indent) if answer["body"] is not None else "no body"),
    ]


def _facts(entry: dict[str, Any]) -> list[tuple[str, str]]:
    seen = {name.rstrip("_"): value for name, value in entry.items() if name not in ("kind", "what")}
    return [(name, value if isinstance(value, str) else _json(value, None)) for name, value in seen.items()]


def _words(body: Any) -> list[str]:
    """Return what is worth saying of a body in its line."""
    payload = body.get("payload") if isinstance(body, dict) else None
    inside = {**body, **(payload if isinstance(payload, dict) else {})} if isinstance(body, dict) else {}
    words = [str(inside[name]) for name in ABOUT if isinstance(inside.get(name), str)]
    amount = inside.get("amount")
    if isinstance(amount, int) and not isinstance(amount, bool):
        words.insert(0, f"{amount} paise ({rupees_for_people(amount)})")
    return words


def _json(value: Any, indent: int | None) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=indent, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _time(instant: str) -> str:
    return f"{in_india(datetime.fromisoformat(instant)):%H:%M:%S.%f}"[:-3] + " IST"
