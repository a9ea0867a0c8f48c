"""Statements of account, as JSON, CSV or PDF: as Accept says, or `?format=`."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.db.replica import from_replica
from core.errors import NotFound
from core.serializers.statements import AskStatementSerializer, StatementSerializer
from core.services.documents.pdf import DocumentsBusy
from core.services.documents.statement_files import TooLongForPDF, file_name, statement_csv, statement_pdf
from core.services.ledger.statements import HasNoStatement, Statement, statement_for
from core.views.negotiation import FormatFirst
from core.views.schema import refuses


class FileRenderer(BaseRenderer):
    """Passes on the bytes of a file."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:  # noqa: ARG002 - DRF's signature
        return data


class CSVRenderer(FileRenderer):
    media_type, format, charset = "text/csv", "csv", "utf-8"


class PDFRenderer(FileRenderer):
    media_type, format, charset = "application/pdf", "pdf", None
    render_style = "binary"


FILES: dict[str, Callable[[Statement], bytes]] = {"csv": statement_csv, "pdf": statement_pdf}


class StatementView(APIView):
    """What an account stood at, what moved it, and what it stands at."""

    renderer_classes = [JSONRenderer, CSVRenderer, PDFRenderer]
    content_negotiation_class = FormatFirst
    metadata_class = None  # OPTIONS tells of JSON, and cannot be a file

    @extend_schema(
        parameters=[
            AskStatementSerializer,
            OpenApiParameter("format", enum=["json", *FILES], description="Left out: what `Accept` asks for."),
        ],
        responses={
            (200, "application/json"): StatementSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
        extensions=refuses(HasNoStatement, TooLongForPDF, DocumentsBusy, NotFound),
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Get the statement of account for some days: a tenant's own, an owner's own, or whose staff name.

        A tenant's amounts are positive where the tenant owes, an owner's where Zelton holds money for them.
        """
        asked = AskStatementSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        whose = {name: asked.validated_data.get(name) for name in ("tenancy", "owner")}
        statement = statement_for(request.user, asked.days(), **whose)  # type: ignore[arg-type]
        return _answer(statement, request.accepted_renderer.format)

    def handle_exception(self, exc: Exception) -> Response:
        """Tell what is wrong in JSON, whatever was asked for."""
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)


def _answer(statement: Statement, form: str) -> Response:
    if form not in FILES:
        return Response(StatementSerializer(statement).data)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(statement, form)}"'}
    return Response(FILES[form](statement), headers=headers)
