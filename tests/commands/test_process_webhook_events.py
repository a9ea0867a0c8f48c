"""manage.py process_webhook_events: what waits, what failed, and one again."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import OperatorAction, Payment, WebhookEvent
from core.services.webhooks import readers
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


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


def test_one_that_is_read_again_in_vain_is_tried_later_as_if_it_had_just_come(
    payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = order_id_of(stranger.starts_rent())
    for name in (payment.merchant_order_id, other):
        delivers(json.dumps({"payload": {"merchantOrderId": name}}).encode())
    run()
    event, untouched = WebhookEvent.objects.order_by("-pk")
    before = WebhookEvent.objects.filter(pk=untouched.pk).values().get()
    monkeypatch.setitem(readers.READERS, "", lambda *_: 1 / 0)

    assert run("--replay", str(event.pk), "--reason", "To see it again")["read"] == 0

    event.refresh_from_db()
    assert (event.outcome, event.processed_at) == ("waiting", None)
    assert (event.tries, event.next_try_at) == (1, days.now() + timedelta(seconds=1))
    assert OperatorAction.objects.get().order.merchant_order_id == other
    assert WebhookEvent.objects.filter(pk=untouched.pk).values().get() == before


def test_one_whose_body_is_in_a_file_is_not_read_again(db: None, days: Days, tmp_path: Path) -> None:
    delivers()
    run()
    days.pass_by(91 * 24 * 3600)
    call_command("apply_retention", "--to", str(tmp_path), stdout=StringIO())
    event = WebhookEvent.objects.get()

    with pytest.raises(CommandError, match=f"in the file {event.archive} now"):
        run("--replay", str(event.pk))

    after = WebhookEvent.objects.get()
    assert (after.outcome, after.processed_at, after.archived_at) == ("unknown", event.processed_at, event.archived_at)
    assert not OperatorAction.objects.exists()


@pytest.mark.parametrize("number", ["0", "webhook:999", "nine", "webhook:", "9" * 30, "-1"])
def test_a_webhook_that_is_none_gets_a_sentence(db: None, number: str) -> None:
    with pytest.raises(CommandError, match="There is no webhook"):
        call_command("process_webhook_events", f"--replay={number}")


def test_people_get_a_sentence(db: None) -> None:
    delivers()
    out = StringIO()
    call_command("process_webhook_events", stdout=out)

    assert out.getvalue() == "Read 1 webhooks; 0 wait to be read or tried again.\n"
