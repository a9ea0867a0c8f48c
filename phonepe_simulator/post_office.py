"""Turns what happened into webhooks, spoiled by the faults that are set for them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from phonepe_simulator.faults import Fault, FaultBox
from phonepe_simulator.messages import json_bytes
from phonepe_simulator.settings import Settings
from phonepe_simulator.spoiling import change_document
from phonepe_simulator.webhooks import Outbox, WebhookDelivery, WebhookTarget, letter

FORGED = "0" * 64
OVERTAKEN_FOR_AT_MOST = 60.0


class PostOffice:
    def __init__(
        self,
        outbox: Outbox,
        target: Callable[[], WebhookTarget],
        faults: FaultBox,
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
        written = letter(event, payload, target=self._target(), at=at, merchant_order_id=merchant_order_id)
        if fault is None:
            self._outbox.post(written, due_at)
        else:
            self._post_spoiled(written, due_at, fault)

    def _post_spoiled(self, written: WebhookDelivery, due_at: datetime, fault: Fault) -> None:
        wait = timedelta(seconds=OVERTAKEN_FOR_AT_MOST if fault.seconds is None else fault.seconds)
        match fault.kind:
            case "webhook_lost":
                return
            case "webhook_late":
                self._outbox.post(written, due_at + wait)
            case "webhook_reordered":
                self._outbox.post(written, due_at + wait, overtaken=True)
            case "webhook_repeated":
                for _ in range(2 if fault.value is None else fault.value):
                    self._outbox.post(written, due_at)
            case "webhook_forged":
                forged = replace(written, headers={**written.headers, "Authorization": FORGED})
                self._outbox.post(forged, due_at, retried=False)
            case _:
                self._outbox.post(_altered(written, fault), due_at)


def _altered(written: WebhookDelivery, fault: Fault) -> WebhookDelivery:
    document = json.loads(written.body)
    change_document(document["payload"], fault)
    return replace(written, body=json_bytes(document))
