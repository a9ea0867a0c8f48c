"""Count what happens in a window of time: in Redis for all processes together, without Redis for this one alone."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache as this_process

PATIENCE = 0.2  # seconds


def count(key: str, seconds: int) -> int:
    """Count one more under a key; return how many there are now.

    :param seconds: how long the first of them stays, and with it the count
    :raises redis.RedisError: if Redis does not answer
    """
    if settings.REDIS_URL:
        return int(_script(settings.REDIS_URL)(keys=[f"zelton:count:{key}"], args=[seconds]))
    try:
        return int(this_process.incr(key))
    except ValueError:
        this_process.set(key, 1, seconds)
        return 1


@cache
def _script(url: str) -> Any:
    """Return the one step that counts; gunicorn's workers, which fork before they load us, each have their own."""
    client = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    return client.register_script(
        """
        local counted = redis.call('INCR', KEYS[1])
        if counted == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
        return counted
        """
    )
