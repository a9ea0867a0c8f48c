import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "phonepe_simulator").rglob("*.py"))


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
