from core.models.alerts import Alert, AlertKind
from core.models.attempts import Attempt, PaymentAttempt, ReportedBy
from core.models.calls import PhonePeCall
from core.models.guesses import Door, FamiliarPlace, PasswordGuess
from core.models.history import ChangeCause, StateChange
from core.models.idempotency import IdempotencyKey
from core.models.invoices import CreditNote, Invoice, InvoiceKind, InvoiceSeries
from core.models.ledger import BooksProof, EntryKind, JournalEntry, LedgerLine, LedgerTotal
from core.models.mandates import Mandate, MandateDebit, MandateState, RetryStrategy, Workflow
from core.models.notifications import (
    SWITCHED,
    Notification,
    NotificationChannel,
    NotificationKind,
    NotificationSwitch,
)
from core.models.operator_actions import OperatorAction
from core.models.orders import Channel, Flow, OrderState, PaymentTransaction
from core.models.payables import PAID, Payable, PaymentStatus
from core.models.payments import Payment
from core.models.people import Owner, Role, Tenant, User
from core.models.plans import BillingPeriod, PricingPlan
from core.models.property import Property, Tenancy, Unit
from core.models.reconciled import Reconciliation
from core.models.refunds import FINAL, IN_FLIGHT, NOT_ENDED, Refund, RefundKind, RefundState
from core.models.rent import RentCharge, ReversalCause
from core.models.reported_refunds import ReportedRefund, ReportOutcome
from core.models.settlements import LineOutcome, LineType, Settlement, SettlementLine, SettlementState
from core.models.subscription_status import (
    SUBSCRIPTION_MOVES,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionStatus,
)
from core.models.subscriptions import (
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentKind,
    Purpose,
    SubscriptionPeriod,
)
from core.models.suspense import Destination, Side, SuspensePlacement
from core.models.webhooks import WebhookEvent, WebhookOutcome

__all__ = [
    "FINAL",
    "IN_FLIGHT",
    "NOT_ENDED",
    "PAID",
    "SUBSCRIPTION_MOVES",
    "SWITCHED",
    "Alert",
    "AlertKind",
    "Attempt",
    "BillingPeriod",
    "BooksProof",
    "ChangeCause",
    "Channel",
    "CreditNote",
    "Destination",
    "Door",
    "EntryKind",
    "FamiliarPlace",
    "Flow",
    "IdempotencyKey",
    "Invoice",
    "InvoiceKind",
    "InvoiceSeries",
    "JournalEntry",
    "LedgerLine",
    "LedgerTotal",
    "LineOutcome",
    "LineType",
    "Mandate",
    "MandateDebit",
    "MandateState",
    "Notification",
    "NotificationChannel",
    "NotificationKind",
    "NotificationSwitch",
    "OperatorAction",
    "OrderState",
    "Owner",
    "OwnerSubscription",
    "OwnerSubscriptionPayment",
    "PasswordGuess",
    "Payable",
    "Payment",
    "PaymentAttempt",
    "PaymentKind",
    "PaymentStatus",
    "PaymentTransaction",
    "PhonePeCall",
    "PricingPlan",
    "Property",
    "Purpose",
    "Reconciliation",
    "Refund",
    "RefundKind",
    "RefundState",
    "RentCharge",
    "ReportOutcome",
    "ReportedBy",
    "ReportedRefund",
    "RetryStrategy",
    "ReversalCause",
    "Role",
    "Settlement",
    "SettlementLine",
    "SettlementState",
    "Side",
    "StateChange",
    "SubscriptionChange",
    "SubscriptionEvent",
    "SubscriptionPeriod",
    "SubscriptionStatus",
    "SuspensePlacement",
    "Tenancy",
    "Tenant",
    "Unit",
    "User",
    "WebhookEvent",
    "WebhookOutcome",
    "Workflow",
]
