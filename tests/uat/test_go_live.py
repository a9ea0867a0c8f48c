"""Sign-off checklist, go-live: in production nothing points at a sandbox, and nothing is chatty."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from phonepe.sdk.pg import env as sdk_env
from phonepe.sdk.pg.common.constants import base_urls

from core.services.phonepe_service import PhonePeService
from tests.uat.scripted import Scripted, put_under_sdk
from tests.uat.world import settings_from


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Scripted:
    """A process as it would start in production, with somebody who listens on the line."""
    for name in vars(base_urls):
        if name.endswith("_BASE_URL"):
            monkeypatch.setattr(sdk_env, name, getattr(base_urls, name))
    settings.PHONEPE_ENVIRONMENT, settings.PHONEPE_BASE_URL = "PRODUCTION", ""
    settings.PHONEPE_CLIENT_ID, settings.PHONEPE_CLIENT_SECRET = "LIVECLIENT", "a-secret-of-production-length"
    adapter = Scripted(body={"state": "PENDING"})
    put_under_sdk(monkeypatch, adapter)
    return adapter


def test_g4_production_talks_to_phonepes_production_hosts_alone(live: Scripted) -> None:
    PhonePeService().order_status("ZLT-1")

    asked = [urlsplit(request.url or "") for request in live.requests]
    assert [(url.scheme, url.netloc, url.path) for url in asked] == [
        ("https", "api.phonepe.com", "/apis/identity-manager/v1/oauth/token"),
        ("https", "api.phonepe.com", "/apis/pg/checkout/v2/order/ZLT-1/status"),
    ]


def test_g4_production_uses_the_production_credentials(live: Scripted) -> None:
    PhonePeService().order_status("ZLT-1")

    sent = str(live.requests[0].body)
    assert "client_id=LIVECLIENT" in sent
    assert "client_secret=a-secret-of-production-length" in sent


def test_g4_the_sdk_reports_nothing_about_us(live: Scripted) -> None:
    client = PhonePeService.get_client()

    assert client.should_publish_events is False
    assert client.env == sdk_env.Env.PRODUCTION


def test_g4_production_settings_hold_no_sandbox_and_no_debug(production: dict[str, str]) -> None:
    started = settings_from(production)

    assert (started["PHONEPE_ENVIRONMENT"], started["PHONEPE_BASE_URL"]) == ("PRODUCTION", "")
    assert started["DEBUG"] is False
    text = repr({name: value for name, value in started.items() if name.isupper()})
    for word in ("api-preprod", "mercury-uat", "mercury-stg", "pg-sandbox", "SANDBOX"):
        assert word not in text
    levels = [logger["level"] for logger in started["LOGGING"]["loggers"].values()]
    assert "DEBUG" not in [*levels, started["LOGGING"]["root"]["level"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PHONEPE_BASE_URL", "https://api-preprod.phonepe.com/apis/pg-sandbox"),
        ("PHONEPE_BASE_URL", "http://127.0.0.1:8800/apis/pg-sandbox"),
        ("DJANGO_DEBUG", "true"),
        ("DJANGO_SECRET_KEY", "short"),
        ("DJANGO_ALLOWED_HOSTS", "*"),
        ("PHONEPE_CLIENT_SECRET", "short"),
        ("PHONEPE_REDIRECT_BASE_URL", "http://zelton.test"),
    ],
)
def test_g4_what_only_a_sandbox_may_have_stops_the_start(production: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        settings_from({**production, name: value})


@pytest.mark.parametrize("value", ["", "production", "LIVE", "UAT"])
def test_g4_the_environment_is_named_or_the_start_stops(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PHONEPE_ENVIRONMENT"):
        settings_from({"PHONEPE_ENVIRONMENT": value})
