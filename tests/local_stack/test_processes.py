import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zelton_backend.local_stack import processes
from zelton_backend.local_stack.processes import ChildDied, Family, StopAsked, TooSlow
from zelton_backend.local_stack.surroundings import HOME


@pytest.fixture
def family(tmp_path: Path) -> Family:
    return Family(logs=tmp_path, home=tmp_path, environment={})


def python(code: str) -> tuple[str, str, str]:
    return (sys.executable, "-c", code)


class TestFamily:
    def test_a_command_returns_what_it_printed(self, family: Family) -> None:
        with family:
            assert family.run("hello", *python("print('hello')")) == "hello\n"

    def test_a_command_that_fails_shows_the_end_of_its_log(self, family: Family) -> None:
        with family, pytest.raises(ChildDied, match=r"(?s)bad ended with exit code 3.*no such thing"):
            family.run("bad", *python("import sys; print('no such thing', file=sys.stderr); sys.exit(3)"))

    def test_a_child_that_ends_is_named(self, family: Family) -> None:
        with family:
            family.start("web", *python("pass"))
            with pytest.raises(ChildDied, match="web ended with exit code 0"):
                family.wait_for("something that never comes", lambda: None, seconds=20)

    def test_waiting_has_an_end(self, family: Family) -> None:
        with family, pytest.raises(TooSlow, match="for the moon"):
            family.wait_for("the moon", lambda: None, seconds=0.1)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_ends_the_waiting(self, family: Family, number: signal.Signals) -> None:
        before = signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore SIGHUP, as nohup does
        try:
            with family:
                os.kill(os.getpid(), number)
                with pytest.raises(StopAsked):
                    family.wait_for("nothing", lambda: None, seconds=5)
        finally:
            signal.signal(number, before)

    def test_its_own_handlers_end_with_it(self, family: Family) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with family:
            assert signal.getsignal(signal.SIGTERM) != before

        assert signal.getsignal(signal.SIGTERM) == before

    def test_a_child_that_will_not_stop_is_killed_with_its_children(
        self, family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(processes, "STOPPING_TAKES_AT_MOST", 0.2)
        stubborn = (
            "import os, pathlib, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
            "pathlib.Path('grandchild').write_text(str(grandchild.pid)); print('up', flush=True); time.sleep(60)"
        )
        with family:
            child = family.start("stubborn", *python(stubborn))
            family.wait_for("it to be up", lambda: child.tail(1) or None, seconds=20)

        assert child.process.returncode == -9
        assert has_ended(int((tmp_path / "grandchild").read_text()))

    @pytest.mark.skipif(not processes._stops_with_us(), reason="this system cannot tell children of a death")
    def test_a_child_does_not_outlive_a_family_that_is_killed(self, tmp_path: Path) -> None:
        child = "import os, pathlib, time; pathlib.Path('child').write_text(str(os.getpid())); time.sleep(60)"
        family = (
            "import os, pathlib, signal, sys, time; from zelton_backend.local_stack.processes import Family; "
            "folder = pathlib.Path(sys.argv[1]); family = Family(logs=folder, home=folder, environment={}); "
            "(folder / 'child').touch(); family.start('child', sys.executable, '-c', sys.argv[2])\n"
            "while not (folder / 'child').read_text(): time.sleep(0.01)\n"  # until then its promise may not be made
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        subprocess.run([*python(family), str(tmp_path), child], cwd=HOME, check=False, timeout=60)

        assert has_ended(int((tmp_path / "child").read_text()))


def has_ended(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
