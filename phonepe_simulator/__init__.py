"""PhonePe's sandbox on your own machine. See README.md."""

from phonepe_simulator.attempts import Attempt
from phonepe_simulator.call_log import Call
from phonepe_simulator.checkout import NotPayableError
from phonepe_simulator.clock import Clock, SystemClock, VirtualClock
from phonepe_simulator.engine import Simulator
from phonepe_simulator.faults import Fault
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.orders import Order
from phonepe_simulator.refunds import Refund
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlements import Settlement
from phonepe_simulator.webhooks import WebhookDelivery

__all__ = [
    "Attempt",
    "Call",
    "Clock",
    "Fault",
    "NotPayableError",
    "Order",
    "Refund",
    "Request",
    "Response",
    "Settings",
    "Settlement",
    "Simulator",
    "SystemClock",
    "VirtualClock",
    "WebhookDelivery",
]
