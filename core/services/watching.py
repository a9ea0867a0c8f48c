"""What the program notices by itself and tells operators, so that nobody needs Prometheus to be told.

A worker looks, every few seconds, in its tick: whether PhonePe answers this process and accepts its credentials, and
whether webhooks come. What is over resolves its alert by itself, so that the next time is told of again.
"""

from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from core.models import Alert, AlertKind, WebhookEvent
from core.services.operations import gauges
from core.services.operations.alerts import alert
from core.services.phonepe.rate_limit import RateLimit, rate_limit

SILENT_CALLS, SILENT_SECONDS = 3, 45.0  # in a row, and since the first of them
LOOK_EVERY, LOOK_AT_WEBHOOKS_EVERY = 5.0, 60.0  # seconds
WITHOUT_A_WEBHOOK = 3  # orders in a row
OF_PHONEPE = (AlertKind.PHONEPE_DOWN, AlertKind.CREDENTIALS_REFUSED)
OF_WEBHOOKS = (AlertKind.WEBHOOKS_SILENT, AlertKind.WEBHOOKS_REFUSED)


class Watch:
    """Remembers when one process looked last, and what it told of."""

    def __init__(self) -> None:
        self._next_look = self._next_look_at_webhooks = float("-inf")
        self._told_of: float | None = None  # when the silence began that operators were told of

    def look(self, limit: RateLimit, *, now: datetime) -> None:
        """Raise an alert about what is wrong, and resolve those that are over; often called, it seldom looks.

        :param limit: whose breaker knows whether PhonePe answers, and on whose clock to look
        """
        clock = limit.clock()
        if clock >= self._next_look:
            self._next_look = clock + LOOK_EVERY
            self._look_at_phonepe(limit, now)
        if clock >= self._next_look_at_webhooks:
            self._next_look_at_webhooks = clock + LOOK_AT_WEBHOOKS_EVERY
            look_at_webhooks(now=now)

    def _look_at_phonepe(self, limit: RateLimit, now: datetime) -> None:
        calls, began = limit.breaker.silence()
        if not calls:
            if limit.answered_at is not None:
                answered_at = datetime.fromtimestamp(limit.answered_at, UTC)
                _resolve(*OF_PHONEPE, raised_before=answered_at, now=now)
            return
        if self._told_of == began:
            return  # once for each silence, though another process may see it otherwise meanwhile
        if limit.credentials_refused:
            sentence = (
                "PhonePe does not accept our client id and secret. Nobody can pay. "
                "Compare PHONEPE_CLIENT_ID, _SECRET and _VERSION with PhonePe's dashboard."
            )
            alert(AlertKind.CREDENTIALS_REFUSED, "phonepe", sentence, now=now)
        elif calls >= SILENT_CALLS and limit.clock() - began >= SILENT_SECONDS:
            sentence = (
                f"PhonePe has not answered {calls} calls in a row. New payments get 503; "
                "those under way stay open, and go on by themselves when it is back."
            )
            alert(AlertKind.PHONEPE_DOWN, "phonepe", sentence, now=now)
        else:
            return
        self._told_of = began


def look_at_webhooks(*, now: datetime) -> None:
    """Tell operators when orders end and no webhook comes."""
    newest = WebhookEvent.objects.order_by("-pk").values_list("received_at", flat=True).first()
    if newest is not None:
        _resolve(*OF_WEBHOOKS, raised_before=newest, now=now)
    ended = gauges.newest_orders(now).filter(gauges.ended(now))
    since = ended if newest is None else ended.filter(last_checked_at__gt=newest)
    if since[:WITHOUT_A_WEBHOOK].count() == WITHOUT_A_WEBHOOK:
        came = "none has ever come" if newest is None else f"the last came {_span(now - newest)} ago"
        sentence = (
            f"{WITHOUT_A_WEBHOOK} orders or more have ended and PhonePe sent no webhook: {came}. "
            "Compare the webhook's address on PhonePe's dashboard; the clock finds payments out meanwhile."
        )
        alert(AlertKind.WEBHOOKS_SILENT, "webhooks", sentence, now=now)


def _span(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _resolve(*kinds: AlertKind, raised_before: datetime, now: datetime) -> None:
    Alert.objects.filter(kind__in=kinds, resolved_at=None, raised_at__lt=raised_before).update(resolved_at=now)


_watches: WeakKeyDictionary[RateLimit, Watch] = WeakKeyDictionary()


def look(*, now: datetime) -> None:
    """Look with this process's eyes."""
    limit = rate_limit()
    _watches.setdefault(limit, Watch()).look(limit, now=now)
