"""Choose the form of an answer where there is more than JSON, or something else."""

from collections.abc import Iterable
from typing import cast

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.errors import InvalidField


class FormatFirst(DefaultContentNegotiation):
    """`?format=` where it is given, whatever Accept says; a link cannot choose its headers."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """:raises InvalidField: if there is no such format"""
        offered = list(renderers)
        named = request.query_params.get("format", format_suffix)
        if named is None:
            return cast("tuple[BaseRenderer, str]", super().select_renderer(request, offered))
        chosen = [renderer for renderer in offered if renderer.format == named]
        if not chosen:
            names = ", ".join(renderer.format for renderer in offered)
            raise InvalidField("format", f"There is no such format here; choose one of {names}.")
        return chosen[0], str(chosen[0].media_type)


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
