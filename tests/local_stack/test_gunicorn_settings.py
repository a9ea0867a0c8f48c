"""gunicorn.conf.py, as gunicorn reads it."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from zelton_backend.local_stack.surroundings import HOME


@pytest.fixture(autouse=True)
def metrics_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))


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

        assert ours - {"made_here"} <= known

    def test_a_metrics_folder_is_made_where_none_is_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")

        loaded = settings()
        made = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

        assert made.is_dir()
        loaded["on_exit"](None)
        assert not made.exists()

    def test_the_folder_goes_though_the_settings_were_read_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
        settings()
        made = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

        again = settings()  # as SIGHUP does

        assert Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) == made
        again["on_exit"](None)
        assert not made.exists()

    def test_a_new_master_does_not_take_the_folder_of_the_old_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "zelton-metrics-1-of-the-old-one"
        folder.mkdir()
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))

        settings()["on_exit"](None)

        assert os.environ["PROMETHEUS_MULTIPROC_DIR"] != str(folder)
        assert folder.exists()

    def test_a_folder_that_was_given_is_left_alone(self, tmp_path: Path) -> None:
        settings()["on_exit"](None)

        assert tmp_path.exists()
