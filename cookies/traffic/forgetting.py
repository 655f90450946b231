"""Whoever takes the permission back also takes the hits of this visit that are not counted yet."""

from __future__ import annotations

import logging

from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from cookies.traffic.buffer import buffer
from cookies.traffic.hit import COOKIE, visitor_key
from cookies.traffic.waiting import HITS, salt_of, valkey

logger = logging.getLogger(__name__)


def forget_visit(request: HttpRequest) -> int:
    """Remove the waiting hits of the visitor who sends this request; says how many."""
    cookie = request.COOKIES.get(COOKIE)
    if not cookie:
        return 0
    try:
        visitor = visitor_key(cookie, salt_of(timezone.localdate()))
        gone = buffer.forget(visitor)
        for line in valkey().lrange(HITS, 0, -1):
            if line.decode().endswith("\t" + visitor):
                gone += int(valkey().lrem(HITS, 0, line))
    except (RedisError, OSError) as error:
        logger.warning("Waiting page views could not be searched: %s", type(error).__name__)
        return 0
    return gone
