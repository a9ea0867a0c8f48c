"""Say in our words, to a person, what Django, DRF and knox say to a programmer."""

import re
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination

LOG_IN = "Log in first, and send the token as `Authorization: Token …`."
LOG_IN_AGAIN = "This token is not valid any more. Log in again."

# A framework's class and the name of its message; {name} is the field's, {words} is how a person calls the field.
_FIELDS: list[tuple[Any, str, str]] = [
    (serializers.Field, "required", "Give the {words}."),
    (serializers.Field, "null", "{name} must not be null."),
    (serializers.CharField, "blank", "Give the {words}."),
    (serializers.CharField, "invalid", "{name} must be text."),
    (serializers.CharField, "max_length", "{name} may have at most {max_length} characters."),
    (serializers.IntegerField, "invalid", "{name} must be a whole number."),
    (serializers.IntegerField, "max_value", "{name} must be at most {max_value}."),
    (serializers.IntegerField, "min_value", "{name} must be at least {min_value}."),
    (serializers.IntegerField, "max_string_length", "{name} is too long."),
    (serializers.ListField, "not_a_list", "{name} must be a list."),
    (serializers.ListField, "empty", "{name} must not be empty."),
    (serializers.ListField, "max_length", "{name} may have at most {max_length} items."),
    (serializers.PrimaryKeyRelatedField, "does_not_exist", "There is no such {words}."),
    (serializers.PrimaryKeyRelatedField, "incorrect_type", "{name} must be a whole number."),
    (forms.DateTimeField, "invalid", "{name} must be a date and time, for example 2026-04-30T18:30:00Z."),
    (forms.ModelChoiceField, "invalid_choice", "There is no such {words}."),
    (forms.ChoiceField, "invalid_choice", "There is no such {words}."),
]
_REQUESTS: list[tuple[Any, str]] = [
    (ProhibitNullCharactersValidator.message, "{name} must not have a NUL in it."),
    (exceptions.NotAuthenticated.default_detail, LOG_IN),
    ("Invalid token header.{why}", LOG_IN),
    ("Invalid token.", LOG_IN_AGAIN),
    ("User inactive or deleted.", LOG_IN_AGAIN),
    (exceptions.PermissionDenied.default_detail, "You may not do this."),
    (exceptions.MethodNotAllowed.default_detail, "This address takes {methods}, and not {method}."),
    (exceptions.NotAcceptable.default_detail, "Ask for {forms} in `Accept`; this address has nothing else."),
    (exceptions.UnsupportedMediaType.default_detail, "Send JSON, with `Content-Type: application/json`."),
    ("Request was throttled. Expected available in {when}.", "Too many requests. Try again in {when}."),
    (CursorPagination.invalid_cursor_message, "Start again from the first page."),
]
_GAP = re.compile(r"\\{(\w+)\\}|%\\?\((\w+)\\\)s")


def _reader(template: Any) -> re.Pattern[str]:
    """Match whatever a framework makes of its template, and name what it filled in."""
    return re.compile(_GAP.sub(lambda gap: f"(?P<{gap[1] or gap[2]}>.*)", re.escape(str(template))), re.DOTALL)


_OURS = [
    *((_reader(kind.default_error_messages[message]), ours) for kind, message, ours in _FIELDS),
    *((_reader(template), ours) for template, ours in _REQUESTS),
]


def in_our_words(sentence: str, *, field: str = "", view: Any = None) -> str:
    """Return a framework's sentence in our words, and any other as it is.

    :param field: what the sentence is about, if about one
    :param view: what was asked, to tell what it takes and gives
    """
    for theirs, ours in _OURS:
        if found := theirs.fullmatch(sentence):
            words = field.removesuffix("_id").replace("_", " ")
            return ours.format(name=field, words=words, **_about(view), **found.groupdict())
    return sentence


def _about(view: Any) -> dict[str, str]:
    methods = [method for method in getattr(view, "allowed_methods", ()) if method not in {"HEAD", "OPTIONS"}]
    forms = [renderer.media_type for renderer in getattr(view, "renderer_classes", ())]
    return {"methods": " and ".join(methods), "forms": " or ".join(forms)}
