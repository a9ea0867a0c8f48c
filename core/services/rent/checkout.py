"""Let a tenant pay rent."""

from typing import Any

from django.db import models
from django.db.models import BigIntegerField

from core.db.prepared import Param, Prepared, insert_linked
from core.errors import AmountAboveDue, InvalidField, NotFound, RestTooSmall
from core.models import IdempotencyKey, Payment, PaymentTransaction, Tenancy
from core.money import SMALLEST_PAYMENT_PAISE
from core.services.payments.checkout import PAYER, PaymentRequest, PaymentSlot, StartedPayment, start


def start_rent_payment(
    *, tenant: int, tenancy: int | None, wanted: PaymentRequest, key: IdempotencyKey | None = None
) -> StartedPayment:
    """Let a tenant pay rent: hand back the current order or open one.

    :param tenant: primary key
    :param tenancy: primary key; None for the tenant's only one
    :raises NotFound, InvalidField: if that is not one of the tenant's, or not just one
    :raises AmountAboveDue, RestTooSmall: before PhonePe is called
    """
    return start(RentSlot(tenant, tenancy, wanted), wanted, key=key)


TENANT = Param("tenant", BigIntegerField())
_OWN = Prepared(
    lambda: Tenancy.objects.filter(tenant=TENANT).order_by("pk").values_list("pk", flat=True).select_for_update()[:2]
)
_NAMED = Prepared(
    lambda: Tenancy.objects.filter(tenant=TENANT, pk=PAYER).values_list("pk", flat=True).select_for_update()
)


class RentSlot(PaymentSlot):
    """The current rent payment of a tenancy: of the one that is named, or of the tenant's only one."""

    kind = Payment

    def __init__(self, tenant: int, tenancy: int | None, wanted: PaymentRequest) -> None:
        super().__init__(tenancy or 0)
        self._tenant, self._tenancy, self._wanted = tenant, tenancy, wanted

    def lock_payer(self) -> None:
        """:raises NotFound, InvalidField: if there is no such tenancy of this tenant"""
        if self._tenancy:
            found = _NAMED.rows(tenant=self._tenant, payer=self._tenancy)
            if not found:
                raise NotFound("tenancy")
        else:
            found = _OWN.rows(tenant=self._tenant)
            if len(found) != 1:
                raise InvalidField("tenancy", "Say which tenancy you pay for." if found else "You have no tenancy.")
        (self._payer,) = found

    @classmethod
    def payers(cls) -> models.QuerySet[Tenancy, dict[str, Any]]:
        return Tenancy.objects.with_outstanding().values("outstanding")  # type: ignore[misc]

    def create(self, order: PaymentTransaction) -> Payment:
        payment = Payment(tenancy_id=self._payer, transaction=order, merchant_order_id=order.merchant_order_id)
        insert_linked(order, payment)
        return payment

    def refuse_if_wrong(self, books: dict[str, Any]) -> None:
        due = books["outstanding"]
        rest = due - self._wanted.amount_paise
        if rest < 0:
            raise AmountAboveDue(due)
        if 0 < rest < SMALLEST_PAYMENT_PAISE:
            raise RestTooSmall(rest)
