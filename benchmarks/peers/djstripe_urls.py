"""dj-stripe's own address for webhooks, and one by which it is seen to serve."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("healthz", lambda _request: HttpResponse()),
    path("stripe/", include("djstripe.urls", namespace="djstripe")),
]
