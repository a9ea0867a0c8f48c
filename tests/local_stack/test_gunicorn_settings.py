"""gunicorn.conf.py, as gunicorn reads it."""

import json
import runpy
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from zelton_backend.local_stack.surroundings import HOME


def settings() -> dict[str, Any]:
    return runpy.run_path(str(HOME / "gunicorn.conf.py"))


class TestGunicornSettings:
    def test_a_slow_phonepe_leaves_threads_for_webhooks(self) -> None:
        assert settings()["threads"] > 10

    def test_threads_that_calls_to_phonepe_could_all_take_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WEB_THREADS", "8")

        with pytest.raises(ImproperlyConfigured, match="WEB_THREADS must be more than PHONEPE_MAX_CALLS"):
            settings()

    def test_every_setting_is_known_to_gunicorn(self) -> None:
        from gunicorn.config import KNOWN_SETTINGS

        known = {setting.name for setting in KNOWN_SETTINGS}
        ours = {name for name, value in settings().items() if not name.startswith("_") and isinstance(value, int | str)}

        assert ours <= known


def test_what_gunicorn_says_of_a_request_is_masked() -> None:
    """In a process of its own: gunicorn takes hold of all logging of its process."""
    says = """
        import runpy
        from gunicorn.config import Config
        from gunicorn.glogging import Logger

        config = Config()
        config.set("logconfig_dict", runpy.run_path("gunicorn.conf.py")["logconfig_dict"])
        Logger(config).exception("Error handling request %s", "/api/payments/?search=Ravi&phone=9876543210")
    """
    told = subprocess.run([sys.executable, "-c", dedent(says)], cwd=HOME, check=True, capture_output=True, text=True)

    (line,) = (json.loads(line) for line in told.stderr.splitlines())
    assert line["event"] == "Error handling request /api/payments/?***"
    assert not told.stdout
