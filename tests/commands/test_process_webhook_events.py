"""manage.py process_webhook_events: what waits, what failed, and one again."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import OperatorAction, Payment, WebhookEvent
from core.services.webhooks import readers
from tests.deliveries import delivers
from tests.phonepe import Days, PhonePe


def run(*flags: str) -> Any:
    out = StringIO()
    call_command("process_webhook_events", "--json", *flags, stdout=out)
    return json.loads(out.getvalue())


def test_it_reads_what_waits(payment: Payment, phonepe: PhonePe) -> None:
    phonepe.pays(payment)
    phonepe.delivers()

    assert run() == {"read": 1, "waiting": 0}
    assert WebhookEvent.objects.get().outcome == "asked"
    assert run() == {"read": 0, "waiting": 0}


def test_what_failed_waits_for_its_time_unless_it_is_wanted(
    db: None, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivers()
    with monkeypatch.context() as broken:
        broken.setitem(readers.READERS, "", lambda *_: 1 / 0)
        assert run() == {"read": 0, "waiting": 1}

    assert run() == {"read": 0, "waiting": 1}
    assert run("--failed") == {"read": 1, "waiting": 0}


@pytest.mark.parametrize("written", ["webhook:{}", "{}", " WEBHOOK:{} "])
def test_one_is_read_again_with_a_trace(payment: Payment, phonepe: PhonePe, days: Days, written: str) -> None:
    phonepe.pays(payment)
    phonepe.delivers()
    days.tick_for(21)
    event = WebhookEvent.objects.get()

    said = run("--replay", written.format(event.pk), "--reason", "To see it again")

    assert said == {
        "webhook": f"webhook:{event.pk}",
        "event": "checkout.order.completed",
        "order": payment.merchant_order_id,
        "outcome": "settled",
        "read": 1,
    }
    assert OperatorAction.objects.get().reason == "To see it again"


@pytest.mark.parametrize("number", ["0", "webhook:999", "nine", "webhook:", "9" * 30, "-1"])
def test_a_webhook_that_is_none_gets_a_sentence(db: None, number: str) -> None:
    with pytest.raises(CommandError, match="There is no webhook"):
        call_command("process_webhook_events", f"--replay={number}")


def test_people_get_a_sentence(db: None) -> None:
    delivers()
    out = StringIO()
    call_command("process_webhook_events", stdout=out)

    assert out.getvalue() == "Read 1 webhooks; 0 wait to be read or tried again.\n"
