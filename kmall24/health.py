"""Whether the store is alive, and whether it can serve: for the machines that watch it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from cookies.traffic.lateness import PROMISED, lateness
from privacy.quarantine import journal_problem
from privacy.queries import policy_is_as_published

_NEEDED = ("postgresql", "policy", "journal", "traffic")


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """PostgreSQL answers, the policy is the one that was published, no page view waits for longer than it says, and the
    database is as new as the journal of erasures, of which no line is lost.

    Valkey is reported, but its absence only delays, so it does not make the store unready.
    """
    parts: dict[str, bool | str] = {
        "postgresql": True,
        "policy": True,
        "journal": True,
        "valkey": True,
        "traffic": True,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["policy"] = policy_is_as_published()
        parts["journal"] = not (wrong := journal_problem())
        if wrong:
            parts["why"] = wrong
    except Exception:  # whatever is wrong with the database, the answer is the same
        parts["postgresql"] = False
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as valkey:
            valkey.ping()
    except RedisError:
        parts["valkey"] = False
    try:
        parts["traffic"] = lateness() <= PROMISED
    except RedisError:
        pass  # what waits there cannot be asked after; what waits here was looked at
    return JsonResponse(parts, status=200 if all(parts[name] for name in _NEEDED) else 503)
