"""What a payer's bank has taken back of a payment, or may yet."""

from typing import Any, cast

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from core.models.alerts import Alert, AlertKind
from core.models.settlements import LineType, SettlementLine

DISPUTES = (AlertKind.DISPUTE, AlertKind.DISPUTE_LOST)


def with_taken_back(attempts: QuerySet[Any]) -> QuerySet[Any]:
    """Add `taken_back`, in paise, in the statement that reads the attempts; without a capture nothing is looked up.

    An open dispute may yet take back all of a payment, and so may one that is lost and not yet seen in a settlement.
    """
    disputes = Alert.objects.filter(kind__in=DISPUTES, subject=OuterRef("merchant_order_id"), resolved_at=None)
    lines = SettlementLine.objects.filter(merchant_order_id=OuterRef("merchant_order_id"), type=LineType.CHARGEBACK)
    total = lines.order_by().values("merchant_order_id").annotate(sum=-Sum("amount_paise")).values("sum")
    nothing = Value(0, output_field=BigIntegerField())
    marked: QuerySet[Any] = attempts.annotate(
        taken_back=Case(
            When(transaction__captured_paise=0, then=nothing),
            When(Exists(disputes), then=F("transaction__captured_paise")),
            default=Coalesce(Subquery(total, output_field=BigIntegerField()), nothing),
            output_field=BigIntegerField(),
        )
    )
    return marked


def taken_back_paise(payable: Any) -> int:
    """Return what the payer's bank has taken back of a payment, or may yet; as it was read with it, if it was."""
    if hasattr(payable, "taken_back"):
        return cast("int", payable.taken_back)
    if not payable.transaction.captured_paise:
        return 0
    rows = with_taken_back(type(payable)._default_manager.filter(pk=payable.pk))
    return cast("int", rows.values_list("taken_back", flat=True).get())
