"""Section 1 of the checklist: one token for its whole life, and a new one only when it is needed."""

from urllib.parse import parse_qsl

from django.conf import settings

from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import Uat

LIFETIME = 600  # seconds
FIELDS = {"client_id", "client_secret", "client_version", "grant_type"}


@requirement("A1", "The token's life is managed with expires_at")
def keeps_the_token_until_expires_at(uat: Uat) -> Proof:
    uat.phonepe.simulator.change_settings(token_lifetime=LIFETIME, expires_in_is_null=True)
    order = uat.start_payment()
    for _ in range(4):
        uat.clock.shift(100)
        uat.tenant.verifies(order.id)

    expect("Business calls", len(uat.phonepe.business_calls()), 5)
    expect("Token calls", len(uat.phonepe.token_calls()), 1)
    return uat.proof(
        f"PhonePe issued a token with expires_at in {LIFETIME} s and expires_in null: five calls within 400 s took one "
        "token call."
    )


@requirement("A2", "An active token is reused, an expired one is replaced before the next call")
def replaces_an_expired_token(uat: Uat) -> Proof:
    uat.phonepe.simulator.change_settings(token_lifetime=LIFETIME)
    order = uat.start_payment()
    uat.clock.shift(LIFETIME / 2)
    uat.tenant.verifies(order.id)
    expect("Token calls while the first token was active", len(uat.phonepe.token_calls()), 1)
    old = uat.phonepe.business_calls()[-1].token

    uat.clock.shift(LIFETIME / 2 + 1)
    uat.tenant.verifies(order.id)

    expect("Calls in all", [call.name for call in uat.phonepe.exchanges][-2:], ["oauth", "order_status"])
    expect("Token calls after expires_at", len(uat.phonepe.token_calls()), 2)
    after = uat.phonepe.business_calls()[-1]
    expect("Status of the call after it", after.status, 200)
    expect_that(after.token != old, "The call after expires_at still carries the old token.")
    return uat.proof(
        "At half of its life the token was used again. One second after expires_at the next call fetched exactly one "
        "new token first, and carried it."
    )


@requirement("A3", "No token call before every request")
def fetches_no_token_before_every_request(uat: Uat) -> Proof:
    tenants = [uat.caller(uat.let(f"tenant{number}").tenant.user) for number in range(50)]
    for tenant in tenants:
        uat.start_payment(by=tenant)
        uat.clock.shift(5)

    expect("Orders created", len(uat.phonepe.orders_created()), 50)
    expect("Token calls", len(uat.phonepe.token_calls()), 1)
    return uat.proof("50 payments within one token's life: 50 pay calls, one token call.")


@requirement("A4", "A 401 drops the token, fetches one and repeats safely")
def renews_a_refused_token_once(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.clock.shift(10)
    uat.phonepe.fails_with("token_revoked", "order_status", times=1)
    uat.tenant.verifies(order.id)
    statuses = [call.status for call in uat.phonepe.calls("order_status")]
    expect("Answers to the status call with a revoked token, and to its repetition", statuses, [401, 200])
    expect("Token calls", len(uat.phonepe.token_calls()), 2)

    uat.clock.shift(10)
    uat.phonepe.fails_with("token_revoked", "order_status")
    answer = uat.tenant.verifies(order.id)
    again = [call.status for call in uat.phonepe.calls("order_status")][2:]
    expect("Answers to a status call whose new token is refused, too", again, [401, 401])
    expect("State shown to the client meanwhile", answer.json()["state"], "PENDING")
    return uat.proof(
        "401 once: one token call and one repetition, which succeeded. 401 twice: two tries and no loop, and the order "
        "stayed PENDING."
    )


@requirement("A5", "O-Bearer header; the token request is form-encoded with its four fields")
def asks_for_tokens_as_documented(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.clock.shift(5)
    uat.tenant.verifies(order.id)

    asked = uat.phonepe.token_calls()[0]
    expect("Content-Type of the token call", asked.request.header("Content-Type"), "application/x-www-form-urlencoded")
    sent = dict(parse_qsl(asked.request.body.decode()))
    expect("Fields of the token call", set(sent), FIELDS)
    expect("grant_type", sent["grant_type"], "client_credentials")
    expect("client_id", sent["client_id"], settings.PHONEPE_CLIENT_ID)
    for call in uat.phonepe.business_calls():
        scheme = (call.request.header("Authorization") or "").partition(" ")[0]
        expect(f"Scheme of the Authorization header of {call.name}", scheme, "O-Bearer")
    return uat.proof("The token call is form-encoded with the four fields; every business call carries O-Bearer.")
