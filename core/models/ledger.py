"""Double-entry books in paise. Debits are positive, credits negative; every entry sums to zero."""

from django.db import models
from django.db.models import Q


class JournalEntry(models.Model):
    """One event of money. `source` names the fact it records, so that a repeated fact posts once."""

    source = models.CharField(max_length=100, unique=True)
    description = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [models.CheckConstraint(condition=~Q(source=""), name="entry_has_a_source")]

    def __str__(self) -> str:
        return self.source


class LedgerLine(models.Model):
    """One account's part in an entry."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=64, db_index=True)
    amount_paise = models.BigIntegerField(help_text="Positive: debit. Negative: credit.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_paise=0), name="line_moves_something")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_paise}"
