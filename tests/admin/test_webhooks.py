"""Webhooks are shown as they came."""

import pytest

from core.models import WebhookEvent
from core.services.webhooks import inbox
from tests.admin.desk import Desk, words
from tests.phonepe import Days


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"event":"checkout.order.completed","payload":{"amount":1500}}', '"amount": 1500'),
        ('{"note":"किराया"}'.encode(), '"note": "किराया"'),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"\xff\xfe not text", "not text"),
        (b"[" * 100_000, "[[[["),
        (b"", "body"),
    ],
)
def test_its_body_is_text_for_people(desk: Desk, days: Days, body: bytes, shown: str) -> None:
    inbox.receive(body, now=days.now())

    page = desk.looks_at(WebhookEvent.objects.get())

    assert "<script>alert(1)" not in page.content.decode()
    assert shown.lower() in words_of(page).lower()


def words_of(page: object) -> str:
    return words(page) + " " + page.content.decode().replace("&lt;", "<").replace("&gt;", ">")  # type: ignore[attr-defined]
