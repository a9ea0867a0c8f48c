"""A change in the admin's history says what was before and what is now, where that matters later."""

from typing import Any

from django.http import HttpRequest

from core.money import rupees_for_people

NOTHING = "nothing"


class TellsChanges:
    """Names old and new values in the history.

    :cvar told_fields: the form's fields of which values are told; never one that holds a secret
    """

    told_fields: tuple[str, ...] = ()

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        message = super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]
        for part in message if not add else ():
            if part.get("changed", {}).keys() == {"fields"}:  # the row itself, no inline
                part["changed"]["fields"] = [self._told(form, name) for name in form.changed_data]
        return message

    def _told(self, form: Any, name: str) -> str:
        label = str(form.fields[name].label or name.replace("_", " "))
        if name not in self.told_fields:
            return label
        old, new = _written(name, form.initial.get(name)), _written(name, form.cleaned_data.get(name))
        return f"{label}: {old} → {new}"


def _written(name: str, value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return rupees_for_people(value) if name.endswith("_paise") else str(value)
