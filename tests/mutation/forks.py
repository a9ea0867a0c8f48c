"""Run tests in a child of a process that has imported everything but what may be mutated.

Importing takes ten times as long as most tests, and so does making the test database: both are done once. Where a
mutant takes the place of a function, tests are collected once too.
"""

import gc
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tests.environment  # noqa: F401 - settles the environment before Django reads it
from tests.migrated import migrated_database
from tests.mutation.mutants import Mutant
from tests.mutation.swapping import all_functions, swap

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mutants"
TEMPLATE = KEPT / "template.sqlite3"
OPTIONS = ("-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "--assert=plain")
LIBRARIES = """celery drf_spectacular.views factory fontpkg_noto_sans hypothesis knox.views phonepe.sdk.pg.payments.v2
    phonepe_simulator.requests_adapter prometheus_client pypdf pytest pytest_django.plugin redis requests
    rest_framework.views rest_framework.generics segno structlog time_machine whitenoise.middleware xdist"""
WAITS = 10  # times as long as it may work; the machine may be busy


def prepare(mutable: Iterable[str]) -> None:
    """Import libraries, settings and models, but nothing that may be mutated, and make the test database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"
    import django
    from django.contrib import admin

    discover, admin.autodiscover = admin.autodiscover, lambda: None
    django.setup()
    admin.autodiscover = discover
    for name in LIBRARIES.split():
        with suppress(ImportError):
            __import__(name)
    wrong = {path.removesuffix(".py").replace("/", ".") for path in mutable} & sys.modules.keys()
    assert not wrong, f"already imported, so that they cannot be mutated: {wrong}"
    KEPT.mkdir(exist_ok=True)
    shutil.copyfile(migrated_database(), TEMPLATE)


def import_all(test_files: Iterable[Path]) -> None:
    """Import what may be mutated and the tests as well. From here on only functions can be mutated."""
    import pytest  # noqa: F401 - before the tests, as always
    from django.contrib import admin

    admin.autodiscover()
    __import__("zelton_backend.urls")
    for file in test_files:
        __import__(".".join(file.relative_to(ROOT).with_suffix("").parts))


def in_child(work: Callable[[], int], *, seconds: float, log: Path | None = None) -> int:
    """Do a piece of work in a child and return its exit code; one that uses its seconds of processor time up is killed.

    One that waits for ever is killed too, after ten times as long.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
        _do_and_exit(work, log)
    return _await(pid, WAITS * seconds)


def _do_and_exit(work: Callable[[], int], log: Path | None) -> None:
    code = 70
    try:
        target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for stream in (1, 2):
            os.dup2(target, stream)
        code = work()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - whatever it is, this child ends here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _await(pid: int, seconds: float) -> int:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends or _works(pid):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -signal.SIGKILL


def _works(pid: int) -> bool:
    """Tell whether a child works, or would if others left it a processor: it is none that waits for ever."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "S"


def run_tests(names: Sequence[str], *, mutant: Mutant | None = None, plugins: Sequence[Any] = ()) -> int:
    """Run tests in this process, which is a child and ends after it; return pytest's exit code."""
    if mutant is not None:
        _load_instead(mutant)
    _use_template()
    import pytest
    from django.contrib import admin

    admin.autodiscover()
    return int(pytest.main([*OPTIONS, "--capture=fd", *names], plugins=list(plugins)))


class Collected:
    """Tests that this process has collected, of which each child runs some."""

    def __init__(self, tests: Iterable[Any]) -> None:
        self._tests = {test.nodeid: test for test in tests}
        self._failed = ""
        self._functions = all_functions()
        gc.collect()
        gc.freeze()  # so that no child looks through what its parent has, and copies it

    def run(self, names: Iterable[str], mutant: Mutant) -> int:
        """Run tests in this process, which is a child, until one fails; return 1 if one did, and print its name."""
        swap(mutant, self._functions)
        tests = [self._tests[name] for name in names if name in self._tests]
        for test, after_it in zip(tests, [*tests[1:], None], strict=True):
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=after_it)
            if self._failed:
                print(f"\nFAILED {self._failed}")
                return 1
        return 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self._failed = report.nodeid


def with_collected(files: Sequence[Path], work: Callable[[Collected], None]) -> None:
    """Collect the tests of files that are imported, and do some work with them."""
    _use_template()
    import pytest

    class InPlaceOfRunning:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: Any) -> bool:
            assert not session.testsfailed, "not all tests could be collected"
            collected = Collected(session.items)
            session.config.pluginmanager.register(collected)
            work(collected)
            return True

    with TemporaryDirectory(dir=KEPT) as own:  # pytest empties it first, and another run may be under way
        options = (*OPTIONS, f"--basetemp={own}/tests", "--capture=no", "-qq")
        pytest.main([*options, *map(str, files)], plugins=[InPlaceOfRunning()])


def _load_instead(mutant: Mutant) -> None:
    """Let the import of a module meet its mutant. The file stays as it is."""
    path, get_code = str(ROOT / mutant.path), SourceFileLoader.get_code

    def mutated(loader: SourceFileLoader, name: str) -> Any:
        if loader.path == path:
            return compile(mutant.source, path, "exec", dont_inherit=True)
        return get_code(loader, name)

    SourceFileLoader.get_code = mutated  # type: ignore[method-assign]


def _use_template() -> None:
    """Let pytest-django find a database that is there already."""
    from django.db import connections
    from django.test import utils

    def take_copy(**_: Any) -> list[Any]:
        connection = connections["default"]
        name = str(connection.settings_dict["TEST"]["NAME"])
        shutil.copy(TEMPLATE, name)
        connection.close()
        connection.settings_dict["NAME"] = name
        connections.settings["default"]["NAME"] = name
        return []

    utils.setup_databases = lambda *_, **__: take_copy()
    utils.teardown_databases = lambda *_, **__: None
