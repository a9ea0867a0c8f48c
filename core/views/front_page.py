"""Tell whoever comes to the server's own address where to go: a person with a page, a program with JSON."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from core.views.problems import SAFE, takes

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
FORMS = ("application/json", "text/html")  # the first one is for those to whom all are alike, as curl is


@takes(*SAFE)
def front_page(request: HttpRequest) -> HttpResponse:
    """Name the places of this server that somebody may look for; it tells nothing that only some may know."""
    if request.get_preferred_type(FORMS) == "text/html":
        context = {"app_url": settings.APP_URL, "is_sandbox": not settings.PRODUCTION}
        response = render(request, "front_page.html", context)
        response["Content-Security-Policy"] = POLICY
    else:
        names = ("docs", "schema", "login", "admin", "health", "ready")
        addresses = (
            reverse("docs"),
            reverse("schema"),
            reverse("login"),
            reverse("admin:index"),
            "/healthz",
            "/readyz",
        )
        places = {name: request.build_absolute_uri(address) for name, address in zip(names, addresses, strict=True)}
        response = JsonResponse({"name": "Zelton", "phonepe": settings.PHONEPE_ENVIRONMENT, **places})
    patch_vary_headers(response, ["Accept"])
    return response
