import pytest

from phonepe_simulator.command_line import build_parser, build_simulator
from tests.simulator.people import Merchant, fixture, read


def test_a_token_looks_like_phonepes(merchant):
    token = read(merchant.log_in())

    assert set(token) == set(fixture("oauth_response"))
    assert token["token_type"] == "O-Bearer"
    assert token["expires_in"] == merchant.sim.settings.token_lifetime
    assert token["issued_at"] == 1767225600
    assert token["expires_at"] == 1767225600 + merchant.sim.settings.token_lifetime


def test_expires_in_is_null_as_in_phonepes_sample_if_a_setting_says_so(merchant):
    answer = merchant.control("PATCH", "/settings", {"expires_in_is_null": True})

    assert read(answer)["expires_in_is_null"] is True
    assert read(merchant.log_in())["expires_in"] is None


def test_the_command_line_can_ask_for_that_too():
    simulator = build_simulator(build_parser().parse_args(["--setting", "expires_in_is_null=true"]))

    assert simulator.settings.expires_in_is_null


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_a_switch_is_true_or_false(merchant, wrong):
    answer = merchant.control("PATCH", "/settings", {"expires_in_is_null": wrong})

    assert (answer.status, read(answer)) == (400, {"error": "expires_in_is_null is true or false"})


@pytest.mark.parametrize("field", ["client_id", "client_secret", "client_version"])
def test_a_stranger_gets_none(merchant, field):
    response = merchant.log_in(**{field: "another"})

    assert response.status == 400
    body, documented = read(response), fixture("error_oauth_invalid_client")
    assert {key: type(value) for key, value in body.items()} == {key: type(value) for key, value in documented.items()}
    assert (body["code"], body["errorCode"], body["context"]) == ("INVALID_CLIENT", "OIM000", documented["context"])


def test_every_field_of_the_form_is_needed(merchant):
    assert merchant.log_in(grant_type="").status == 400
    assert merchant.log_in(grant_type="password").status == 400


def test_an_expired_token_is_refused(merchant, clock):
    merchant.sim.change_settings(token_lifetime=600)
    merchant.log_in()
    clock.advance(599)
    assert merchant.pay().status == 200

    clock.advance(1)

    response = merchant.call("GET", "/checkout/v2/order/RENT-1/status")
    assert (response.status, read(response)) == (401, fixture("error_authorization_failed"))


def test_a_revoked_token_is_refused(merchant):
    merchant.log_in()
    merchant.sim.revoke_tokens()

    assert merchant.pay().status == 401


@pytest.mark.parametrize("header", [None, "", "Bearer {token}", "o-bearer {token}", "O-Bearer", "O-Bearer nonsense"])
def test_only_the_documented_header_opens(merchant: Merchant, header):
    from phonepe_simulator import Request

    token = read(merchant.log_in())["access_token"]
    headers = {} if header is None else {"Authorization": header.format(token=token)}

    response = merchant.sim.handle(Request("GET", "/apis/pg-sandbox/checkout/v2/order/X/status", headers=headers))

    assert (response.status, read(response)) == (401, fixture("error_authorization_failed"))
