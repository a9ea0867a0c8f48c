"""Take in a settlement file of PhonePe's by an upload, with the service of the command."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from core.models import LineOutcome, SettlementLine
from core.money import rupees_for_people
from core.operator_site import operator_site
from core.services.operations.trace import note_action
from core.services.settlements import files
from core.services.settlements.differences import Imported, Report
from core.services.settlements.importing import import_settlements

PERMISSION = "core.import_settlement"
LARGEST = 20 * 1024 * 1024  # bytes
PATIENCE = timedelta(days=2)  # as the command's: PhonePe settles on the next working day
MOST_LINES = 200  # of a kind that are shown; the list of settlement lines has all
HEADINGS = {
    "Different": (LineOutcome.DIFFERENT,),
    "Extra: not in our books, or settled before": (LineOutcome.UNKNOWN, LineOutcome.REPEATED),
    "Chargebacks": (LineOutcome.CHARGEBACK,),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="PhonePe's settlement report (CSV or JSON)",
        widget=UnfoldAdminFileFieldWidget,
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
    )
    dry_run = forms.BooleanField(
        label="Only look: say what would be found, and write nothing",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    def clean_file(self) -> files.ParsedFile:
        given = self.cleaned_data["file"]
        if given.size > LARGEST:
            raise forms.ValidationError("This file is larger than 20 MB; give it to the command import_settlement.")
        try:
            return files.read(given.read())
        except files.NotSettlementData as problem:
            raise forms.ValidationError(f"{given.name}: {problem}") from None


def upload(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and say what it holds and how that compares with our books."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    context = {**operator_site().each_context(request), "title": "Import a settlement", "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            report = _import(request, form)
        except OperationalError:  # each settlement is written whole or not at all
            form.add_error(None, "The database is busy, or somebody else is importing just now. Try again.")
        else:
            context |= _told(report, dry_run=form.cleaned_data["dry_run"])
    return TemplateResponse(request, "admin/settlement_upload.html", context)


def _import(request: HttpRequest, form: UploadForm) -> Report:
    dry_run, now = form.cleaned_data["dry_run"], timezone.now()
    report = import_settlements(form.cleaned_data["file"], grace=PATIENCE, dry_run=dry_run, now=now)
    if not dry_run:
        user: Any = request.user
        reason = f"Uploaded {request.FILES['file'].name}"  # type: ignore[union-attr]
        with transaction.atomic():
            for each in report.settlements:
                about = f"settlement:{each.settlement.pk}"
                note_action("import_settlement", by=user, reason=reason, about=about, now=now)
    return report


def _told(report: Report, *, dry_run: bool) -> dict[str, Any]:
    return {
        "report": report,
        "dry_run": dry_run,
        "matched": len(report.with_outcome(LineOutcome.MATCHED)),
        "settlements": [(each.settlement, list(_sentences(each))) for each in report.settlements],
        "headings": {
            heading: [_line(line) for line in lines[:MOST_LINES]]
            for heading, outcomes in HEADINGS.items()
            if (lines := report.with_outcome(*outcomes))
        },
        "missing": [
            f"{gone.type} {gone.merchant_refund_id or gone.merchant_order_id}, {rupees_for_people(gone.amount_paise)}"
            for gone in report.missing[:MOST_LINES]
        ],
    }


def _sentences(each: Imported) -> Iterator[str]:
    yield f"{each.settlement.state}, {len(each.lines)} lines, paid out {rupees_for_people(each.payout_paise)}"
    yield from (*each.remarks, *each.corrections, *each.notes)
    if paise := each.unexplained_paise:
        made = rupees_for_people(each.payout_paise - paise)
        yield f"PhonePe paid {rupees_for_people(each.payout_paise)}, its lines make {made}"


def _line(line: SettlementLine) -> str:
    ids = line.merchant_refund_id or line.merchant_order_id or line.phonepe_id
    return f"{line.type} {ids}, {rupees_for_people(line.amount_paise)}: {line.remark}"


operator_site().add_page("import-settlement/", upload, name="import_settlement")
