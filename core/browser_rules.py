"""What a browser may do with an answer, whoever made it: a view, static files, a refusal, a defect."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders
from django.urls import reverse

# An answer that is data: nothing in it runs, loads, is sent anywhere, or is shown inside another page.
CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Everything comes from here, and no script stands in a page. The theme's Alpine makes functions of the attributes of
# the theme's templates, which takes 'unsafe-eval'; Alpine's build without it cannot read them. The theme's pages have
# styles in them, and no place for a nonce.
ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI has styles in its page, and pictures in its styles.
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
# Some of it Django says too, but not where an answer never reaches it, such as one about a wrong Host.
RULES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}
STORED = ResponseHeaders(RULES)._store  # noqa: SLF001 - as an answer keeps its headers


def with_style(nonce: str) -> str:
    """Return the policy of a page that is closed but for a style of its own, which bears the nonce."""
    return CLOSED.replace("default-src 'none'", f"default-src 'none'; style-src 'nonce-{nonce}'")


class BrowserRules:
    """Middleware that is outside of all others, so that no answer leaves without its rules."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request.path_info))
        # Setting one after the other would cost more than a twentieth of what a webhook's answer does.
        response.headers._store.update(STORED)  # noqa: SLF001
        return response


def _policy(path: str) -> str:
    admin, docs = _addresses()
    if path.startswith(admin):
        return ADMIN
    return DOCS if path == docs else CLOSED


@cache
def _addresses() -> tuple[str, str]:
    return reverse("admin:index"), reverse("docs")
