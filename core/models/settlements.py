"""What PhonePe says it paid out, line by line, and how each line compares with our books."""

from django.db import models
from django.db.models import Q

from core.models.vocabulary import only_known

LineKey = tuple[str, str, int]  # type, PhonePe's id, and which of those that are alike


class SettlementState(models.TextChoices):
    """PhonePe's word on a settlement. Money has reached the bank with PROCESSED alone."""

    INITIATED = "INITIATED"
    PROCESSED = "PROCESSED"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"


SETTLEMENT_MOVES = {
    SettlementState.INITIATED: {SettlementState.PROCESSED, SettlementState.ATTEMPT_FAILED},
    SettlementState.ATTEMPT_FAILED: {SettlementState.PROCESSED, SettlementState.INITIATED},  # another attempt
    SettlementState.PROCESSED: set[SettlementState](),  # what says otherwise is older, or a contradiction
}


class LineType(models.TextChoices):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"


class LineOutcome(models.TextChoices):
    """How a line compares with our books."""

    MATCHED = "matched"
    DIFFERENT = "different", "different: our books say otherwise"
    UNKNOWN = "unknown", "unknown: about nothing in our books"
    REPEATED = "repeated", "repeated: settled before"
    CHARGEBACK = "chargeback", "chargeback: an operator decides"


DISAGREEING = (LineOutcome.DIFFERENT, LineOutcome.UNKNOWN)


class Settlement(models.Model):
    """One payout of PhonePe. Amounts in paise, instants in UTC."""

    settlement_id = models.CharField(max_length=64, unique=True)
    utr = models.CharField("UTR", max_length=64, blank=True, db_index=True)
    state = models.CharField(max_length=16, choices=SettlementState.choices)
    state_is_assumed = models.BooleanField(
        default=False, help_text="No answer of PhonePe says PROCESSED: it stands in a CSV, which tells no state."
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    amount_paise = models.BigIntegerField(
        null=True, blank=True, help_text="The payout as PhonePe says it; empty: it did not, the lines' sum counts."
    )
    has_report = models.BooleanField(default=False, help_text="A settlement report told its lines.")
    entries = models.PositiveIntegerField(default=0, help_text="Journal entries: the payout, and its corrections.")
    imported_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("import_settlement", "Can take in a settlement file")]
        constraints = [only_known("state", SettlementState, name="settlement_state_known")]

    def __str__(self) -> str:
        return self.settlement_id

    @property
    def is_paid_out(self) -> bool:
        """Tell whether its money belongs into the books: it has arrived, and we know what it is made of."""
        return self.state == SettlementState.PROCESSED and self.has_report

    def apply_state(self, state: SettlementState) -> bool:
        """Take PhonePe's word on the state if it is news; return whether it fits what is known."""
        if state != self.state and not (
            self.state_is_assumed or state in SETTLEMENT_MOVES[SettlementState(self.state)]
        ):
            return state != SettlementState.ATTEMPT_FAILED  # INITIATED after PROCESSED is merely old
        self.state, self.state_is_assumed = state, False
        return True


class SettlementLine(models.Model):
    """Money of one payment, refund or chargeback in a settlement, in paise as PhonePe tells it: deductions negative."""

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="lines")
    type = models.CharField(max_length=32, help_text="PAYMENT, REFUND, CHARGEBACK, or a word of PhonePe's that is new.")
    merchant_order_id = models.CharField(max_length=64, blank=True, db_index=True)
    merchant_refund_id = models.CharField(max_length=64, blank=True, db_index=True)
    phonepe_id = models.CharField("PhonePe id", max_length=64, db_index=True)
    occurrence = models.PositiveIntegerField(default=1, help_text="Counts lines that are alike in one settlement.")
    amount_paise = models.BigIntegerField()
    fee_paise = models.BigIntegerField()
    tax_paise = models.BigIntegerField()
    net_paise = models.BigIntegerField()
    outcome = models.CharField(max_length=16, choices=LineOutcome.choices)
    remark = models.CharField(max_length=200, blank=True)
    clearing_paise = models.BigIntegerField(
        default=0, help_text="What it takes out of phonepe_clearing; 0: all its money is in suspense."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["settlement", "type", "phonepe_id", "occurrence"], name="settlement_line_told_once"
            ),
            only_known("outcome", LineOutcome, name="settlement_line_outcome_known"),
        ]
        indexes = [
            models.Index(
                fields=["settlement"], condition=Q(outcome__in=DISAGREEING), name="settlement_line_disagreeing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.merchant_refund_id or self.merchant_order_id or self.phonepe_id}"

    @property
    def key(self) -> LineKey:
        """Return what makes it one line of its settlement."""
        return self.type, self.phonepe_id, self.occurrence

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        return self.amount_paise, self.fee_paise, self.tax_paise, self.net_paise

    @property
    def names(self) -> tuple[str, str]:
        return self.merchant_order_id, self.merchant_refund_id

    @property
    def verdict(self) -> tuple[str, str, int]:
        return self.outcome, self.remark, self.clearing_paise

    @property
    def suspense_paise(self) -> int:
        """Return what it leaves in suspense: its net, less what is known to be ours, PhonePe's or the tax office's."""
        if not self.clearing_paise:
            return self.net_paise
        return self.net_paise - self.fee_paise - self.tax_paise - self.clearing_paise

    @property
    def unexplained_paise(self) -> int:
        """Return by how much its net is more than its parts make."""
        return self.net_paise - self.amount_paise - self.fee_paise - self.tax_paise
