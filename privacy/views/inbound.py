"""The doors for a mail service that receives for the store: each mail comes signed, or with a secret, and becomes a case."""

from __future__ import annotations

import hashlib
import hmac
import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from privacy.internal.desk import receiving

# A message that was signed longer ago is refused, so that a recorded one cannot be played again for long.
FRESH_SECONDS = 5 * 60


@csrf_exempt  # the signature over the body proves the sender
@login_not_required
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Take one mail (message/rfc822). `X-Mail-Signature: t=<seconds>,v1=<HMAC-SHA256 of "t." and the body, hexadecimal>`.

    200 with the case when it is stored, now or before; anything else says: bring it again.
    """
    if not settings.PRIVACY_INBOUND_SECRET:
        raise Http404
    # Read from the wire: a letter with photographs is larger than what a form may send.
    raw = request.read(receiving.MOST_BYTES + 1)
    if not _is_signed(request.headers.get("X-Mail-Signature", ""), raw):
        return JsonResponse(
            {"detail": "The signature does not fit this mail. Sign it anew and bring it again."}, status=403
        )
    if not raw.strip():
        return JsonResponse({"detail": "There was no mail. Send the raw message as the body."}, status=400)
    case = receiving.receive_mail(raw)
    return JsonResponse({"id": str(case.pk), "kind": case.kind, "state": case.state})


@csrf_exempt  # the secret in the address proves the sender
@login_not_required
@require_http_methods(["HEAD", "POST"])
def by_service(request: HttpRequest, service: str) -> HttpResponse:
    """Take a letter as the webhook of a mail service brings it, by django-anymail: "postmark/inbound/" and the like.

    200 when it is stored, now or before; anything else says: bring it again.
    """
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404
    if request.method == "HEAD":  # some services look once whether anybody is there
        return HttpResponse()
    from privacy.internal.mailbox import services  # needs a package that only such a store has installed

    return services.take(request, service)


def signature(raw: bytes, at: int, secret: str) -> str:
    """What the mail service writes beside a mail."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _is_signed(said: str, raw: bytes) -> bool:
    told = dict(part.split("=", 1) for part in said.split(",") if "=" in part)
    if not told.get("t", "").isascii() or not told.get("t", "").isdigit():
        return False
    at = int(told["t"][:12])
    expected = signature(raw, at, settings.PRIVACY_INBOUND_SECRET)
    return abs(time.time() - at) <= FRESH_SECONDS and hmac.compare_digest(
        expected.encode(), said.encode("utf-8", "replace")
    )
