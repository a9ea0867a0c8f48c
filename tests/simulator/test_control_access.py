"""A web page in the browser of somebody who runs a simulator must not steer it, wherever that page comes from."""

import pytest

from phonepe_simulator import Request, Simulator
from phonepe_simulator.command_line import build_parser, build_simulator
from tests.simulator.people import read


def reset(simulator, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return simulator.handle(Request("POST", "/_simulator/reset", headers=named))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8800",
        "LOCALHOST:8800",
        "zelton.localhost:8800",
        "127.0.0.1:8800",
        "127.8.8.8",
        "[::1]:8800",
        "[::1]",
    ],
)
def test_this_machines_own_names_are_let_in(sim, host):
    assert reset(sim, Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:8800",
        "sim.lan:8800",
        "printer.local",
        "myserver",
        "192.168.1.5:8800",
        "10.0.0.1",
        "0.0.0.0:8800",
        "[fe80::1]:8800",
        "localhost.rebound.example",
        "127.0.0.1.rebound.example",
        "notlocalhost",
        "127.1",
        "",
        ":8800",
        "[::1",
        "[x]",
    ],
)
def test_any_other_name_is_refused_with_a_sentence(sim, host):
    answer = reset(sim, Host=host)

    assert answer.status == 403
    assert read(answer)["error"].startswith("This is for this machine alone: call it as localhost or 127.0.0.1")
    assert "--allow-host" in read(answer)["error"]


def test_a_name_that_was_allowed_is_let_in(clock):
    sim = Simulator(clock=clock, allowed_hosts=["Sim.lan", "fe80::1"])

    assert reset(sim, Host="sim.lan:8800").status == 200
    assert reset(sim, Host="SIM.LAN").status == 200
    assert reset(sim, Host="[fe80::1]:8800").status == 200
    assert reset(sim, Host="other.lan").status == 403


def test_the_command_line_allows_names():
    options = build_parser().parse_args(["--allow-host", "sim.lan", "--allow-host", "10.0.0.7"])

    assert build_simulator(options).allowed_hosts == {"sim.lan", "10.0.0.7"}


@pytest.mark.parametrize("wrong", ["", "*", "*.lan", "http://sim.lan", "sim.lan:8800", "a b"])
def test_a_name_to_allow_is_a_plain_name(capsys, wrong):
    with pytest.raises(SystemExit):
        build_parser().parse_args([f"--allow-host={wrong}"])

    assert "argument --allow-host: " in capsys.readouterr().err


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything-else", ""])
def test_a_page_of_another_site_is_refused(sim, site):
    answer = reset(sim, Host="localhost:8800", Sec_Fetch_Site=site)

    assert (answer.status, read(answer)) == (403, {"error": "The control API is not for web pages of other sites."})


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_an_own_page_and_a_typed_address_are_let_in(sim, site):
    assert reset(sim, Host="localhost:8800", Sec_Fetch_Site=site).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "http://127.0.0.1:8800",
        "https://sim.lan:8800",
        "null",
        "",
        "http://[",
    ],
)
def test_a_page_of_another_origin_is_refused_without_its_site_too(sim, origin):
    """Browsers leave Sec-Fetch-Site out where the address is no secure one, as on a LAN."""
    answer = reset(sim, Host="localhost:8800", Origin=origin)

    assert (answer.status, read(answer)) == (403, {"error": "The control API is not for web pages of other sites."})


def test_the_own_origin_is_let_in(sim):
    assert reset(sim, Host="localhost:8800", Origin="http://localhost:8800").status == 200
    assert reset(sim, Host="LocalHost:8800", Origin="http://localhost:8800").status == 200


def test_an_origin_without_a_host_is_refused(sim):
    assert reset(sim, Origin="http://localhost:8800").status == 403


def test_reading_is_refused_as_changing_is(merchant):
    merchant.pay()

    for path in ("/state", "/orders", "/orders/RENT-1", "/", "/settlements/report"):
        assert merchant.control("GET", path, headers={"Host": "rebound.example"}).status == 403


def test_nothing_happens_when_it_is_refused(merchant):
    merchant.pay()

    assert reset(merchant.sim, Host="rebound.example").status == 403
    assert list(merchant.sim.orders) == ["RENT-1"]


def test_phonepes_own_calls_may_use_any_name(merchant):
    """Containers reach it by a name of their own; the token is what guards these."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Host": "simulator:8800"}

    answer = merchant.sim.handle(Request("POST", "/apis/pg-sandbox/v1/oauth/token", headers=form))

    assert answer.status == 400
    assert read(answer)["code"] == "BAD_REQUEST"


def test_over_http_too(served):
    status, body = served.send("POST", "/_simulator/reset", headers={"Host": "rebound.example"})
    assert (status, b"--allow-host" in body) == (403, True)
    assert served.control("POST", "/reset") == (200, {})
