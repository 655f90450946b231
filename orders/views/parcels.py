"""The courier's door: signed scans in, one word out."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.courier.provider import ScanRefused
from orders.courier.registry import courier
from orders.domain import parcels

logger = logging.getLogger(__name__)


@csrf_exempt  # the signature over the body proves the sender
@login_not_required
@require_POST
def courier_webhook(request: HttpRequest) -> HttpResponse:
    """200 when acted upon, now or before; 400 when it proves nothing; 503 when it came before we knew the parcel's number."""
    provider = courier()
    try:
        scan = provider.read_webhook(request.body, request.headers)
    except ScanRefused as refused:
        logger.warning("A courier's message was refused: %s", type(refused).__name__)
        return HttpResponse("refused", status=400, content_type="text/plain")
    try:
        parcels.heard(scan, courier_name=provider.name)
    except parcels.NotYetKnown:
        later = HttpResponse("tell it again", status=503, content_type="text/plain")
        later["Retry-After"] = "5"
        return later
    return HttpResponse("ok", content_type="text/plain")
