"""The README names everything that can be called, set or broken."""

from dataclasses import fields
from pathlib import Path

import pytest

import phonepe_simulator
from phonepe_simulator.api.routes import PREFIXES, ROUTES
from phonepe_simulator.command_line import build_parser
from phonepe_simulator.faults.kinds import CALLS, KINDS, LINE_TYPES
from phonepe_simulator.settings import Settings
from tests.simulator.people import read

README = Path(phonepe_simulator.__file__).with_name("README.md").read_text()


@pytest.mark.parametrize("name", [*KINDS, *CALLS, *(field.name for field in fields(Settings))])
def test_it_names_every_fault_call_and_setting(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", LINE_TYPES)
def test_it_names_every_type_of_line(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize(
    "prefix", [prefix for prefix in PREFIXES if prefix not in ("/apis/pgsandbox", "/apis/pg-health")]
)
def test_it_names_where_phonepes_calls_are_served(prefix):
    assert f"`{prefix}`" in README or not prefix


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_it_names_every_call_of_phonepes(route):
    assert route.shown.partition("{id}")[0] in README


def test_it_names_every_path_of_the_control_api(merchant):
    for shown in read(merchant.control("GET", "/"))["paths"]:
        path = shown.partition("/_simulator")[2]
        assert f"`{path}`" in README or f"`{path}?" in README, path


def test_a_default_setting_is_the_one_that_is_printed():
    assert "| `webhook_retry_delays` | 10, 60, 300, 1800 |" in README
    assert Settings().webhook_retry_delays == (10, 60, 300, 1800)


def test_the_help_names_every_kind_of_fault():
    shown = build_parser().format_help()

    assert [kind for kind in KINDS if kind not in shown] == []
    assert [call for call in CALLS if call not in shown] == []
