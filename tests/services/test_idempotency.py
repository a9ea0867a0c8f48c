"""Which answers a key keeps, and for how long a request has the right to its key."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from core.errors import KeyUsedOtherwise, StillRunning
from core.models import IdempotencyKey, User
from core.services import idempotency
from tests.phonepe import Days

REQUEST = ("POST", "/api/payments/1/refund/", b"{}")


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="asha")


def asks(user: User, status: int, *, key: str = "k1", request: Any = REQUEST) -> tuple[int, Any]:
    """Answer a request with a status, if it has to be answered anew."""
    return idempotency.once(user, key, request=request, answer=lambda _: (status, {"answered": status}))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299, 400, 422])
def test_what_stays_true_is_kept(user: User, status: int) -> None:
    asks(user, status)

    assert asks(user, 500) == (status, {"answered": status})


@pytest.mark.parametrize("status", [300, 401, 403, 404, 409, 429, 500, 502, 503])
def test_anything_else_frees_the_key(user: User, status: int) -> None:
    asks(user, status)

    assert asks(user, 201) == (201, {"answered": 201})


@pytest.mark.parametrize(
    "other",
    [("PUT", *REQUEST[1:]), ("POST", "/api/payments/2/refund/", b"{}"), (*REQUEST[:2], b'{"amount": "1.00"}')],
)
def test_a_key_is_bound_to_method_path_and_body(user: User, other: Any) -> None:
    asks(user, 201)

    with pytest.raises(KeyUsedOtherwise):
        asks(user, 201, request=other)


@pytest.mark.parametrize(
    ("one", "other"), [(("A", "BC", b"D"), ("AB", "C", b"D")), (("A", "B", b"CD"), ("A", "BC", b"D"))]
)
def test_no_two_requests_are_the_same_when_written_in_one_line(user: User, one: Any, other: Any) -> None:
    asks(user, 201, request=one)

    with pytest.raises(KeyUsedOtherwise):
        asks(user, 201, request=other)


def test_the_same_key_of_another_is_another_key(user: User) -> None:
    other = User.objects.create(username="meera")
    asks(user, 201)
    asks(other, 202)

    assert [asks(each, 500)[0] for each in (user, other)] == [201, 202]


def test_two_keys_of_one_instant_have_nothing_to_do_with_each_other(user: User, days: Days) -> None:
    """Both processes died. While one request is repeated, so can be the other, and each keeps its own answer."""

    def dies(_: Any) -> idempotency.Answer:
        raise KeyboardInterrupt

    for key in ("k1", "k2"):
        with pytest.raises(KeyboardInterrupt), patch.object(idempotency, "_give_back"):
            idempotency.once(user, key, request=REQUEST, answer=dies)
    days.pass_by(60)

    def meanwhile_repeats_the_other(_: Any) -> idempotency.Answer:
        assert asks(user, 202, key="k2")[0] == 202
        asks(user, 503, key="k3")
        return 201, {}

    idempotency.once(user, "k1", request=REQUEST, answer=meanwhile_repeats_the_other)

    assert [asks(user, 200, key=key)[0] for key in ("k1", "k2", "k3")] == [201, 202, 200]


@pytest.mark.parametrize(("hours", "answered"), [(23.99, 201), (24, 202)])
def test_a_key_is_kept_for_a_day(user: User, days: Days, hours: float, answered: int) -> None:
    asks(user, 201)
    days.pass_by(hours * 3600)

    assert asks(user, 202)[0] == answered


def test_without_a_key_nothing_is_kept(user: User) -> None:
    assert [asks(user, status, key="")[0] for status in (201, 500)] == [201, 500]
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("died", [False, True])
def test_a_request_has_its_key_for_two_calls_and_ten_seconds_more(
    user: User, days: Days, settings: Any, *, died: bool
) -> None:
    settings.PHONEPE_TIMEOUT = 8.0
    answers: list[Any] = []

    def takes_long(_: Any) -> idempotency.Answer:
        days.pass_by(26 if died else 25.9)
        try:
            answers.append(asks(user, 202))
        except StillRunning as refusal:
            answers.append(refusal.detail)
        return 201, {}

    idempotency.once(user, "k1", request=REQUEST, answer=takes_long)

    assert answers == (
        [(202, {"answered": 202})]
        if died
        else ["The first request with this Idempotency-Key still runs. Try again in a moment."]
    )
    assert asks(user, 500)[0] == (202 if died else 201)


def test_who_takes_over_a_key_has_it_as_long(user: User, days: Days, settings: Any) -> None:
    settings.PHONEPE_TIMEOUT = 8.0

    def takes_long(_: Any) -> idempotency.Answer:
        days.pass_by(25.9)
        with pytest.raises(StillRunning):
            asks(user, 202)
        return 201, {}

    asks(user, 503)
    idempotency.once(user, "k1", request=REQUEST, answer=takes_long)


@pytest.mark.parametrize("what_happens", ["the first ends", "another takes over"])
def test_a_key_whose_time_has_just_run_out_is_given_to_one_alone(user: User, days: Days, what_happens: str) -> None:
    def dies(_: Any) -> idempotency.Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), patch.object(idempotency, "_give_back"):
        idempotency.once(user, "k1", request=REQUEST, answer=dies)
    days.pass_by(60)
    still_runs = idempotency.still_runs

    def meanwhile(*args: Any, **how: Any) -> bool:
        if what_happens == "the first ends":
            IdempotencyKey.objects.update(status_code=201, answer={})
        else:
            IdempotencyKey.objects.update(running_until=days.now() + timedelta(seconds=26))
        return still_runs(*args, **how)

    with patch.object(idempotency, "still_runs", meanwhile), pytest.raises(StillRunning):
        asks(user, 202)
