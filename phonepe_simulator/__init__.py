"""PhonePe's sandbox on your own machine. See README.md."""

from phonepe_simulator.api.call_log import Call
from phonepe_simulator.clock import Clock, RunningClock, SystemClock, VirtualClock
from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.mandates.mandate import Mandate, MandateState
from phonepe_simulator.mandates.processing import NotPossibleError
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.checkout import NotPayableError
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlements.settlement import Settlement
from phonepe_simulator.simulator import Simulator
from phonepe_simulator.version import __version__
from phonepe_simulator.webhooks.delivery import WebhookDelivery

__all__ = [
    "Attempt",
    "Call",
    "Clock",
    "Fault",
    "Mandate",
    "MandateState",
    "NotPayableError",
    "NotPossibleError",
    "Order",
    "Refund",
    "Request",
    "Response",
    "RunningClock",
    "Settings",
    "Settlement",
    "Simulator",
    "SystemClock",
    "VirtualClock",
    "WebhookDelivery",
    "__version__",
]
