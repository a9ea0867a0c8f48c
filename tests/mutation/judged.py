"""What people found out about mutants that survived, kept in `judged.jsonl`, and what all of it says of the core."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.mutation.mutants import Mutant

FILE = Path(__file__).parent / "judged.jsonl"
ELSEWHERE, REAL, EQUIVALENT = "elsewhere", "real", "equivalent"
VERDICTS = {
    ELSEWHERE: "a test that the run had not chosen fails on it",
    REAL: "no test that was looked at fails on it; a story was written, or the line is gone",
    EQUIVALENT: "it changes nothing that anybody could see",
}
IN_THE_RUN, UNJUDGED = "in the run", "not judged"
CONFIDENCE = 1.96  # standard deviations to either side: 95 %


def judge(mutant: Mutant, verdict: str, why: str) -> None:
    said = {"key": mutant.key, "verdict": verdict, "mutant": str(mutant), "why": why}
    with FILE.open("a") as file:
        file.write(json.dumps(said, ensure_ascii=False) + "\n")


def judged() -> dict[str, str]:
    """Return the verdict on each mutant that was judged, by key."""
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    return {told["key"]: told["verdict"] for told in map(json.loads, lines)}


def table(tried: Iterable[tuple[Mutant, bool]]) -> str:
    """Return what was found out, by subject, as a table in Markdown.

    :param tried: mutants, and whether a test of the run failed on it
    """
    verdicts, by_subject = judged(), dict[str, Counter[str]]()
    for mutant, is_killed in tried:
        verdict = verdicts.get(mutant.key, IN_THE_RUN if is_killed else UNJUDGED)
        by_subject.setdefault("/".join(mutant.path.split("/")[2:3]), Counter())[verdict] += 1
    columns = (IN_THE_RUN, ELSEWHERE, REAL, UNJUDGED, EQUIVALENT)
    lines = [
        "| of `core/services` | tried | killed in the run | by other tests | real | not judged | equivalent | killed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for subject, counts in [*sorted(by_subject.items()), ("all", sum(by_subject.values(), Counter[str]()))]:
        killed, counted = counts[IN_THE_RUN] + counts[ELSEWHERE], counts.total() - counts[EQUIVALENT]
        cells = [counts.total(), *(counts[column] for column in columns), _share(killed, counted)]
        lines.append(f"| {subject} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _share(killed: int, counted: int) -> str:
    if not counted:
        return "-"
    low, high = wilson(killed, counted)
    return f"{killed / counted:.0%} ({low:.0%} to {high:.0%})"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval for a share that was seen in a sample."""
    z, share = CONFIDENCE, hits / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)
