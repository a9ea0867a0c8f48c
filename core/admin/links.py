"""Ways from one page of the admin to another, without a query."""

from datetime import datetime

from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

NOTHING = "-"


def link(target: Model | None) -> str | SafeString:
    """Return a link to one row."""
    if target is None or target.pk is None:
        return NOTHING
    meta = target._meta
    return format_html(
        '<a href="{}">{}</a>', reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[target.pk]), target
    )


def moment(at: datetime | None) -> str:
    """Return a moment as every other is shown: in India, with seconds, the zone named."""
    return NOTHING if at is None else date_format(localtime(at), "DATETIME_FORMAT")


def list_link(model: type[Model], text: str, **query: str | int) -> str | SafeString:
    """Return a link to the rows of a list that a filter or a search (`q`) leaves."""
    if not text:
        return NOTHING
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(query), text)
