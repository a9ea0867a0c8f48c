"""Addresses of the internet: read from text, and what their requests are counted under."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPV6_PREFIX = 64  # bits; what one household or one server is given, all of it its own to send from


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address that may have a port: 192.0.2.1:80, [2001:db8::1]:80."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def counted_under(address: IPv4Address | IPv6Address) -> str:
    """Return the IPv4 address itself, or the network of an IPv6 address."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)
