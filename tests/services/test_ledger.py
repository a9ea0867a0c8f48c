"""The books: every fact once, every entry sums to zero."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from core.models import ChangeCause, EntryKind, JournalEntry, LedgerLine, Payment, PaymentStatus, StateChange
from core.services.ledger import posting
from tests.phonepe import Days


class TestPosting:
    def test_a_fact_told_twice_posts_once(self, payment: Payment, days: Days) -> None:
        for later in (0, 60):
            days.pass_by(later)
            posting.record_capture(payment, 15_000_00, at=days.now())

        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1
        assert sum(LedgerLine.objects.values_list("amount_paise", flat=True)) == 0

    @pytest.mark.django_db
    def test_an_entry_that_does_not_balance_is_refused(self, days: Days) -> None:
        with pytest.raises(posting.Unbalanced):
            posting.post(EntryKind.CHARGE, "1", "Crooked", {"phonepe_clearing": 100, "suspense": -99}, at=days.now())
        assert JournalEntry.objects.count() == 0


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize("model", [JournalEntry, LedgerLine, StateChange])
    def test_to_change_or_delete_what_was_written(self, payment: Payment, days: Days, model: type[Model]) -> None:
        posting.record_capture(payment, 15_000_00, at=days.now())
        payment.move_to(PaymentStatus.FAILED, cause=ChangeCause.COMMAND, at=days.now())
        row = model._default_manager.first()
        assert row is not None

        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            row.save()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            model._default_manager.filter(pk=row.pk)._raw_delete("default")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
    @pytest.mark.django_db
    def test_to_be_emptied(self) -> None:
        with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor, transaction.atomic():
            cursor.execute("TRUNCATE core_journalentry CASCADE")
