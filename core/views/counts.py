"""Count what happens in a window of time: in Redis for all processes together, without Redis for this one alone."""

from functools import cache as once
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache

PATIENCE = 0.2  # seconds


def count(key: str, seconds: int, *, unshared: int = 0) -> int:
    """Count one more under a key; return how many there are now, as far as this process knows.

    :param seconds: how long the first of them stays, and with it the count
    :param unshared: how many are counted here before Redis is told, so that somebody who calls seldom costs nothing
    :raises redis.RedisError: if Redis does not answer
    """
    mine = _count_here(key, seconds)
    if not settings.REDIS_URL or mine <= unshared:
        return mine
    new = mine if mine == unshared + 1 else 1
    return int(_script(settings.REDIS_URL)(keys=[f"zelton:count:{key}"], args=[new, seconds]))


def _count_here(key: str, seconds: int) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:
        cache.set(key, 1, seconds)
        return 1


@once
def _script(url: str) -> Any:
    """Return the one step that counts; gunicorn's workers, which fork before they load us, each have their own."""
    client = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    return client.register_script(
        """
        local counted = redis.call('INCRBY', KEYS[1], ARGV[1])
        if counted == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
        return counted
        """
    )
