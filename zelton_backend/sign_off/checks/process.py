"""Section 7 of the checklist: what a person does with PhonePe, and what of going live can be seen beforehand."""

from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import PRODUCTION, Uat

SANDBOX_WORDS = ("api-preprod", "mercury-uat", "mercury-stg", "pg-sandbox", "SANDBOX")
ONLY_IN_A_SANDBOX = {
    "PHONEPE_BASE_URL": "https://api-preprod.phonepe.com/apis/pg-sandbox",
    "DJANGO_DEBUG": "true",
    "PHONEPE_CLIENT_SECRET": "short",
    "PHONEPE_REDIRECT_BASE_URL": "http://zelton.example",
}


@requirement("G1", "The UAT instance is shared for end-to-end checks")
def share_the_instance(uat: Uat) -> Proof:
    return uat.proof(
        "", left="Send PhonePe's integration team this report, the address of the UAT instance and a tenant's log-in."
    )


@requirement("G2", "Findings are fixed, and verified again in the same environment")
def verify_findings(uat: Uat) -> Proof:
    return uat.proof(
        "", left="Run this command again in the same environment after each finding, and send the new report."
    )


@requirement("G3", "Sign-off is acknowledged, then production credentials are issued")
def get_the_acknowledgement(uat: Uat) -> Proof:
    return uat.proof(
        "",
        left="Keep PhonePe's acknowledgement; then take production's client id, version and secret from its dashboard.",
    )


@requirement("G4", "Go-live: hosts, client id, secret and token switched; logging off")
def production_has_nothing_of_the_sandbox(uat: Uat) -> Proof:
    started = uat.settings_of(**PRODUCTION)
    expect("Environment", (started["PHONEPE_ENVIRONMENT"], started["PHONEPE_BASE_URL"]), ("PRODUCTION", ""))
    expect("Client id", started["PHONEPE_CLIENT_ID"], PRODUCTION["PHONEPE_CLIENT_ID"])
    expect("Debug", started["DEBUG"], expected=False)
    text = repr({name: value for name, value in started.items() if name.isupper()})
    expect("Words of the sandbox in production's settings", [word for word in SANDBOX_WORDS if word in text], [])
    levels = [logger.get("level") for logger in started["LOGGING"]["loggers"].values()]
    expect_that("DEBUG" not in [*levels, started["LOGGING"]["root"]["level"]], "Production logs at level DEBUG.")
    for name, value in ONLY_IN_A_SANDBOX.items():
        sentence = uat.refusal(**{**PRODUCTION, name: value})
        expect_that(sentence and name in sentence, f"Production starts with {name}={value}.")
    return uat.proof(
        "Started with production's variables, nothing in the settings names a sandbox or logs at DEBUG; what only a "
        "sandbox may have refuses the start.",
        left="Set production's client id, version and secret, and build the app with its PhonePe SDK in production "
        "mode and its logging off.",
    )
