"""When a worker last did beat's tick, kept in Redis: the one trace that beat and worker leave together."""

from datetime import UTC, datetime
from functools import cache

import redis
from django.conf import settings

KEY = "zelton:last_tick"
KEPT_FOR = 24 * 3600  # seconds
TIMEOUT = 0.2  # seconds


def note_tick(now: datetime) -> None:
    """Note that beat's tick is being done. Without Redis, or while it is gone, nothing is noted."""
    if settings.REDIS_URL:
        try:
            _client(settings.REDIS_URL).set(KEY, now.timestamp(), ex=KEPT_FOR)
        except (redis.RedisError, OSError):
            return


def last_tick() -> datetime | None:
    """Return when a tick was last done, None if none was for a day.

    :raises redis.RedisError, OSError: if Redis does not answer
    """
    noted = _client(settings.REDIS_URL).get(KEY)
    return None if noted is None else datetime.fromtimestamp(float(noted), UTC)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
