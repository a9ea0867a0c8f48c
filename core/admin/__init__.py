"""What operators see. Money and history are shown and never written; people and property are kept here."""

from core.admin import (
    alerts,
    find,
    ledger,
    orders,
    payments,
    people,
    refunds,
    rent,
    runbook,
    settlement_upload,
    settlements,
    subscriptions,
    suspense,
    traces,
    trial_balance,
    webhooks,
)
from core.admin import property as property_admin

__all__ = [
    "alerts",
    "find",
    "ledger",
    "orders",
    "payments",
    "people",
    "property_admin",
    "refunds",
    "rent",
    "runbook",
    "settlement_upload",
    "settlements",
    "subscriptions",
    "suspense",
    "traces",
    "trial_balance",
    "webhooks",
]
