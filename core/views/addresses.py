"""Where a request comes from, as far as that can be known."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from django.conf import settings

from core.networks import counted_under, read_address

UNKNOWN = "unknown"


def caller_network(meta: Mapping[str, Any]) -> str:
    """Return what a request is counted under: an IPv4 address, or a network of IPv6 addresses.

    `X-Forwarded-For` is believed as far as `DJANGO_TRUSTED_PROXIES` say: each adds the address that it was called from
    at the right, so the one that the outermost of them added is the caller's. What stands further left may be anything.

    :param meta: of the request, as WSGI names it
    """
    address = caller_address(meta)
    return counted_under(address) if address else UNKNOWN


def caller_address(meta: Mapping[str, Any]) -> IPv4Address | IPv6Address | None:
    """Return the address itself, if it can be known."""
    behind = settings.TRUSTED_PROXIES
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    direct = read_address(str(meta.get("REMOTE_ADDR", "")))
    return (read_address(forwarded[-min(behind, len(forwarded))]) if behind else None) or direct
