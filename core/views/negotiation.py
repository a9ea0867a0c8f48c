"""Choose the form of an answer where there is more than JSON, or something else."""

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.errors import InvalidField


class FormatFirst(DefaultContentNegotiation):
    """`?format=` where it is given, whatever Accept says; a link cannot choose its headers."""

    def get_accept_list(self, request: Request) -> list[str]:
        named = request.query_params.get(str(self.settings.URL_FORMAT_OVERRIDE))
        return ["*/*"] if named else super().get_accept_list(request)

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:  # noqa: A002
        offered = list(renderers)
        chosen = [renderer for renderer in offered if renderer.format == format]
        if not chosen:
            names = ", ".join(renderer.format for renderer in offered)
            raise InvalidField("format", f"There is no such format here; choose one of {names}.")
        return chosen


class OneForm(DefaultContentNegotiation):
    """The one form there is, whatever Accept says; a view that answers with a file renders its errors alone."""

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
