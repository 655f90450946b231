"""The provider's door: signed messages in, one word out."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.domain import webhook
from orders.payment.provider import NotForUs, PaymentError, WebhookRefused

logger = logging.getLogger(__name__)


@csrf_exempt  # the signature over the body proves the sender
@login_not_required
@require_POST
def payment_webhook(request: HttpRequest) -> HttpResponse:
    """200 when acted upon, now or before; 400 when it proves nothing; 503 when it should be sent again."""
    try:
        webhook.receive(request.body, request.headers)
    except NotForUs:
        pass  # the provider says more than this store listens to
    except WebhookRefused as refused:
        logger.warning("A payment message was refused: %s", type(refused).__name__)
        return HttpResponse("refused", status=400, content_type="text/plain")
    except PaymentError as error:
        logger.warning("A payment message has to be sent again: %s", type(error).__name__)
        return HttpResponse("again", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
