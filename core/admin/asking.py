"""The operator's own reason to ask PhonePe, about orders and refunds alike."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.read_only import ReadOnlyAdmin
from core.models.reconciled import Reconciled
from core.services.claims import Told

ASK_AT_ONCE = 10  # one after the other inside one request

SENTENCES = {
    Told.FINAL: "{row}: PhonePe gave its final word, {state}; our books say {books}.",
    Told.PENDING: "{row}: PhonePe says it is still pending.",
    Told.NOT_FOUND: "{row}: PhonePe does not know it.",
    Told.UNANSWERED: "{row}: PhonePe did not answer. It is asked again by the clock.",
    Told.NOT_ASKED: "{row}: PhonePe was asked within the last three seconds; our books say {books}.",
}
LEVELS = {Told.FINAL: messages.SUCCESS, Told.NOT_FOUND: messages.WARNING, Told.UNANSWERED: messages.WARNING}
Row = TypeVar("Row", bound=Reconciled)


class AskingAdmin(ReadOnlyAdmin[Row]):
    """Asks under the same three seconds as everybody, and says what came of each."""

    actions: Any = ("ask_phonepe",)

    def ask(self, row: Row) -> Told:
        raise NotImplementedError

    def in_our_books(self, row: Any) -> str:
        return str(row.state)

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"core.change_{self.opts.model_name}")

    @admin.action(description="Ask PhonePe now", permissions=["ask"])
    def ask_phonepe(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        rows: list[Any] = list(queryset[: ASK_AT_ONCE + 1])
        if len(rows) > ASK_AT_ONCE:
            self.message_user(request, f"Choose at most {ASK_AT_ONCE} at once.", messages.ERROR)
            return
        for row in rows:
            told = self.ask(row)
            row.refresh_from_db()
            sentence = SENTENCES[told].format(row=row, state=row.state, books=self.in_our_books(row))
            self.message_user(request, sentence, LEVELS.get(told, messages.INFO))
