"""Every address that the site has, for tests that leave none out."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Walk through the addresses, written as `resolve` writes them."""
    for each in resolver.url_patterns:
        own = str(each.pattern)
        route = before + (own.removeprefix("^") if before else own)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each, route)
