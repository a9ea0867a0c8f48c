"""Whatever the schema allows, and some that it does not: never a 500, and answers as the schema says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from core.models import Payment
from tests.people import Caller
from zelton_backend.wsgi import application

ENDS_THE_SESSION = {"/api/auth/logout/", "/api/auth/change-password/"}


@pytest.fixture
def api(payment: Payment) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = application
    # The test's transaction lives on one connection, which Django's own test client leaves open too.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("quick_passwords")
def test_nothing_that_is_sent_breaks_it(api: Any, tenant: Caller) -> None:
    quick = settings(
        max_examples=20, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for found in api.get_all_operations():
        operation = found.ok()
        if operation.path in ENDS_THE_SESSION:
            continue

        @quick
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            cache.clear()  # the throttles
            headers = {"Authorization": f"Token {tenant.token}"}
            case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])

        send()
