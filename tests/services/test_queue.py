"""Which rows are claimed next: the urgent ones, but every fifth time the longest waiting of all."""

from typing import Any

from core.services.polling.queue import OLDEST_FIRST, Queue, QueuePass

URGENT, ALL = "urgent", "all"


class Rows:
    """Due rows by kind, of which some are urgent; a row that is taken is no longer due."""

    def __init__(self, urgent: int = 0, others: int = 0) -> None:
        # The others have waited longer.
        self.due = [*(f"other {n}" for n in range(others)), *(f"urgent {n}" for n in range(urgent))]
        self.looked_at: list[str] = []
        self.queue = Queue(self._urgent, self._all)

    def take(self, kind: Any, wanted: int) -> list[str]:
        name = kind()
        self.looked_at.append(name)
        found = [row for row in self.due if name == ALL or row.startswith(name)][:wanted]
        self.due = [row for row in self.due if row not in found]
        return found

    def _urgent(self) -> Any:
        return URGENT

    def _all(self) -> Any:
        return ALL


def test_urgent_rows_come_first_and_others_fill_up() -> None:
    rows = Rows(urgent=3, others=5)
    passing = QueuePass(rows.queue)

    assert passing.claim(4, rows.take) == ["urgent 0", "urgent 1", "urgent 2", "other 0"]
    assert not passing.is_over


def test_every_fifth_claim_takes_the_longest_waiting() -> None:
    rows = Rows(urgent=50, others=50)
    passing = QueuePass(rows.queue)

    taken = [passing.claim(1, rows.take)[0].split()[0] for _ in range(2 * OLDEST_FIRST)]

    assert taken == [*["urgent"] * 4, "other"] * 2


def test_the_fifth_takes_some_also_when_only_one_kind_is_left() -> None:
    rows = Rows(urgent=1, others=20)
    passing = QueuePass(rows.queue)

    taken = [len(passing.claim(2, rows.take)) for _ in range(2 * OLDEST_FIRST)]

    assert taken == [2] * 2 * OLDEST_FIRST


def test_the_fifth_is_counted_over_all_passes() -> None:
    rows = Rows(urgent=50, others=50)

    taken = [QueuePass(rows.queue).claim(1, rows.take)[0].split()[0] for _ in range(OLDEST_FIRST)]

    assert taken == [*["urgent"] * 4, "other"]


def test_a_kind_of_which_nothing_is_left_is_not_looked_at_again() -> None:
    rows = Rows(urgent=1, others=20)
    passing = QueuePass(rows.queue)
    passing.claim(2, rows.take)
    rows.looked_at.clear()

    assert passing.claim(2, rows.take) == ["other 1", "other 2"]
    assert rows.looked_at == [ALL]


def test_it_is_over_when_nothing_is_left_at_all() -> None:
    rows = Rows(urgent=1, others=2)
    passing = QueuePass(rows.queue)

    assert len(passing.claim(3, rows.take)) == 3
    assert not passing.is_over  # there may be more
    assert passing.claim(3, rows.take) == []
    assert passing.is_over


def test_it_is_over_when_the_longest_waiting_are_all_there_is() -> None:
    rows = Rows(urgent=9)
    for _ in range(OLDEST_FIRST - 1):
        rows.queue.oldest_first()
    passing = QueuePass(rows.queue)

    assert len(passing.claim(10, rows.take)) == 9
    assert rows.looked_at == [ALL]
    assert passing.is_over


def test_a_full_claim_looks_no_further() -> None:
    rows = Rows(urgent=3, others=3)

    QueuePass(rows.queue).claim(3, rows.take)

    assert rows.looked_at == [URGENT]


def test_starting_over_looks_at_everything_again() -> None:
    rows = Rows()
    passing = QueuePass(rows.queue)
    passing.claim(1, rows.take)
    rows.due.append("urgent 0")

    passing.start_over()

    assert passing.claim(1, rows.take) == ["urgent 0"]
