"""Whether the store is alive, and whether it can serve: for the machines that watch it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError


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
    """PostgreSQL answers; Valkey is reported, but its absence only delays, so it does not make the store unready."""
    parts = {"postgresql": True, "valkey": True}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with the database, the answer is the same
        parts["postgresql"] = False
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as valkey:
            valkey.ping()
    except RedisError:
        parts["valkey"] = False
    return JsonResponse(parts, status=200 if parts["postgresql"] else 503)
