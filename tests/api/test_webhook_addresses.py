"""Webhooks from PhonePe's published addresses alone, where PHONEPE_WEBHOOK_ADDRESSES says so."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from prometheus_client import REGISTRY

from core.models import WebhookEvent
from tests.api.answers import assert_problem
from tests.deliveries import OURS, delivers
from tests.log_lines import lines_of

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "phonepe-addresses.md"
PHONEPE, STRANGER = "103.116.32.17", "198.51.100.7"


@pytest.fixture(autouse=True)
def published_alone(settings: Any, db: None) -> None:
    settings.PHONEPE_WEBHOOK_ADDRESSES = [ip_network(each) for each in configured.PUBLISHED_BY_PHONEPE]


@pytest.mark.parametrize("proxies", [0, 1, 2, 3])
def test_behind_any_number_of_proxies(settings: Any, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert comes_from(PHONEPE, proxies).status_code == 200
    assert_problem(comes_from(STRANGER, proxies), 403, "permission_denied")
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("proxies", [0, 1, 2, 3])
def test_who_writes_phonepes_address_before_their_own_is_refused(settings: Any, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert comes_from(STRANGER, proxies, claims=PHONEPE).status_code == 403


def test_the_refusal_says_nothing_about_the_header(settings: Any) -> None:
    right, wrong, none = (delivers(authorization=each, REMOTE_ADDR=STRANGER) for each in (OURS, "wrong", None))

    assert right.status_code == wrong.status_code == none.status_code == 403
    assert right.content == wrong.content == none.content
    assert "WWW-Authenticate" not in wrong.headers


def test_it_is_counted_and_logged_with_the_address(caplog: pytest.LogCaptureFixture) -> None:
    before = counted()

    delivers(REMOTE_ADDR=STRANGER)

    assert counted() == before + 1
    [line] = lines_of(caplog, "webhook_from_elsewhere")
    assert line["address"] == STRANGER
    assert "DJANGO_TRUSTED_PROXIES" in line["sentence"]


@pytest.mark.parametrize("address", ["", "unknown", "2001:db8::1", "::ffff:198.51.100.7"])
def test_what_is_no_address_of_phonepes_is_refused(address: str) -> None:
    assert delivers(REMOTE_ADDR=address).status_code == 403


def test_an_address_of_theirs_in_ipv6_clothes_is_theirs() -> None:
    assert delivers(REMOTE_ADDR=f"::ffff:{PHONEPE}").status_code == 200


def test_the_right_address_is_no_proof() -> None:
    assert_problem(delivers(authorization="wrong", REMOTE_ADDR=PHONEPE), 401, "webhook_refused")


def test_unset_it_refuses_nobody(settings: Any) -> None:
    settings.PHONEPE_WEBHOOK_ADDRESSES = []

    assert delivers(REMOTE_ADDR=STRANGER).status_code == 200


def test_the_document_lists_the_same() -> None:
    listed = re.findall(r"^[0-9.]+/[0-9]+$", DOCUMENT.read_text(), re.MULTILINE)

    assert listed == list(configured.PUBLISHED_BY_PHONEPE)


def comes_from(address: str, proxies: int, *, claims: str = "") -> Any:
    """Deliver through so many proxies, each of which adds the address it was called from."""
    path = [*filter(None, [claims]), address, *(f"10.0.0.{number}" for number in range(1, proxies + 1))]
    *forwarded, remote = path
    forwarded_for = ", ".join(forwarded)
    return delivers(REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded_for)


def counted() -> float:
    return REGISTRY.get_sample_value("zelton_webhooks_total", {"outcome": "address_refused"}) or 0.0
