"""What OPTIONS answers."""

from typing import Any

from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request


class NoFields(SimpleMetadata):
    """The address's name, purpose and forms. Which fields a body has is told by the schema, and not a second time here.

    DRF would look for the fields in a view's one serializer, which an action with its own does not have.
    """

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:  # noqa: ARG002 - DRF's signature
        return {}
