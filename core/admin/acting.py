"""What operators do, one mechanism for all of it: offered on a row's page or list, asked about, then done by a service.

The page that asks says what will happen, how much and to whom; it wants a reason, and only its form does anything.
If that is no longer so when the form comes back, because it came twice or somebody was faster, the page asks anew.
Who lacks the permission sees no button, and is refused at the address behind it; the service refuses once more.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.admin.links import NOTHING
from core.admin.read_only import ReadOnlyAdmin
from core.errors import DomainError
from core.models import User

LONGEST_REASON = 200  # characters
AT_ONCE = 10  # rows of a list, one after the other inside one request
CHANGED = "This has changed since you were asked. Read what it says now; nothing has been done yet."
Row = TypeVar("Row", bound=Model)


class ReasonForm(forms.Form):
    """Why it is done; a subclass asks for more."""

    reason = forms.CharField(
        max_length=LONGEST_REASON, help_text="Why. It is kept with your name, and shown with what it is about."
    )

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).replace("\0", "")


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that an operator may do to a row.

    :ivar name: in its address
    :ivar permission: what it takes, for a row
    :ivar explain: what will happen to a row
    :ivar do: does it to a row, with what the form was given, and returns a sentence; `by` and `now` are given too
    :ivar fits: whether it can be done to a row as it stands; the service decides
    :ivar concerns: primary keys of users who are refused, because it is about their own money or request
    :ivar at_once: how many rows of a list it may be done to together; 0: it is not offered there
    """

    name: str
    label: str
    permission: Callable[[Any], str]
    explain: Callable[[Any], str]
    do: Callable[..., str]
    fits: Callable[[Any], bool] = lambda _row: True
    concerns: Callable[[Any], Collection[int | None]] = lambda _row: ()
    form: type[ReasonForm] = ReasonForm
    at_once: int = AT_ONCE

    def may(self, user: Any, row: Any) -> bool:
        return isinstance(user, User) and user.may(self.permission(row))

    def is_offered(self, user: Any, row: Any) -> bool:
        """Tell whether a row's page has a button for it."""
        return self.may(user, row) and self.fits(row) and user.pk not in self.concerns(row)


class ActingAdmin(ReadOnlyAdmin[Row]):
    """A page that shows, and offers what can be done."""

    acts: tuple[Act, ...] = ()

    def acted_on(self, row: Any) -> Any:
        """Return what the acts are done to: of a payment, its order."""
        return row

    def get_urls(self) -> list[URLPattern]:
        view, meta = self.admin_site.admin_view(self.act_view), self.model._meta
        name = f"{meta.app_label}_{meta.model_name}_act"
        return [path("<path:object_id>/do/<str:name>/", view, name=name), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what_can_be_done", *super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what_can_be_done", *super().get_readonly_fields(request, obj))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.looked_at_by = request.user
        return row

    @admin.display(description="what can be done")
    def what_can_be_done(self, row: Any) -> str | SafeString:
        target, user = self.acted_on(row), getattr(row, "looked_at_by", None)
        offered = [act for act in self.acts if act.is_offered(user, target)]
        links = ((self.act_address(row, act), act.label) for act in offered)
        buttons = format_html_join("", '<a href="{}">{}</a>', links)
        return format_html('<div class="acts">{}</div>', buttons) if buttons else NOTHING

    def act_address(self, row: Model, act: Act) -> str:
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_act", args=[row.pk, act.name])

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask whether an act on one row is meant, or do it."""
        act = next((act for act in self.acts if act.name == name), None)
        row = self.get_object(request, object_id)
        if act is None or row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        meta = self.model._meta
        back = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
        return ask_or_do(request, act, [self.acted_on(row)], back=back)

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer in the list what may be done to several rows at once."""
        offered: dict[str, Any] = {}
        if self.has_view_permission(request):
            for act in self.acts:
                if act.at_once and self.may_do_to_some(request.user, act):
                    offered[act.name] = (partial(_act_on_chosen, act), act.name, act.label)
        return {**super().get_actions(request), **offered}

    def may_do_to_some(self, user: Any, act: Act) -> bool:
        """Tell whether somebody may do it to any row, where the permission depends on the row."""
        return act.may(user, None)


def _act_on_chosen(
    act: Act, model_admin: ActingAdmin[Any], request: HttpRequest, chosen: QuerySet[Any]
) -> HttpResponse | None:
    rows = list(chosen.order_by("pk")[: act.at_once + 1])
    if len(rows) > act.at_once:
        model_admin.message_user(request, f"Choose at most {act.at_once} at once.", messages.ERROR)
        return None
    hidden = [("action", act.name), *(("_selected_action", row.pk) for row in rows)]
    targets = [model_admin.acted_on(row) for row in rows]
    return ask_or_do(request, act, targets, back=request.get_full_path(), hidden=hidden)


def ask_or_do(
    request: HttpRequest, act: Act, rows: Sequence[Any], *, back: str, hidden: Iterable[tuple[str, Any]] = ()
) -> HttpResponse:
    """Show the page that asks; do it once its form comes back complete.

    :param back: where to go afterwards
    :param hidden: what the form sends along
    """
    if not all(act.may(request.user, row) for row in rows):
        raise PermissionDenied
    is_confirmed = request.method == "POST" and "confirmed" in request.POST
    form = act.form(request.POST if is_confirmed else None)
    explained = [(row, act.explain(row)) for row in rows]
    told = _fingerprint(explained)
    if is_confirmed and form.is_valid():
        if request.POST.get("told", told) != told:
            form.add_error(None, CHANGED)
        elif _done(request, act, rows, form):
            return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": act.label,
        "act": act,
        "rows": explained,
        "form": form,
        "hidden": [*hidden, ("confirmed", "yes"), ("told", told)],
        "back": back,
    }
    return TemplateResponse(request, "admin/act.html", context)


def _fingerprint(explained: Iterable[tuple[Any, str]]) -> str:
    """Return a short mark of what somebody is told before they confirm."""
    text = "\n".join(f"{row}: {sentence}" for row, sentence in explained)
    return sha256(text.encode()).hexdigest()[:16]


def _done(request: HttpRequest, act: Act, rows: Sequence[Any], form: ReasonForm) -> bool:
    """Do it to each row, and say what came of each; return False if the form has to be corrected."""
    for row in rows:
        try:
            sentence = act.do(row, **form.cleaned_data, by=cast("User", request.user), now=timezone.now())
        except DomainError as refusal:
            for field, problems in refusal.extra.get("errors", {}).items():
                form.add_error(field if field in form.fields else None, problems)
            if form.errors:
                return False
            messages.warning(request, f"{row}: {refusal.detail}")
        else:
            messages.success(request, f"{row}: {sentence}")
    return True
