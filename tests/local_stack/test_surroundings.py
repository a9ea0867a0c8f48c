import os
import socket
from pathlib import Path

import pytest

from zelton_backend.local_stack.ports import choose
from zelton_backend.local_stack.surroundings import (
    SANDBOX_PATH,
    SETTINGS,
    Addresses,
    Surroundings,
    choose_addresses,
    lasting,
    throw_away,
)

ADDRESSES = Addresses("http://127.0.0.1:4000", "http://127.0.0.1:4800", 4379)


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ZELTON_ENV_FILE", os.devnull)


def surroundings_of_run(folder: Path) -> Surroundings:
    return lasting(ADDRESSES, folder, logs=folder)


class TestPorts:
    def test_a_taken_port_is_replaced(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            taken = listener.getsockname()[1]

            chosen, another = choose([taken, 0])

        assert len({taken, chosen, another}) == 3

    def test_a_free_port_is_kept(self) -> None:
        free = choose_addresses(0, 0).web_port

        assert choose_addresses(free, 0).web_port == free


class TestLasting:
    def test_it_needs_nothing_chosen(self, tmp_path: Path) -> None:
        around = surroundings_of_run(tmp_path)

        assert around.environment["PHONEPE_BASE_URL"] == ADDRESSES.simulator + SANDBOX_PATH
        assert around.environment["PHONEPE_REDIRECT_BASE_URL"] == ADDRESSES.web
        assert around.brings_broker
        assert around.brings_simulator

    def test_what_the_caller_has_chosen_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://zelton@db/zelton")
        monkeypatch.setenv("REDIS_URL", "redis://broker:6379/0")
        monkeypatch.setenv("PHONEPE_WEBHOOK_PASSWORD", "chosen1chosen")

        around = surroundings_of_run(tmp_path)

        assert around.environment["DATABASE_URL"] == "postgresql://zelton@db/zelton"
        assert around.environment["REDIS_URL"] == "redis://broker:6379/0"
        assert around.environment["PHONEPE_WEBHOOK_PASSWORD"] == "chosen1chosen"
        assert not around.brings_broker

    def test_an_env_file_counts_as_chosen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "env").write_text("REDIS_URL=redis://broker:6379/0\nPHONEPE_WEBHOOK_USERNAME=\n")
        monkeypatch.setenv("ZELTON_ENV_FILE", str(tmp_path / "env"))

        around = surroundings_of_run(tmp_path)

        assert not around.brings_broker
        assert around.environment["PHONEPE_WEBHOOK_USERNAME"] == "local_stack"

    def test_another_phonepe_means_no_simulator(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PHONEPE_BASE_URL", "http://127.0.0.1:9999/apis/pg-sandbox")

        assert not surroundings_of_run(tmp_path).brings_simulator

    def test_the_examples_address_means_the_simulator_wherever_it_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PHONEPE_BASE_URL", "http://127.0.0.1:8800/apis/pg-sandbox")

        assert surroundings_of_run(tmp_path).environment["PHONEPE_BASE_URL"] == ADDRESSES.simulator + SANDBOX_PATH


class TestThrowAway:
    def test_nothing_of_the_callers_is_touched(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://zelton@db/zelton")
        monkeypatch.setenv("REDIS_URL", "redis://broker:6379/0")
        monkeypatch.setenv("DJANGO_ALLOWED_HOSTS", "zelton.example")

        environment = throw_away(ADDRESSES, tmp_path).environment

        assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path}/demo.sqlite3"
        assert environment["REDIS_URL"] == "redis://127.0.0.1:4379/0"
        assert "DJANGO_ALLOWED_HOSTS" not in environment
