"""Sends webhooks to a merchant over HTTP."""

from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from phonepe_simulator.webhooks.delivery import Deliver, WebhookDelivery


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return the 3xx itself as the answer: the secret header must not travel to another host."""


def deliver_over_http(timeout: Callable[[], float]) -> Deliver:
    """Return a function that posts a delivery to its URL; `timeout` gives the seconds to wait for each."""
    # No proxy from the environment: the merchant of a simulator is on this machine or on its network.
    opener = build_opener(ProxyHandler({}), _NoRedirects)

    def deliver(delivery: WebhookDelivery) -> int | None:
        return _post(opener, delivery, timeout())

    return deliver


def _post(opener: OpenerDirector, delivery: WebhookDelivery, timeout: float) -> int | None:
    if delivery.url is None:
        return None
    request = Request(delivery.url, data=delivery.body, headers=delivery.headers, method="POST")  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=timeout) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
    except (OSError, HTTPException, ValueError):
        return None
