"""The mutation run makes the changes that hurt, one at a time, and leaves alone what no test should hold."""

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest

from tests.mutation import forks
from tests.mutation.judged import wilson
from tests.mutation.mutants import mutants_of
from tests.mutation.swapping import all_functions, can_swap, swap


def changed(source: str) -> set[str]:
    """Return what a line of a function becomes."""
    before = f"def f(a, b, rows):\n    {source}\n"
    return {mutant.source.decode().splitlines()[1].strip() for mutant in mutants_of("f.py", before.encode())}


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("if a < b: return", {"if a <= b: return", "if (not (a < b)): return", "if a < b: pass"}),
        ("a = a and not b", {"a = a or not b", "a = (not (a)) and not b", "a = a and b"}),
        ("a.x += 100", {"pass", "a.x -= 100", "a.x += 101"}),
        (
            "return min(a, b - 1)",
            {"return None", "return max(a, b - 1)", "return min(a, b + 1)", "return min(a, b - 2)"},
        ),
        (
            "rows.filter(pk=a, state=b).update(x=a)",
            {
                "pass",
                "rows.update(x=a)",
                "rows.filter( state=b).update(x=a)",
                "rows.filter(pk=a, ).update(x=a)",
            },
        ),
        ('a.save(update_fields=["x", "y"])', {"pass", 'a.save(update_fields=[ "y"])', 'a.save(update_fields=["x", ])'}),
        ("raise a", {"pass"}),
        ("a = True", {"a = False"}),
    ],
)
def test_a_line_is_changed_in_each_way_that_hurts(source: str, mutants: set[str]) -> None:
    assert changed(source) == mutants


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "a: int = b",
        'logger.info("said", what=a)',
        'a = f"{a} ₹{b + 1}"',
        'a = "text"',
        "a = b[:64]",
    ],
)
def test_sentences_annotations_and_log_lines_stay(source: str) -> None:
    assert changed(source) == set()


def test_what_is_no_python_any_more_is_no_mutant() -> None:
    assert changed("return (a == b)") == {"return (a != b)", "return (None)"}


def test_a_mutant_keeps_its_name_when_lines_move_and_two_alike_have_two() -> None:
    line = b"def f(a):\n    a.x = a + 1\n"

    (before,) = [mutant for mutant in mutants_of("f.py", line) if mutant.new == "-"]
    after = [mutant for mutant in mutants_of("f.py", b"import os\n\n" + line * 2) if mutant.new == "-"]

    assert len(after) == 2
    assert [mutant.key == before.key for mutant in after] == [True, False]


def test_a_function_that_is_imported_becomes_its_mutant_and_a_constant_cannot() -> None:
    source = b"""
FIRST = 1

class Counter:
    @staticmethod
    def after(number):
        return number + FIRST
"""
    counted: dict[str, Any] = {}
    exec(compile(source, "counted.py", "exec"), counted)  # noqa: S102 - the lines above
    constant, plus = (next(each for each in mutants_of("counted.py", source) if each.new == new) for new in ("2", "-"))

    assert (can_swap(constant), can_swap(plus)) == (False, True)
    assert counted["Counter"].after(5) == 6
    swap(plus, all_functions())
    assert counted["Counter"].after(5) == 4


def test_a_share_of_a_sample_has_an_interval() -> None:
    assert [round(bound, 3) for bound in wilson(19, 20)] == [0.764, 0.991]
    assert [round(bound, 3) for bound in wilson(20, 20)] == [0.839, 1.0]


def _works() -> int:
    return sum(number for number in range(10**6)) % 1


def _waits() -> int:
    sleep(60)
    return 0


@pytest.mark.parametrize(("work", "code"), [(_works, 0), (_waits, -9)])
def test_a_child_that_works_for_longer_than_it_may_wait_is_no_mutant_that_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], int], code: int
) -> None:
    monkeypatch.setattr(forks, "WAITS", 0.001)

    assert forks.in_child(work, seconds=20) == code
