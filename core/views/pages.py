"""Long lists come in pages, each with the address of the next."""

from typing import Any

from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class Pages(CursorPagination):
    """Base: a subclass names its order, and tells what can be a position in it."""

    page_size = 50
    invalid_cursor_message = "Start again from the first page."

    def is_position(self, written: str) -> bool:
        """Tell whether a text can be compared with what the list is ordered by."""
        raise NotImplementedError

    def decode_cursor(self, request: Request) -> Any:
        """:raises exceptions.NotFound: also for a position that the database could not compare"""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not self.is_position(str(cursor.position)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response_schema(self, schema: Any) -> Any:
        address = {"type": ["string", "null"], "format": "uri"}
        pages = {"next": address, "previous": address, "results": schema}
        return {"type": "object", "required": list(pages), "properties": pages}
