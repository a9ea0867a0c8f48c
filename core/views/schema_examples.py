"""Make an example of every JSON body from the schema alone, with values that could be real where one is known."""

from typing import Any

_AT, _LATER = "2026-11-27T10:15:00Z", "2026-12-27T10:15:00Z"
# By the name of a property, or of a component and its property. LEFT_OUT: not there together with the others.
LEFT_OUT = object()
VALUES: dict[str, Any] = {
    "Started.token": LEFT_OUT,
    "StartedSubscription.token": LEFT_OUT,
    "StartedSubscription.amount": "999.00",
    "StartedSubscription.detail": "The monthly Starter plan, from 27 November to 26 December 2026.",
    "SubscriptionPayment.amount": "999.00",
    "SubscriptionPayment.plan": "Starter",
    "Standing.detail": LEFT_OUT,
    "Verified.detail": LEFT_OUT,
    "Verified.poll_after": LEFT_OUT,
    "VerifiedSubscription.detail": LEFT_OUT,
    "VerifiedSubscription.poll_after": LEFT_OUT,
    "Verified.state": "COMPLETED",
    "VerifiedSubscription.state": "COMPLETED",
    "Verified.final": True,
    "VerifiedSubscription.final": True,
    "Payment.failure": None,
    "Payment.months": ["2026-11"],
    "Payment.payer": "Asha Rao",
    "Payment.refundable_amount": "14000.00",
    "Payment.state": "COMPLETED",
    "Payment.status": "partially_refunded",
    "SubscriptionPayment.state": "COMPLETED",
    "SubscriptionPayment.status": "completed",
    "SubscriptionPayment.refunded_amount": "0.00",
    "SubscriptionPayment.failure": None,
    "SubscriptionPayment.refundable_amount": "999.00",
    "SubscriptionPayment.refunds": [],
    "Refund.amount": "1000.00",
    "RefundAsked.amount": "1000.00",
    "AskRefundRequest.amount": "1000.00",
    "LoggedIn.token": "0f3a1c7be2d94c56",
    "PricingPlan.name": "Starter",
    "Tenancy.outstanding": "15000.00",
    "Tenancy.ends_on": None,
    "Let.ends_on": None,
    "Tenancy.tenant": "Asha Rao",
    "Let.tenant": "Asha Rao",
    "Subscription.units_used": 4,
    "units_allowed": 10,
    "Movement.description": "Rent for November 2026",
    "Movement.reference": "2026-11",
    "Refund.state": "COMPLETED",
    "RefundAsked.state": "PENDING",
    "Statement.name": "Asha Rao",
    "Statement.opening_balance": "0.00",
    "Statement.to": "2026-11-30",
    "Statement.units": ["Lakeview House, Flat 1"],
    "Totals.other": "0.00",
    "Totals.payments": "0.00",
    "Totals.refunds": "0.00",
    "Totals.reversals": "0.00",
    "PaginatedPaymentList.previous": None,
    "amount": "15000.00",
    "created_at": _AT,
    "email": "asha@zelton.example",
    "ends_at": _LATER,
    "expire_at": "2026-11-27T10:35:00Z",
    "expiry": _LATER,
    "features": ["Receipts", "Statements"],
    "finished_at": _LATER,
    "id": 12,
    "from": "2026-11-01",
    "max_units": 10,
    "merchant_order_id": "ZLT-RtCGDhtFJ8NWebPIDKoaig",
    "merchant_refund_id": "ZLR-8cJkM3n0TqWb5yXv2LhPdA",
    "monthly_price": "999.00",
    "monthly_rent": "15000.00",
    "new_password": "seven-mangoes-at-noon",
    "name": "Asha Rao",
    "next": "https://zelton.example/api/payments/?cursor=cD0yMDI2",
    "old_password": "blue-lamp-on-the-sill",
    "orderId": "OMO2611271545000123456789",
    "order_id": "OMO2611271545000123456789",
    "paid_at": "2026-11-27T10:16:12Z",
    "paid_until": _LATER,
    "password": "blue-lamp-on-the-sill",
    "payment_mode": "UPI_INTENT",
    "payment_modes": ["UPI_INTENT", "CARD"],
    "phone": "9876500001",
    "property": "Lakeview House",
    "reason": "Repair that the tenant paid for",
    "redirect_url": "https://mercury-t2.phonepe.com/transact/uat_v3?token=JhbGciOi",
    "refund_id": "OMR2611271600000123456789",
    "refunded_amount": "1000.00",
    "starts_at": _AT,
    "success": True,
    "token": "JhbGciOiJIUzI1NiJ9",
    "under_review": False,
    "unit": "Flat 1",
    "username": "asha",
    "utr": "423456789012",
    "yearly_price": "9990.00",
}
_BY_FORMAT = {"date": "2026-11-27", "date-time": _AT, "uri": "https://zelton.example/"}
_BY_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": False, "object": {}, "null": None}


def example_of(schema: dict[str, Any], components: dict[str, Any], *, name: str = "", owner: str = "") -> Any:
    """Return a value that a schema allows.

    :param name: of the property whose value it is
    :param owner: of the component that has the property
    """
    value = VALUES.get(f"{owner}.{name}", VALUES.get(name, schema.get("example", LEFT_OUT)))
    if value is not LEFT_OUT:
        return value
    if "$ref" in schema:
        component = schema["$ref"].rpartition("/")[2]
        return example_of(components[component], components, owner=component)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], components, name=name, owner=owner)
    for one in ("const", "default"):
        if one in schema:
            return schema[one]
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return [example_of(schema["items"], components, owner=owner)]
    if "properties" in schema:
        return {
            each: example_of(told, components, name=each, owner=owner)
            for each, told in schema["properties"].items()
            if VALUES.get(f"{owner}.{each}") is not LEFT_OUT
        }
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE[kind])
