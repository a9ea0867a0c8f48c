import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "phonepe_simulator").rglob("*.py"))
# Each subject may import those before it, never those after it.
SUBJECTS = (
    "faults",
    "webhooks",
    "payments",
    "settlements",
    "api",
    "engine",
    "pay_page",
    "control",
    "front_page",
    "simulator",
)


def module_of(source: Path) -> str:
    return ".".join(source.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(source: Path) -> Iterator[str]:
    """Yield every module of the simulator that a file imports, for type checkers alone too."""
    known = {module_of(each) for each in SOURCES}
    for node in ast.walk(ast.parse(source.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name in known and name != "phonepe_simulator")


def test_no_module_imports_itself_by_way_of_others():
    graph = {module_of(source): set(imports(source)) for source in SOURCES}

    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_subject_imports_a_later_one(subject):
    later = SUBJECTS[SUBJECTS.index(subject) + 1 :]
    prefix = f"phonepe_simulator.{subject}"
    own = [source for source in SOURCES if f"{module_of(source)}.".startswith(f"{prefix}.")]
    assert own, f"{subject} is gone"

    wrong = {
        f"{module_of(source)} imports {name}"
        for source in own
        for name in imports(source)
        if name.split(".")[1] in later
    }

    assert not wrong


def test_no_module_is_long():
    lengths = {module_of(source): len(source.read_text().splitlines()) for source in SOURCES}

    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_the_simulator_needs_nothing_of_this_project():
    look = "import sys, phonepe_simulator.command_line; print({name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    for stranger in ("django", "core", "zelton_backend", "requests", "phonepe"):
        assert f"'{stranger}'" not in loaded


def test_only_the_adapter_knows_requests():
    users = [source.name for source in SOURCES if "from requests" in source.read_text()]

    assert users == ["requests_adapter.py"]


def test_it_listens_on_this_machine_only(served):
    assert served.server.server_address[0] == "127.0.0.1"
