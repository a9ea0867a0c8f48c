"""Turns what happened into webhooks, altered by the faults that are set for them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from phonepe_simulator.faults.active import ActiveFaults
from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.faults.response_damage import alter_document
from phonepe_simulator.messages import json_bytes
from phonepe_simulator.settings import Settings
from phonepe_simulator.webhooks.delivery import WebhookDelivery, WebhookTarget, new_delivery
from phonepe_simulator.webhooks.outbox import Outbox

FORGED = "0" * 64
HELD_FOR_AT_MOST = 60.0


class Announce(Protocol):
    """Queues a webhook about something that happened at an instant."""

    def __call__(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None: ...


class WebhookSender:
    def __init__(
        self,
        outbox: Outbox,
        target: Callable[[], WebhookTarget],
        faults: ActiveFaults,
        settings: Callable[[], Settings],
    ) -> None:
        self._outbox = outbox
        self._target = target
        self._faults = faults
        self._settings = settings

    def announce(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None:
        faults = self._faults.draw("webhook", event, merchant_order_id)
        fault = next(iter(faults), None)
        due_at = at + timedelta(seconds=self._settings().webhook_delay)
        delivery = new_delivery(event, payload, target=self._target(), at=at, merchant_order_id=merchant_order_id)
        if fault is None:
            self._outbox.add(delivery, due_at)
        else:
            self._add_with_fault(delivery, due_at, fault)

    def _add_with_fault(self, delivery: WebhookDelivery, due_at: datetime, fault: Fault) -> None:
        wait = timedelta(seconds=HELD_FOR_AT_MOST if fault.seconds is None else fault.seconds)
        match fault.kind:
            case "webhook_lost":
                return
            case "webhook_late":
                self._outbox.add(delivery, due_at + wait)
            case "webhook_reordered":
                self._outbox.add(delivery, due_at + wait, is_held=True)
            case "webhook_repeated":
                for _ in range(2 if fault.value is None else fault.value):
                    self._outbox.add(delivery, due_at)
            case "webhook_forged":
                forged = replace(delivery, headers={**delivery.headers, "Authorization": FORGED})
                self._outbox.add(forged, due_at, is_retried=False)
            case _:
                self._outbox.add(_altered(delivery, fault), due_at)


def _altered(delivery: WebhookDelivery, fault: Fault) -> WebhookDelivery:
    document = json.loads(delivery.body)
    alter_document(document["payload"], fault)
    return replace(delivery, body=json_bytes(document))
