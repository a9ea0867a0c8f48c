"""Where a simulated world's mail arrives."""

from collections.abc import Sequence
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection


class Mailbox(BaseEmailBackend):
    """
    :cvar letters: the ids of all that came, in the order in which they came
    :cvar wrong: what should not have come
    """

    letters: ClassVar[list[str]] = []
    wrong: ClassVar[list[str]] = []

    @classmethod
    def empty(cls) -> None:
        cls.letters.clear()
        cls.wrong.clear()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if connection.in_atomic_block:
                self.wrong.append(f"“{message.subject}” is sent to {message.to} before its cause is committed")
            self.letters.append(str(message.extra_headers["Message-ID"]).strip("<>").partition("@")[0])
        return len(email_messages)
