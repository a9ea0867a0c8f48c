"""The checks can fail: each of ten broken backends turns its own ids red, and no others."""

import pytest
from django.conf import settings

from tests.sign_off.broken import BROKEN
from tests.sign_off.conftest import Check
from zelton_backend.sign_off.proofs import Verdict
from zelton_backend.sign_off.requirements import Outcome

# Every time; the others with make slow.
OFTEN = {"webhook_believed", "refund_id_used_again"}


def red(outcomes: dict[str, Outcome]) -> set[str]:
    return {name for name, outcome in outcomes.items() if outcome.verdict == Verdict.FAILED}


@pytest.mark.parametrize(
    "name", [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in BROKEN]
)
def test_a_broken_backend_turns_its_ids_red_and_no_other(
    name: str, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BROKEN[name]
    broken.patch(monkeypatch)

    outcomes = check(*broken.sections)

    assert red(outcomes) == broken.red
    for failed in broken.red:
        assert not outcomes[failed].proof.startswith("The check crashed"), outcomes[failed].proof


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_of_the_whole_checklist_nothing_else_turns_red(
    name: str, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    BROKEN[name].patch(monkeypatch)

    assert red(check()) == BROKEN[name].red


def test_the_page_lists_what_was_broken_and_what_turned_red() -> None:
    page = (settings.BASE_DIR / "docs" / "sign_off.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]

    told = {
        name.strip("`"): (what, frozenset(ids.split(", "))) for name, what, ids in rows if name.strip("`") in BROKEN
    }

    assert told == {name: (broken.what, broken.red) for name, broken in BROKEN.items()}
