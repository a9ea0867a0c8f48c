"""When a debit may be tried again: to the minute, as PhonePe documents it."""

from datetime import datetime

import pytest

from core.india import INDIA
from core.services.mandates.quiet_hours import next_quiet


def at(time: str) -> datetime:
    return datetime.fromisoformat(f"2026-04-10T{time}").replace(tzinfo=INDIA)


@pytest.mark.parametrize(
    ("asked", "tried"),
    [
        ("09:59:59", "09:59:59"),
        ("10:00:00", "13:01:00"),
        ("13:00:59", "13:01:00"),
        ("13:01:00", "13:01:00"),
        ("16:59:59", "16:59:59"),
        ("17:00:00", "21:31:00"),
        ("21:30:59", "21:31:00"),
        ("21:31:00", "21:31:00"),
        ("23:59:59", "23:59:59"),
    ],
)
def test_between_the_stretches_it_waits_for_the_next(asked: str, tried: str) -> None:
    assert next_quiet(at(asked)) == at(tried)
