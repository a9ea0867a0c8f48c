"""The books: every fact once, every entry sums to zero."""

import pytest

from core.models import JournalEntry, LedgerLine, Payment
from core.services import ledger
from tests.phonepe import Days


class TestPosting:
    def test_a_fact_told_twice_posts_once(self, payment: Payment, days: Days) -> None:
        for later in (0, 60):
            days.pass_by(later)
            ledger.record_capture(payment, 15_000_00, at=days.now())

        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1
        assert sum(LedgerLine.objects.values_list("amount_paise", flat=True)) == 0

    @pytest.mark.django_db
    def test_an_entry_that_does_not_balance_is_refused(self, days: Days) -> None:
        with pytest.raises(ledger.Unbalanced):
            ledger.post("test:1", "crooked", {"phonepe_clearing": 100, "suspense": -99}, at=days.now())
        assert JournalEntry.objects.count() == 0
