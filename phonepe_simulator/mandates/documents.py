"""The JSON of AutoPay's answers and webhooks."""

from typing import Any
from urllib.parse import quote, urlencode

from phonepe_simulator.clock import epoch_millis
from phonepe_simulator.ids import IST
from phonepe_simulator.mandates.mandate import Mandate, MandateState, Redemption
from phonepe_simulator.payments.attempts import Attempt, State
from phonepe_simulator.payments.documents import Document, attempt_details, order_status
from phonepe_simulator.payments.orders import Order


def setup_answer(mandate: Mandate, link: str) -> Document:
    order = mandate.setup
    document: Document = {"orderId": order.order_id, "state": order.state.value}
    if mandate.target_app is not None:
        document |= {"intentUrl": link, "nativeOtpEnabled": False}
    return document


def intent_url(mandate: Mandate, merchant_name: str) -> str:
    """Return the link that a UPI app opens to ask its owner for the mandate."""
    order = mandate.setup
    local = order.created_at.astimezone(IST)
    fields = {
        "mn": "Autopay",
        "ver": "01",
        "rev": "Y",
        "purpose": "14",
        "validityend": f"{mandate.expire_at.astimezone(IST):%d%m%Y}",
        "QRts": local.isoformat(),
        "QRexpire": order.expire_at.astimezone(IST).isoformat(),
        "txnType": "CREATE",
        "am": _rupees(mandate.max_amount),
        "validitystart": f"{local:%d%m%Y}",
        "mode": "04",
        "pa": "SIMULATOR@ybl",
        "cu": "INR",
        "amrule": "MAX",
        "fam": _rupees(order.amount),
        "recur": "ASPRESENTED",
        "share": "Y",
        "block": "N",
        "tr": order.attempts[0].transaction_id,
        "pn": merchant_name,
    }
    return f"upi://mandate?{urlencode(fields, quote_via=quote, safe=':@')}"


def _rupees(paise: int) -> str:
    return f"{paise // 100}.{paise % 100:02d}"


def notify_answer(redemption: Redemption) -> Document:
    order = redemption.order
    return {
        "orderId": order.order_id,
        "state": order.told_state,
        "expireAt": epoch_millis(order.expire_at),
        "nativeOtpEnabled": False,
    }


def redeem_answer(redemption: Redemption) -> Document:
    latest = redemption.order.attempts[-1]
    return {"state": redemption.order.told_state, "transactionId": latest.transaction_id}


def mandate_status(mandate: Mandate) -> Document:
    is_paused = mandate.state is MandateState.PAUSED
    return {
        "merchantSubscriptionId": mandate.merchant_subscription_id,
        "subscriptionId": mandate.subscription_id,
        "state": mandate.state.value,
        "productType": "UPI_MANDATE",
        "authInstrumentType": "UPI",
        "authWorkflowType": mandate.workflow,
        "amountType": mandate.amount_type,
        "currency": "INR",
        "maxAmount": mandate.max_amount,
        "frequency": mandate.frequency,
        "expireAt": epoch_millis(mandate.expire_at),
        "pauseStartDate": epoch_millis(mandate.pause_start) if is_paused and mandate.pause_start else None,
        "pauseEndDate": epoch_millis(mandate.pause_end) if is_paused and mandate.pause_end else None,
    }


def mandate_event(mandate: Mandate) -> Document:
    """Return the payload of a webhook about a change of the mandate's state."""
    document = mandate_status(mandate)
    return {key: document[key] for key in document if key not in ("productType", "authInstrumentType", "currency")}


def setup_flow(mandate: Mandate) -> Document:
    return {
        "type": "SUBSCRIPTION_SETUP",
        "merchantSubscriptionId": mandate.merchant_subscription_id,
        "authWorkflowType": mandate.workflow,
        "amountType": mandate.amount_type,
        "maxAmount": mandate.max_amount,
        "frequency": mandate.frequency,
        "expireAt": epoch_millis(mandate.expire_at),
        "subscriptionId": mandate.subscription_id,
    }


def redemption_flow(redemption: Redemption) -> Document:
    document: Document = {
        "type": "SUBSCRIPTION_REDEMPTION",
        "merchantSubscriptionId": redemption.mandate.merchant_subscription_id,
        "redemptionRetryStrategy": redemption.strategy,
        "autoDebit": redemption.auto_debit,
    }
    if redemption.notified_at and redemption.valid_after:
        document |= {
            "validAfter": epoch_millis(redemption.valid_after),
            "validUpto": epoch_millis(redemption.order.expire_at),
            "notifiedAt": epoch_millis(redemption.notified_at),
        }
    return document


def mandate_order_status(
    order: Order, attempts: list[Attempt], flow: Document, merchant_id: str, *, error_context: bool
) -> Document:
    document = order_status(order, attempts, error_context=error_context)
    return {
        "merchantId": merchant_id,
        "merchantOrderId": order.merchant_order_id,
        **document,
        "state": order.told_state,
        "currency": "INR",
        "paymentFlow": flow,
    }


def mandate_order_event(
    order: Order, flow: Document, merchant_id: str, *, shown: list[Attempt], with_codes_of: Attempt | None = None
) -> Document:
    """Return the payload of a webhook about a setup or a debit, or about one attempt of it."""
    document: Document = {
        "merchantId": merchant_id,
        "merchantOrderId": order.merchant_order_id,
        "orderId": order.order_id,
        "state": order.told_state,
        "amount": order.amount,
        "expireAt": epoch_millis(order.expire_at),
        "paymentFlow": flow,
    }
    failure = with_codes_of.failure if with_codes_of else order.failure
    if failure:
        document |= {"errorCode": failure.error_code, "detailedErrorCode": failure.detailed_error_code}
    if order.meta_info:
        document["metaInfo"] = dict(order.meta_info)
    if shown:
        document["paymentDetails"] = [_in_event(attempt) for attempt in shown]
    return document


def _in_event(attempt: Attempt) -> Document:
    details = attempt_details(attempt)
    details.pop("splitInstruments", None)
    if attempt.state is State.FAILED and attempt.mode == "UPI_AUTO_PAY":
        details |= _payer(attempt)
    return details


def _payer(attempt: Attempt) -> dict[str, Any]:
    return {"rail": dict(attempt.rail), "instrument": dict(attempt.instrument)}
