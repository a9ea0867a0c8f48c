"""What operators see. Money and history are shown and never written; people and property are kept here."""

from core.admin import alerts, ledger, orders, payments, people, refunds, rent, settlements, subscriptions, webhooks
from core.admin import property as property_admin

__all__ = [
    "alerts",
    "ledger",
    "orders",
    "payments",
    "people",
    "property_admin",
    "refunds",
    "rent",
    "settlements",
    "subscriptions",
    "webhooks",
]
