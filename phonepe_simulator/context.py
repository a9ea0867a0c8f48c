"""What orders, refunds and settlements share."""

from collections.abc import Callable
from dataclasses import dataclass

from phonepe_simulator.clock import Clock
from phonepe_simulator.ids import IdGenerator
from phonepe_simulator.scheduler import Scheduler
from phonepe_simulator.settings import Settings
from phonepe_simulator.webhooks.sender import Announce


@dataclass(frozen=True, slots=True)
class Context:
    clock: Clock
    ids: IdGenerator
    settings: Callable[[], Settings]
    scheduler: Scheduler
    announce: Announce
