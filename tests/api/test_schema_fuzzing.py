"""Whatever the schema allows, and what it does not, from everybody: never a 500, and answered as the schema says."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.models import User
from tests.api.world import World
from zelton_backend.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What the schema cannot tell: which rows there are, how two days stand to each other, what a password must be like.
BEYOND_THE_SCHEMA = {
    *("tenancy", "owner", "pricing_plan_id", "from", "to", "old_password", "new_password", "password"),
    *("email", "name", "tenant", "starts_on", "ends_on", "state", "gstin", "pan", "upi_id", "target_app"),
}
EXAMPLES = {"nobody": 2, "tenant": 3, "owner": 3, "staff": 3}


@pytest.fixture
def api(world: World) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = application
    # The test's transaction lives on one connection, which Django's own test client leaves open too.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("quick_passwords")
@pytest.mark.parametrize("role", EXAMPLES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not-allowed"])
def test_it_keeps_to_the_schema(api: Any, world: World, role: str, mode: GenerationMode) -> None:
    people = {**world.people, "staff": world.staff_with(*Permission.objects.all())}
    quick = settings(
        max_examples=EXAMPLES[role], deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for found in api.get_all_operations():
        strategy = found.ok().as_strategy(generation_mode=mode)
        send = partial(send_allowed if mode == GenerationMode.POSITIVE else send_wrong, world, people[role])
        try:
            fuzz(strategy, send, quick)
        except Unsatisfiable:
            assert mode == GenerationMode.NEGATIVE  # an address that takes nothing can be sent nothing wrong


def fuzz(strategy: Any, send: Callable[[Any, bool], None], how: settings) -> None:
    @how
    @given(case=strategy, is_there=st.booleans())
    def one(case: Any, is_there: bool) -> None:
        send(case, is_there)

    one()


def send_allowed(world: World, who: User | None, case: Any, is_there: bool) -> None:
    cache.clear()  # the throttles
    if is_there:
        case.path_parameters = ids(world, case.path)
    answer = case.call(headers=world.headers(who))
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code == 400 and answer.json()["code"] == "invalid":
        assert set(answer.json()["errors"]) <= BEYOND_THE_SCHEMA | finer_than_the_schema(case.body), answer.text


def send_wrong(world: World, who: User | None, case: Any, is_there: bool) -> None:
    cache.clear()
    answer = case.call(headers=world.headers(who))
    has_unknown_parameters = not {each.name for each in case.operation.query}.issuperset(case.query or {})
    refuses = [] if has_unknown_parameters else [negative_data_rejection]  # what is unknown is ignored
    case.validate_response(answer, checks=[*CHECKS, *refuses])


def ids(world: World, path: str) -> dict[str, Any]:
    """Return the ids in a path of what there is."""
    is_subscription = "owner-subscriptions" in path
    kind = {"owner-subscriptions": "subscription_payment", "properties": "property", "units": "unit"}
    return {
        "id": world.names[kind.get(path.split("/")[2], "tenancy" if "tenancies" in path else "payment")],
        "merchant_order_id": world.names["subscription_order" if is_subscription else "order"],
        "invoice_id": world.names["invoice"],
        "payment_id": world.names["payment"],
        "merchant_refund_id": world.names["refund"],
    }


def finer_than_the_schema(body: Any) -> set[str]:
    """Return the fields that hold nothing but blanks, a NUL, or a number with perhaps too many decimals."""
    given = body if isinstance(body, dict) else {}
    texts = {name for name, value in given.items() if isinstance(value, str) and (not value.strip() or "\0" in value)}
    return texts | {name for name, value in given.items() if isinstance(value, float)}
