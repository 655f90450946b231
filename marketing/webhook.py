"""The text message service's door: an answer to one of our messages comes in, signed; STOP holds from the commit on."""

import json
import logging
import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketing.domain import replying
from orders.payment import signature
from orders.payment.provider import WebhookRefused

logger = logging.getLogger(__name__)


@csrf_exempt  # the signature over the body proves the sender
@login_not_required
@require_POST
def incoming_text(request: HttpRequest) -> HttpResponse:
    """200 when acted upon, now or before, and for what asks for nothing; 400 when it proves nothing."""
    try:
        header = request.headers.get(signature.HEADER, "")
        signature.verify(settings.MARKETING_TEXTS_SECRET, request.body, header, time.time())
        said = json.loads(request.body)
        reply = replying.Reply(str(said["from"]), str(said["text"]))
    except (WebhookRefused, ValueError, KeyError, TypeError) as refused:
        logger.warning("An answer by text message was refused: %s", type(refused).__name__)
        return HttpResponse("refused", status=400, content_type="text/plain")
    replying.take(reply)
    return HttpResponse("ok", content_type="text/plain")
