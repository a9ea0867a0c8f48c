"""What the command line accepts, and the sentence with which it refuses."""

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

import phonepe_simulator
from phonepe_simulator import Simulator
from phonepe_simulator.command_line import build_parser, build_simulator, main
from phonepe_simulator.http_server import SimulatorServer


@pytest.fixture(autouse=True)
def _never_serves(monkeypatch):
    """What should have been refused must not keep the tests waiting for a signal."""
    monkeypatch.setattr("phonepe_simulator.command_line._serve_until_stopped", lambda *_: None)


def refusal(capsys, *options):
    with pytest.raises(SystemExit) as stopped:
        main(list(options))
    assert stopped.value.code == 2
    return capsys.readouterr().err.strip().splitlines()[-1].partition("error: ")[2]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--port", "x", "a port is a whole number from 0 to 65535, not 'x'"),
        ("--port", "65536", "a port is a whole number from 0 to 65535, not '65536'"),
        ("--port", "-1", "a port is a whole number from 0 to 65535, not '-1'"),
        ("--seed", "lucky", "a seed is a whole number, not 'lucky'"),
        ("--base-url", "sim.lan:8800", "a URL starts with http:// or https:// and names a host, not 'sim.lan:8800'"),
        ("--base-url", "http://", "a URL starts with http:// or https:// and names a host, not 'http://'"),
        ("--webhook-url", "ftp://x", "a URL starts with http:// or https:// and names a host, not 'ftp://x'"),
        ("--webhook-url", "http://[::1", "a URL starts with http:// or https:// and names a host, not 'http://[::1'"),
        ("--client-id", "", "must not be empty"),
        ("--client-secret", "", "must not be empty"),
        ("--client-version", "", "must not be empty"),
        ("--webhook-username", "", "must not be empty"),
        ("--webhook-password", "", "must not be empty"),
        ("--host", "", "must not be empty"),
        ("--host", "no..name", "'no..name' is not the name of a host"),
        ("--virtual-clock", "noon", "an instant is written as 2026-01-01T00:00:00Z, not 'noon'"),
        ("--virtual-clock", "2026-01-01T00:00:00", "the instant needs a time zone, for instance a Z at its end"),
        ("--setting", "token_lifetime", "a setting is written as NAME=VALUE, not 'token_lifetime'"),
        ("--fault", "latency,seconds", "a fault's part is written as NAME=VALUE, not 'seconds'"),
        ("--fault", "latency,times=0", "times: 1 or more, or left out for every time"),
        ("--fault", "latency,chance=x", "A fault's chance and seconds are numbers."),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(capsys, option, value, sentence):
    assert refusal(capsys, f"{option}={value}") == f"argument {option}: {sentence}"


@pytest.mark.parametrize(
    ("option", "value", "beginning"),
    [
        ("--fault", "nonsense", "There is no fault 'nonsense'; there are latency, "),
        ("--fault", "latency,call=buy", "There is no call 'buy'; there are oauth, pay, "),
        ("--fault", "latency,often=1", "A fault has a kind and may have call, chance, "),
        ("--setting", "colour=red", "There is no setting 'colour'; there are merchant_id, "),
        ("--setting", "token_lifetime=long", "token_lifetime is a number from 0 to "),
        ("--setting", "refund_confirmed_after=99", "A refund is confirmed before it is completed."),
    ],
)
def test_a_wrong_word_is_told_the_right_ones(capsys, option, value, beginning):
    assert refusal(capsys, option, value).startswith(f"argument {option}: {beginning}")


def test_two_settings_that_belong_together(capsys):
    options = ["--setting", "refund_confirmed_after=99", "--setting", "refund_completed_after=100"]

    assert build_simulator(build_parser().parse_args(options)).settings.refund_confirmed_after == 99


def test_a_setting_that_is_text_stays_text():
    options = ["--setting", "merchant_name=42", "--setting", "merchant_id=null"]

    settings = build_simulator(build_parser().parse_args(options)).settings

    assert (settings.merchant_name, settings.merchant_id) == ("42", "null")


def test_it_tells_its_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])

    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"phonepe_simulator {phonepe_simulator.__version__}\n"


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8800", "http://"])
def test_the_report_of_no_address(capsys, url):
    assert refusal(capsys, "settlement-report", "--url", url) == (
        f"argument --url: a URL starts with http:// or https:// and names a host, not {url!r}"
    )


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6 on the loopback interface")
def test_it_listens_on_ipv6():
    with SimulatorServer(Simulator(), "::1") as server:
        assert server.url == f"http://[::1]:{server.server_address[1]}"
        connection = HTTPConnection("::1", urlsplit(server.url).port, timeout=5)
        connection.request("GET", "/_simulator/faults")
        assert connection.getresponse().read() == b"[]"
        connection.close()


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")])  # noqa: S104
def test_the_address_it_prints_can_be_opened(host, shown):
    with SimulatorServer(Simulator(), host) as server:
        assert server.url == f"http://{shown}:{server.server_address[1]}"
