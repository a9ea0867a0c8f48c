"""Double-entry books in paise. Debits are positive, credits negative; every entry sums to zero."""

from collections.abc import Mapping

from django.db import connection, models
from django.db.models import F, Q

from core.models.vocabulary import only_known
from core.money import rupees_for_people


class EntryKind(models.TextChoices):
    """What kind of fact a journal entry records."""

    CHARGE = "charge"
    REVERSAL = "reversal", "reversal of a charge"
    CAPTURE = "capture"
    SUSPENSE = "suspense"
    PLACING = "placing", "placing of suspense"
    PLACEMENT = "placement", "placement of suspense by an operator"
    REFUND_STARTED = "refund_started"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    UNKNOWN_REFUND = "unknown_refund"
    SETTLEMENT = "settlement"


REFUND_KINDS = (EntryKind.REFUND_STARTED, EntryKind.REFUND_DONE, EntryKind.REFUND_FAILED)


def source_of(kind: EntryKind, subject: str, number: int = 1) -> str:
    """Return the text under which an entry is unique, so that a repeated fact posts once.

    :param number: counts the entries of one kind about one subject, where there may be several
    """
    more = f":{number}" if number > 1 else ""
    if kind in REFUND_KINDS:
        return f"refund:{subject}:{kind.removeprefix('refund_')}{more}"
    return f"{kind}:{subject}{more}"


# Two statements for an entry: Django's get_or_create and bulk_create take five.
ENTER = """
    INSERT INTO core_journalentry (source, kind, subject, description, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (source) DO NOTHING RETURNING id
"""
ADD_LINES = "INSERT INTO core_ledgerline (entry_id, account, amount_paise) VALUES {rows}"


class JournalEntryManager(models.Manager["JournalEntry"]):
    def enter(self, entry: "JournalEntry", lines: Mapping[str, int]) -> bool:
        """Keep an entry and its lines, unless there is one of its source; tell whether it is new.

        :param lines: paise by account, none of them 0
        """
        at = connection.ops.adapt_datetimefield_value(entry.at)
        with connection.cursor() as cursor:
            cursor.execute(ENTER, (entry.source, entry.kind, entry.subject, entry.description, at))
            row = cursor.fetchone()
            if row is None:
                return False
            values = [value for line in lines.items() for value in (*row, *line)]
            cursor.execute(ADD_LINES.format(rows=", ".join(["(%s, %s, %s)"] * len(lines))), values)
        return True


class JournalEntry(models.Model):
    """One event of money: what kind of fact it records, and about what."""

    source = models.CharField(max_length=100, unique=True, help_text="Kind and subject in one, unique.")
    kind = models.CharField(max_length=32, choices=EntryKind.choices, db_default="")
    subject = models.CharField(
        max_length=100,
        db_default="",
        help_text="The order, refund, charge or settlement it is about, by its id.",
    )
    description = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = JournalEntryManager()

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="entry_has_a_source"),
            only_known("kind", EntryKind, name="entry_kind_known"),
        ]
        indexes = [
            models.Index(fields=["kind", "subject"], name="entry_by_kind"),
            models.Index(fields=["at"], name="entry_by_time"),
        ]

    def __str__(self) -> str:
        return self.source


class LedgerLine(models.Model):
    """One account's part in an entry."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=64)
    amount_paise = models.BigIntegerField(help_text="Positive: debit. Negative: credit.")

    class Meta:
        permissions = [("view_statement", "Can see anybody's statement of account")]
        constraints = [models.CheckConstraint(condition=~Q(amount_paise=0), name="line_moves_something")]
        indexes = [models.Index(fields=["account", "-id"], name="line_by_account")]  # the newest of an account

    def __str__(self) -> str:
        return f"{self.account} {rupees_for_people(self.amount_paise)}"


class LedgerTotal(models.Model):
    """What a range of lines posted to an account on a day, so that balances need not add up every line there is.

    Made from the lines and never the other way round; `check_books` adds them up anew. The tenancies' accounts are one
    in it, and so are the owners'. A range begins where the one before it ended.
    """

    account = models.CharField(max_length=64)
    day = models.DateField(help_text="In India.")
    after_line = models.BigIntegerField(help_text="The lines are those beyond this one,")
    through_line = models.BigIntegerField(help_text="up to this one.")
    debits_paise = models.BigIntegerField()
    credits_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            # Two that add up the same lines at once: the second fails.
            models.UniqueConstraint(fields=["after_line", "account", "day"], name="total_of_lines_once"),
            models.CheckConstraint(condition=Q(through_line__gt=F("after_line")), name="total_of_some_lines"),
            models.CheckConstraint(
                condition=Q(debits_paise__gte=0, credits_paise__gte=0), name="total_sides_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["through_line"], name="total_by_line")]

    def __str__(self) -> str:
        return f"{self.account} {self.day}: lines {self.after_line + 1} to {self.through_line}"


class BooksProof(models.Model):
    """The books were compared with everything else and nothing differed, up to these rows of theirs.

    What is proved stays proved, because the rows cannot be changed: the next proof begins after them. `balances` is
    what the lines up to here add up to, by account as in LedgerTotal: debits and credits in paise.
    """

    made_at = models.DateTimeField()
    is_of_everything = models.BooleanField(help_text="Nothing was taken from an earlier proof.")
    through_line = models.BigIntegerField()
    through_change = models.BigIntegerField(help_text="Of the history of orders and refunds.")
    through_refund = models.BigIntegerField()
    through_charge = models.BigIntegerField()
    balances = models.JSONField()

    class Meta:
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"Books proved on {self.made_at:%Y-%m-%d %H:%M} UTC through line {self.through_line}"
