"""An example of every operation in the API's schema: what is sent, and what is answered.

A test holds each against its schema, and that there is one of each.
"""

from typing import Any, NamedTuple


class Example(NamedTuple):
    """One call. None: it has no such body; `created` is answered with 201 where that is another than 200's."""

    sent: Any = None
    answered: Any = None
    created: Any = None


USER = {"id": 7, "role": "tenant", "name": "Ravi Kumar", "email": "ravi@example.org", "phone": "+91 98765 43210"}
KINDS = (
    "rent_due", "rent_overdue", "payment_received", "payment_failed", "refund_done", "refund_failed",
    "subscription_renews", "subscription_past_due", "subscription_expired", "debit_failed", "mandate_paused",
    "mandate_revoked",
)  # fmt: skip
ME = {
    **USER,
    "role": "owner",
    "name": "Asha Rao",
    "billing_name": "Asha Rao Properties",
    "address": "12 Lake Road, Pune 411001",
    "state": "27",
    "gstin": "27ABCPE1234F1ZB",
    "pan": "ABCPE1234F",
    "notifications": {**dict.fromkeys(KINDS, True), "rent_due": False},
}
ORDER = "ZLT-2dBv0pGqQhW7nYxKc1TmAg"
REFUND = {
    "merchant_refund_id": "ZLR-8sJ2mWq0uXbT5kLrEzYcNw",
    "refund_id": "OMR2604101230000000001",
    "amount": "5000.00",
    "state": "COMPLETED",
    "kind": "requested",
    "reason": "Moved out early",
    "created_at": "2026-04-12T05:00:00Z",
    "finished_at": "2026-04-12T05:20:00Z",
}
ATTEMPT = {
    "id": 41,
    "merchant_order_id": ORDER,
    "amount": "15000.00",
    "status": "completed",
    "state": "COMPLETED",
    "under_review": False,
    "refunded_amount": "0.00",
    "payment_mode": "UPI_INTENT",
    "utr": "609912345678",
    "paid_at": "2026-04-10T06:30:20Z",
    "created_at": "2026-04-10T06:30:00Z",
    "refunds": [],
    "refundable_amount": "15000.00",
    "can_refund": False,
    "can_pay_again": False,
    "failure": None,
}
PAYMENT = {
    **ATTEMPT,
    "tenancy": 3,
    "property": "Lakeview House",
    "unit": "Flat 1",
    "payer": "Ravi Kumar",
    "months": ["2026-04"],
}
FAILED = {
    **PAYMENT,
    "id": 40,
    "status": "failed",
    "state": "FAILED",
    "payment_mode": "",
    "utr": "",
    "paid_at": None,
    "refundable_amount": "0.00",
    "can_pay_again": True,
    "failure": {
        "code": "INSUFFICIENT_BALANCE",
        "sentence": "There is not enough money in the account. Pay again from another account.",
    },
    "months": [],
}
STANDING = {
    "success": True,
    "merchant_order_id": ORDER,
    "state": "COMPLETED",
    "under_review": False,
    "final": True,
}
STARTED = {
    "success": True,
    "payment_id": 41,
    "merchant_order_id": ORDER,
    "order_id": "OMO2604101200000000001",
    "state": "PENDING",
    "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
    "expire_at": "2026-04-10T06:50:00Z",
    "amount": "15000.00",
}
TENANCY = {
    "id": 3,
    "unit_id": 5,
    "unit": "Flat 1",
    "property": "Lakeview House",
    "tenant": "Ravi Kumar",
    "monthly_rent": "15000.00",
    "due_day": 5,
    "starts_on": "2026-04-01",
    "ends_on": None,
    "outstanding": "15000.00",
    "next_due_date": "2026-04-05",
    "has_signed_up": False,
}
CHARGE = {
    "id": 12,
    "tenancy": 3,
    "month": "2026-04",
    "amount": "15000.00",
    "due_on": "2026-04-05",
    "outstanding": "15000.00",
}
PROPERTY = {"id": 2, "name": "Lakeview House", "address": "12 Lake Road, Pune"}
UNIT = {"id": 5, "property": 2, "name": "Flat 1"}
PLAN = {
    "id": 1,
    "name": "Starter",
    "monthly_price": "499.00",
    "yearly_price": "4990.00",
    "max_units": 10,
    "features": ["Up to 10 units"],
}
SUBSCRIPTION_PAYMENT = {**ATTEMPT, "amount": "499.00", "plan": "Starter", "period": "monthly", "purpose": "first"}
SUBSCRIPTION_PAYMENT |= {"kind": "payment", "goes_back": False}
SUBSCRIPTION = {
    "status": "active",
    "plan": PLAN,
    "period": "monthly",
    "current_period_start": "2026-04-10T06:30:00Z",
    "current_period_end": "2026-05-10T06:30:00Z",
    "paid_until": "2026-05-10T06:30:00Z",
    "cancel_at_period_end": False,
    "pending_change": None,
    "autopay": None,
    "amount_due": "0.00",
    "units_used": 4,
    "units_allowed": 10,
}
STARTED_SUBSCRIPTION = {
    **STARTED,
    "amount": "499.00",
    "charged_for": "Starter plan, monthly, 10 April 2026 to 10 May 2026",
    "credit": "0.00",
    "starts_at": "2026-04-10T06:30:00Z",
    "ends_at": "2026-05-10T06:30:00Z",
    "detail": "If paid today, the Starter plan runs from 10 April 2026 to 10 May 2026.",
}
NEXT = {"starts_at": "2026-05-10T06:30:00Z", "amount": "4990.00"}
ASKED_REFUND = Example(
    sent={"amount": "5000.00", "reason": "Moved out early"},
    answered={
        "success": True,
        "merchant_refund_id": REFUND["merchant_refund_id"],
        "refund_id": REFUND["refund_id"],
        "state": "PENDING",
        "amount": "5000.00",
    },
)
DONE = {"success": True, "detail": "The password is set. Log in with it."}

EXAMPLES: dict[tuple[str, str], Example] = {
    ("post", "/api/auth/login/"): Example(
        sent={"username": "ravi@example.org", "password": "a-long-Password-4711"},
        answered={"success": True, "token": "3f9c…", "expiry": "2026-05-10T06:30:00Z", "user": USER},
    ),
    ("post", "/api/auth/logout/"): Example(),
    ("post", "/api/auth/logout-all/"): Example(),
    ("post", "/api/auth/change-password/"): Example(
        sent={"old_password": "a-long-Password-4711", "new_password": "another-long-Password-4712"}
    ),
    ("post", "/api/auth/password-reset/"): Example(
        sent={"email": "ravi@example.org"},
        answered={
            "success": True,
            "detail": "If somebody has this e-mail address here, a link is on its way. It works once, for an hour.",
        },
    ),
    ("post", "/api/auth/password-reset/confirm/"): Example(
        sent={"token": "WzcsImE5…", "password": "another-long-Password-4712"}, answered=DONE
    ),
    ("get", "/api/me/"): Example(answered=ME),
    ("patch", "/api/me/"): Example(
        sent={"billing_name": "Asha Rao Properties", "gstin": "27ABCPE1234F1ZB", "notifications": {"rent_due": False}},
        answered=ME,
    ),
    ("get", "/api/dashboard/"): Example(
        answered={
            "role": "owner",
            "outstanding": "15000.00",
            "received": {"this_month": "15000.00", "last_month": "30000.00"},
            "refunds": {"this_month": "5000.00", "last_month": "0.00"},
            "held_for_payout": "40000.00",
            "units": [
                {
                    "tenancy": 3,
                    "property": "Lakeview House",
                    "unit": "Flat 1",
                    "tenant": "Ravi Kumar",
                    "outstanding": "15000.00",
                }
            ],
            "months": [
                {"month": "2026-03", "received": "30000.00", "refunded": "0.00"},
                {"month": "2026-04", "received": "15000.00", "refunded": "5000.00"},
            ],
        }
    ),
    ("get", "/api/charges/"): Example(answered={"next": None, "previous": None, "results": [CHARGE]}),
    ("get", "/api/tenancies/"): Example(answered=[TENANCY]),
    ("post", "/api/tenancies/"): Example(
        sent={
            "unit": 5,
            "tenant": {"name": "Ravi Kumar", "phone": "+91 98765 43210", "email": "ravi@example.org"},
            "monthly_rent": "15000.00",
            "due_day": 5,
            "starts_on": "2026-04-01",
        },
        answered={**TENANCY, "invitation": {"mailed_to": "ravi@example.org", "link": ""}},
    ),
    ("post", "/api/tenancies/{id}/invite/"): Example(answered={"mailed_to": "ravi@example.org", "link": ""}),
    ("post", "/api/tenancies/{id}/end/"): Example(
        sent={"ends_on": "2026-09-30"},
        answered={**TENANCY, "ends_on": "2026-09-30", "outstanding": "0.00", "next_due_date": None},
    ),
    ("get", "/api/properties/"): Example(answered=[PROPERTY]),
    ("post", "/api/properties/"): Example(
        sent={"name": "Lakeview House", "address": "12 Lake Road, Pune"}, answered=PROPERTY
    ),
    ("get", "/api/properties/{id}/"): Example(answered=PROPERTY),
    ("patch", "/api/properties/{id}/"): Example(sent={"name": "Lakeview House"}, answered=PROPERTY),
    ("delete", "/api/properties/{id}/"): Example(),
    ("get", "/api/units/"): Example(answered=[UNIT]),
    ("post", "/api/units/"): Example(sent={"property": 2, "name": "Flat 1"}, answered=UNIT),
    ("get", "/api/units/{id}/"): Example(answered=UNIT),
    ("patch", "/api/units/{id}/"): Example(sent={"name": "Flat 1"}, answered=UNIT),
    ("delete", "/api/units/{id}/"): Example(),
    ("get", "/api/payments/"): Example(answered={"next": None, "previous": None, "results": [PAYMENT, FAILED]}),
    ("get", "/api/payments/{id}/"): Example(answered=FAILED),
    ("get", "/api/payments/{id}/receipt/"): Example(),
    ("post", "/api/payments/{id}/refund/"): ASKED_REFUND,
    ("get", "/api/payments/{payment_id}/refunds/{merchant_refund_id}/receipt/"): Example(),
    ("post", "/api/payments/initiate-rent-payment/"): Example(
        sent={"amount": "15000.00", "tenancy": 3, "channel": "redirect"}, answered=STARTED
    ),
    ("get", "/api/payments/verify-payment/{merchant_order_id}/"): Example(answered={**STANDING, "payment": PAYMENT}),
    ("post", "/api/payments/handle-payment-callback/"): Example(
        sent={"merchant_order_id": ORDER}, answered={"success": True, "state": "PENDING"}
    ),
    ("get", "/api/pricing-plans/"): Example(answered=[PLAN]),
    ("post", "/api/owner-subscriptions/initiate-payment/"): Example(
        sent={"pricing_plan_id": 1, "period": "monthly"},
        answered=STARTED_SUBSCRIPTION,
    ),
    ("get", "/api/owner-subscriptions/"): Example(
        answered={**SUBSCRIPTION, "pending_change": {"plan": PLAN, "period": "yearly", **NEXT}, "amount_due": "0.00"}
    ),
    ("post", "/api/owner-subscriptions/change-plan/"): Example(
        sent={"pricing_plan_id": 1, "period": "yearly", "preview": True},
        answered={
            "success": True,
            "preview": True,
            "takes_effect": "period_end",
            "plan": PLAN,
            "period": "yearly",
            "charged_now": "0.00",
            "price": "4990.00",
            "charged_for": "Starter plan, yearly, 10 May 2026 to 10 May 2027",
            "credit": "0.00",
            "starts_at": "2026-05-10T06:30:00Z",
            "ends_at": "2027-05-10T06:30:00Z",
            "detail": "The Starter plan, yearly, begins on 10 May 2026, when what is paid has ended. "
            "Nothing is charged before.",
        },
        created=STARTED_SUBSCRIPTION,
    ),
    ("post", "/api/owner-subscriptions/cancel/"): Example(answered={**SUBSCRIPTION, "cancel_at_period_end": True}),
    ("post", "/api/owner-subscriptions/resume/"): Example(answered=SUBSCRIPTION),
    ("get", "/api/owner-subscriptions/payments/"): Example(
        answered={"next": None, "previous": None, "results": [SUBSCRIPTION_PAYMENT]}
    ),
    ("get", "/api/owner-subscriptions/invoices/"): Example(
        answered={
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": 4,
                    "kind": "tax_invoice",
                    "number": "ZS/26-27/000123",
                    "issued_on": "2026-04-10",
                    "taxable_amount": "422.88",
                    "cgst": "0.00",
                    "sgst": "0.00",
                    "igst": "76.12",
                    "total": "499.00",
                    "payment": 41,
                    "credits": None,
                }
            ],
        }
    ),
    ("get", "/api/owner-subscriptions/invoices/{invoice_id}/"): Example(),
    ("get", "/api/owner-subscriptions/verify-payment/{merchant_order_id}/"): Example(
        answered={**STANDING, "payment": SUBSCRIPTION_PAYMENT}
    ),
    ("get", "/api/owner-subscriptions/active/"): Example(
        answered={
            "id": 9,
            "plan": PLAN,
            "period": "monthly",
            "starts_at": "2026-04-10T06:30:00Z",
            "ends_at": "2026-05-10T06:30:00Z",
            "paid_until": "2026-05-10T06:30:00Z",
        }
    ),
    ("post", "/api/owner-subscriptions/autopay/"): Example(
        sent={
            "pricing_plan_id": 1,
            "period": "monthly",
            "device_os": "ANDROID",
            "target_app": "com.phonepe.app",
        },
        answered={
            "success": True,
            "merchant_order_id": ORDER,
            "merchant_subscription_id": "ZLM-5tQpRk0Wn2Lx8cVb3JhYzA",
            "intent_url": "upi://mandate?mn=Autopay&am=748.50&fam=499.00&tr=OM2604101200000000000001",
            "state": "ACTIVATION_IN_PROGRESS",
            "expire_at": "2026-04-10T06:40:00Z",
        },
    ),
    ("delete", "/api/owner-subscriptions/autopay/"): Example(answered={"success": True, "state": "CANCEL_IN_PROGRESS"}),
    ("get", "/api/owner-subscriptions/{id}/receipt/"): Example(),
    ("post", "/api/owner-subscriptions/{id}/refund/"): ASKED_REFUND,
    ("get", "/api/statements/"): Example(
        answered={
            "from": "2026-04-01",
            "to": "2026-04-30",
            "subject": "tenancy",
            "name": "Ravi Kumar",
            "units": ["Lakeview House, Flat 1"],
            "opening_balance": "0.00",
            "movements": [
                {
                    "date": "2026-04-01",
                    "kind": "charge",
                    "description": "Rent for April 2026",
                    "reference": "2026-04",
                    "tenancy": 3,
                    "amount": "15000.00",
                    "balance": "15000.00",
                }
            ],
            "totals": {
                "charges": "15000.00",
                "reversals": "0.00",
                "payments": "0.00",
                "refunds": "0.00",
                "other": "0.00",
            },
            "closing_balance": "15000.00",
        }
    ),
}
JSON = "application/json"


def show_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG001, FBT001 - drf-spectacular's signature
    """Put the examples into the schema, beside the bodies that they are of."""
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            example = EXAMPLES.get((method, path), Example())
            sent = operation.get("requestBody", {}).get("content", {})
            bodies = [(sent, example.sent)]
            for status, answer in operation["responses"].items():
                if status < "3":
                    shown = (example.created if status == "201" else None) or example.answered
                    bodies.append((answer.get("content", {}), shown))
            for content, shown in bodies:
                if shown is not None and JSON in content:
                    content[JSON]["example"] = shown
    return result
