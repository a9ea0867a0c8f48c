"""docs/threat_model.md: every line of its tables is held by tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "threat_model.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")
LINES = [
    line
    for table in re.findall(r"\| attack \|[^\n]*\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)", DOCUMENT)
    for line in table.splitlines()
]


@cache
def names_in(path: str) -> set[str]:
    """Return the tests in a file, as pytest names them."""
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"::{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            found.add(f"::{node.name}")
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def test_there_are_lines() -> None:
    assert len(LINES) > 30


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[1].strip())
def test_every_line_is_held(line: str) -> None:
    held_by = NAMED.findall(line.split("|")[3])

    assert held_by, "no test is named"
    for path, name in held_by:
        assert (ROOT / path).is_file(), path
        assert name in names_in(path), f"{path} has no {name}"
