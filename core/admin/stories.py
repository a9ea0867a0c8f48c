"""The story of some money on its page: what happened, in order, and what can be done now."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from core.money import rupees_for_people
from core.services.timeline import Event, story_of

# An icon of Material Symbols for each kind of event.
ICONS = {
    "initiated": "play_circle",
    "call": "call_made",
    "attempt": "touch_app",
    "webhook": "webhook",
    "status": "flag",
    "refund": "undo",
    "ledger": "menu_book",
    "settlement": "account_balance",
    "notification": "mail",
    "alert": "notifications",
    "operator": "person",
}


TOLD_WHOLE = ("call", "status", "ledger")


class TellsStory:
    """A page with its row's story beneath its facts."""

    change_form_outer_after_template = "admin/story.html"

    def told_by(self, row: Any) -> Model:
        """Return the row whose story it is."""
        found: Model = row
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        told: dict[str, Any] = {}
        if row is not None and self.has_view_permission(request, row):  # type: ignore[attr-defined]
            story = story_of(self.told_by(row))
            told = {"story": [(ICONS.get(event.kind, "circle"), event, _facts(event)) for event in story.events]}
            told["next_steps"] = story.next_steps
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**told, **(extra_context or {})})  # type: ignore[misc]
        return answer


def _facts(event: Event) -> str:
    """Return an event's other facts in one line, where its sentence does not hold them; empty ones left out."""
    if event.kind in TOLD_WHOLE:
        return ""
    facts = ((name, value) for name, value in event.detail.items() if isinstance(value, str | int) and value != "")
    return ", ".join(_fact(name, value) for name, value in facts)


def _fact(name: str, value: str | int) -> str:
    if name.endswith("_paise") and isinstance(value, int):
        return f"{name.removesuffix('_paise').replace('_', ' ')}: {rupees_for_people(value)}"
    return f"{name.replace('_', ' ')}: {value}"
