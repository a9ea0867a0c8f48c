"""The errors that PhonePe documents, each with its HTTP status and its body."""

from typing import Any


class ApiError(Exception):
    """An answer other than 200; `reason` tells the developer why, in a header."""

    def __init__(
        self, status: int, body: dict[str, Any], *, reason: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(reason or str(body.get("code")))
        self.status = status
        self.body = body
        self.reason = reason
        self.headers = headers or {}


def bad_request(reason: str) -> ApiError:
    body = {"code": "BAD_REQUEST", "message": "Please check the inputs you have provided."}
    return ApiError(400, body, reason=reason)


def authorization_failed(reason: str) -> ApiError:
    message = "Authorization failed [message = Please check the authorization token and try again]"
    return ApiError(401, {"code": "AUTHORIZATION_FAILED", "message": message}, reason=reason)


def invalid_client(tracking_id: str, reason: str) -> ApiError:
    body = {
        "code": "INVALID_CLIENT",
        "errorCode": "OIM000",
        "message": f"Bad Request: Invalid Client, trackingId: {tracking_id}",
        "context": {"error_description": "Client authentication failure"},
    }
    return ApiError(400, body, reason=reason)


def order_already_exists(merchant_order_id: str) -> ApiError:
    body = {"code": "ORDER_ALREADY_EXISTS", "message": f"Order {merchant_order_id} exists already."}
    return ApiError(400, body, reason="merchantOrderId has been used before")


def refund_exceeds(remaining: int) -> ApiError:
    body = {"code": "REFUND_AMOUNT_EXCEEDS_ORIGINAL", "message": "Refund amount exceeds what is left of the order."}
    return ApiError(400, body, reason=f"{remaining} paise of this order can still be refunded")


def split_settlement_not_enabled() -> ApiError:
    body = {"code": "SPLIT_SETTLEMENT_NOT_ENABLED", "message": "Split settlement not enabled"}
    return ApiError(400, body, reason="the simulator's merchant has no split settlement")


def unknown_transaction(identifier: str, status: int) -> ApiError:
    body = {"code": "INVALID_TRANSACTION_ID", "message": f"No entry found for {identifier}"}
    return ApiError(status, body, reason="no such transaction or refund")


def unknown_order(code: str, merchant_id: str, merchant_order_id: str, status: int) -> ApiError:
    """Return the refusal of an unknown order; PhonePe documents a different body for each product."""
    bodies: dict[str, dict[str, Any]] = {
        "INVALID_MERCHANT_ORDER_ID": {"message": "No entry found for given merchant order id"},
        "INVALID_TRANSACTION_ID": {"message": f"No entry found for {merchant_order_id}"},
        "MERCHANT_ORDER_MAPPING_NOT_FOUND": {
            "success": False,
            "message": f"No entry found for {merchant_order_id}",
            "data": {},
        },
        "ORDER_NOT_FOUND": {
            "success": False,
            "message": f"No entry found for {merchant_id}, {merchant_order_id}",
            "data": {},
        },
    }
    return ApiError(status, {"code": code, **bodies[code]}, reason="no such merchantOrderId")


def subscription_not_found(merchant_subscription_id: str) -> ApiError:
    body = {"code": "SUBSCRIPTION_NOT_FOUND", "message": f"No entry found for {merchant_subscription_id}"}
    return ApiError(404, body, reason="no such merchantSubscriptionId")


def product_not_simulated(product: str) -> ApiError:
    """Return PhonePe's refusal of a product that the merchant has not been enabled for."""
    message = (
        f"PhonePe's {product} is not part of this simulator. "
        "It has Standard Checkout, orders for the mobile SDKs, AutoPay, refunds and settlements."
    )
    return ApiError(403, {"code": "FORBIDDEN", "message": message}, reason=message)


def unknown_path(method: str, path: str, served: str) -> ApiError:
    message = f"{method} {path} is not served. {served}"
    return ApiError(404, {"code": "NOT_FOUND", "message": message}, reason=f"{path} is not served here")


def method_not_allowed(method: str, path: str, allowed: tuple[str, ...]) -> ApiError:
    message = f"{method} is not allowed on {path}: use {' or '.join(allowed)}."
    body = {"code": "METHOD_NOT_ALLOWED", "message": message}
    return ApiError(405, body, reason=message, headers={"Allow": ", ".join(allowed)})


def body_too_large(limit: int) -> ApiError:
    body = {"code": "BAD_REQUEST", "message": "Request body too large."}
    return ApiError(413, body, reason=f"at most {limit} bytes")
