"""The JSON of PhonePe's answers and webhooks about orders and refunds."""

from collections.abc import Iterable
from typing import Any

from phonepe_simulator.clock import epoch_millis
from phonepe_simulator.payments.attempts import Attempt, State
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund, RefundState

Document = dict[str, Any]


def pay_answer(order: Order, redirect_url: str) -> Document:
    return {**created(order), "redirectUrl": redirect_url}


def sdk_order_answer(order: Order) -> Document:
    return {**created(order), "token": order.token}


def created(order: Order) -> Document:
    """Return what every call that makes an order answers."""
    return {"orderId": order.order_id, "state": order.state.value, "expireAt": epoch_millis(order.expire_at)}


def order_status(order: Order, attempts: Iterable[Attempt], *, error_context: bool) -> Document:
    document: Document = {"orderId": order.order_id, "state": order.state.value, "amount": order.amount}
    if order.state is State.COMPLETED:
        document |= {"payableAmount": order.amount, "feeAmount": 0}
    document["expireAt"] = epoch_millis(order.expire_at)
    if order.failure:
        document |= _error_codes(order.failure.error_code, order.failure.detailed_error_code)
    if order.meta_info:
        document["metaInfo"] = dict(order.meta_info)
    document["paymentDetails"] = [attempt_details(attempt) for attempt in attempts]
    if order.failure and error_context:
        document["errorContext"] = _error_context(order)
    return document


def attempt_details(attempt: Attempt) -> Document:
    document: Document = {
        "transactionId": attempt.transaction_id,
        "paymentMode": str(attempt.mode),
        "timestamp": epoch_millis(attempt.at),
        "amount": attempt.amount,
        "payableAmount": attempt.amount,
        "feeAmount": 0,
        "state": attempt.state.value,
    }
    if attempt.failure:
        document |= _error_codes(attempt.failure.error_code, attempt.failure.detailed_error_code)
    if attempt.state is State.COMPLETED:
        document |= _money_trail(attempt.rail, attempt.instrument, attempt.amount)
    return document


def _money_trail(rail: Document, instrument: Document, amount: int) -> Document:
    part = {"instrument": dict(instrument), "rail": dict(rail), "amount": amount}
    return {"rail": dict(rail), "instrument": dict(instrument), "splitInstruments": [part]}


def _error_codes(error_code: str, detailed_error_code: str) -> Document:
    return {"errorCode": error_code, "detailedErrorCode": detailed_error_code}


def _error_context(order: Order) -> Document:
    failure = order.failure
    if failure is None:
        return {}
    codes = _error_codes(failure.error_code, failure.detailed_error_code)
    return {**codes, "source": "CUSTOMER", "stage": failure.stage, "description": failure.description}


def refund_answer(refund: Refund) -> Document:
    return {"refundId": refund.refund_id, "amount": refund.amount, "state": refund.state.value}


def refund_status(refund: Refund) -> Document:
    document: Document = {
        "originalMerchantOrderId": refund.merchant_order_id,
        "amount": refund.amount,
        "state": refund.state.value,
        "timestamp": epoch_millis(refund.at),
        "refundId": refund.refund_id,
    }
    if refund.failure:
        document |= _error_codes(refund.failure.error_code, refund.failure.detailed_error_code)
    trail = _money_trail(refund.rail, refund.instrument, refund.amount)
    if refund.state is RefundState.COMPLETED:
        document["splitInstruments"] = trail["splitInstruments"]
    document["paymentDetails"] = [refund_details(refund)]
    return document


def refund_details(refund: Refund) -> Document:
    document: Document = {
        "transactionId": refund.refund_id,
        "paymentMode": str(refund.mode),
        "timestamp": epoch_millis(refund.at),
        "amount": refund.amount,
        "state": refund.state.value,
    }
    if refund.failure:
        document |= _error_codes(refund.failure.error_code, refund.failure.detailed_error_code)
    if refund.state is RefundState.COMPLETED:
        document |= _money_trail(refund.rail, refund.instrument, refund.amount)
    return document


def order_event(order: Order, merchant_id: str, *, attempt: Attempt | None = None) -> Document:
    """Return the payload of a webhook about an order, or about one failed attempt of it."""
    document: Document = {
        "merchantId": merchant_id,
        "merchantOrderId": order.merchant_order_id,
        "orderId": order.order_id,
        "state": order.state.value,
        "amount": order.amount,
        "expireAt": epoch_millis(order.expire_at),
    }
    if attempt and attempt.failure:
        document |= _error_codes(attempt.failure.error_code, attempt.failure.detailed_error_code)
    if order.meta_info:
        document["metaInfo"] = dict(order.meta_info)
    shown = [attempt] if attempt else order.attempts
    document["paymentDetails"] = [_attempt_in_event(each, is_web=order.is_web) for each in shown]
    return document


def _attempt_in_event(attempt: Attempt, *, is_web: bool) -> Document:
    """Return an attempt; only those of mobile orders include where the money came from."""
    details = attempt_details(attempt)
    fields = ("transactionId", "paymentMode", "timestamp", "amount", "state", "errorCode", "detailedErrorCode")
    kept = fields if is_web else (*fields, "splitInstruments")
    return {key: details[key] for key in kept if key in details}


def refund_event(refund: Refund, merchant_id: str) -> Document:
    if refund.state is RefundState.FAILED:
        return _failed_refund_event(refund)
    document: Document = {
        "merchantId": merchant_id,
        "merchantRefundId": refund.merchant_refund_id,
        "originalMerchantOrderId": refund.merchant_order_id,
        "amount": refund.amount,
        "state": refund.state.value,
    }
    if refund.state is RefundState.COMPLETED:
        document |= {"timestamp": epoch_millis(refund.at), "refundId": refund.refund_id}
    document["paymentDetails"] = [refund_details(refund)]
    return document


def _failed_refund_event(refund: Refund) -> Document:
    # PhonePe leaves out merchantRefundId here: only refundId identifies the refund.
    failure = refund.failure
    codes = _error_codes(failure.error_code, failure.detailed_error_code) if failure else {}
    return {
        "originalMerchantOrderId": "",
        "refundId": refund.refund_id,
        "amount": refund.amount,
        "state": refund.state.value,
        "timestamp": epoch_millis(refund.at),
        **codes,
        "paymentDetails": [refund_details(refund)],
    }
