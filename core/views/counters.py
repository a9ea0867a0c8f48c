"""Count what happens in a window of time: in Redis for all processes together, without Redis for this one alone."""

from functools import cache as once
from typing import Any

import redis
import structlog
from django.conf import settings
from django.core.cache import cache

logger = structlog.get_logger(__name__)
TIMEOUT = 0.2  # seconds


def count(key: str, seconds: int, *, unshared: int = 0) -> int:
    """Count one more under a key; return how many there are now, as far as this process knows.

    While Redis does not answer, this process's own count has to do.

    :param seconds: how long the first of them stays, and with it the count
    :param unshared: how many are counted here before Redis is told, so that somebody who calls seldom costs nothing
    """
    mine = _count_here(key, seconds)
    if not settings.REDIS_URL or mine <= unshared:
        return mine
    new = mine if mine == unshared + 1 else 1
    try:
        return int(_script(settings.REDIS_URL)(keys=[_name(key)], args=[new, seconds]))
    except (redis.RedisError, OSError):
        logger.warning("counted_without_redis")
        return mine


def _count_here(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ended between the two
        cache.set(key, 1, seconds)
        return 1


def _name(key: str) -> str:
    return f"zelton:count:{key}"


@once
def _client(url: str) -> Any:
    """Return a client; gunicorn's workers, which fork before they load us, each have their own."""
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


@once
def _script(url: str) -> Any:
    """Return the one step that counts."""
    return _client(url).register_script(
        """
        local counted = redis.call('INCRBY', KEYS[1], ARGV[1])
        if counted == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
        return counted
        """
    )
