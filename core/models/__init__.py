from core.models.alerts import Alert, AlertKind
from core.models.history import Cause, StateChange
from core.models.idempotency import IdempotencyKey
from core.models.ledger import JournalEntry, LedgerLine
from core.models.orders import Channel, OrderState, PaymentTransaction
from core.models.payments import Payment
from core.models.people import Owner, Role, Tenant, User
from core.models.property import Property, Tenancy, Unit
from core.models.purposes import PAID, Purpose, Status
from core.models.reconciled import Reconciliation
from core.models.refunds import IN_FLIGHT, Refund, RefundKind, RefundState
from core.models.rent import RentCharge
from core.models.settlements import LineOutcome, LineType, Settlement, SettlementLine, SettlementState
from core.models.subscriptions import (
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Period,
    PricingPlan,
    SubscriptionPeriod,
)
from core.models.webhooks import Outcome, WebhookEvent

__all__ = [
    "IN_FLIGHT",
    "PAID",
    "Alert",
    "AlertKind",
    "Cause",
    "Channel",
    "IdempotencyKey",
    "JournalEntry",
    "LedgerLine",
    "LineOutcome",
    "LineType",
    "OrderState",
    "Outcome",
    "Owner",
    "OwnerSubscription",
    "OwnerSubscriptionPayment",
    "Payment",
    "PaymentTransaction",
    "Period",
    "PricingPlan",
    "Property",
    "Purpose",
    "Reconciliation",
    "Refund",
    "RefundKind",
    "RefundState",
    "RentCharge",
    "Role",
    "Settlement",
    "SettlementLine",
    "SettlementState",
    "StateChange",
    "Status",
    "SubscriptionPeriod",
    "Tenancy",
    "Tenant",
    "Unit",
    "User",
    "WebhookEvent",
]
