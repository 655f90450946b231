"""Letters that a mail service receives, by the webhooks of django-anymail: each becomes a case, none is lost or doubled."""

from __future__ import annotations

import datetime as dt
import hashlib

from anymail.exceptions import AnymailAPIError, AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, EventType, inbound
from anymail.webhooks.base import AnymailBasicAuthMixin, AnymailCoreWebhookView
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from privacy.internal.desk import receiving

# A letter of the largest size, in base 64 and with what the service says beside it.
MOST_BYTES = receiving.MOST_BYTES * 3 // 2
# A service that kept a letter for longer than this is not believed about the day.
_OLDEST = dt.timedelta(days=10)


def take(request: HttpRequest, service: str) -> HttpResponse:
    """Take in what one service brings ("postmark/inbound/"), by Anymail's own view of it.

    As that view does, but for two things: who does not know the secret is refused before a byte of the letter is read, and
    what the view cannot read is a case in quarantine. Every other error is raised: the service then brings the letter again.
    """
    view = _view_of(service)
    view.setup(request)
    AnymailBasicAuthMixin.validate_request(view, request)
    # Read from the wire, since a letter with photographs is larger than what a form may send; Django parses from here.
    body = request.read(MOST_BYTES + 1)
    request._body = body
    try:
        view.run_validators(request)
        events = view.parse_events(request)
    except (AnymailWebhookValidationFailure, AnymailAPIError, OSError):
        raise
    except Exception as error:  # any: it is why the letter is put aside
        receiving.quarantine(body, f"the mail service's words were not understood ({type(error).__name__})")
        return HttpResponse()
    for event in events:
        inbound.send(sender=type(view), event=event, esp_name=view.esp_name)
    return HttpResponse()


def _view_of(service: str) -> AnymailCoreWebhookView:
    """Anymail's view for the letters of one service; a page that is not there for everything else that it has."""
    try:
        found = resolve(f"/{service}", urlconf="anymail.urls")
    except Resolver404 as unknown:
        raise Http404 from unknown
    view = getattr(found.func, "view_class", None)
    if view is None or view.signal is not inbound:
        raise Http404
    return view(**found.func.view_initkwargs)  # type: ignore[attr-defined]


@receiver(inbound, dispatch_uid="privacy.mailbox.services")
def receive_event(event: AnymailInboundEvent, **_kwargs: object) -> None:
    """One letter. From whom it is says its own head; what the service says of the envelope is asked for nothing."""
    received_at = _received_at(event)
    if event.message is None:
        said = repr(event.esp_event).encode("utf-8", "replace")
        receiving.quarantine(said, "the mail service could not receive it", received_at=received_at)
        return
    raw = _bytes_of(event.message)
    if event.event_type != EventType.INBOUND:
        receiving.quarantine(raw, "the mail service could not receive it", received_at=received_at)
    elif event.message.spam_detected:
        receiving.put_aside(raw, "the mail service takes it for spam", received_at=received_at)
    else:
        receiving.receive_mail(raw, received_at=received_at)


def _received_at(event: AnymailInboundEvent) -> dt.datetime | None:
    """When the service received it; None where it does not say, or says what cannot be."""
    now, said = timezone.now(), event.timestamp
    return said if said is not None and now - _OLDEST <= said <= now else None


def _bytes_of(message: AnymailInboundMessage) -> bytes:
    """The letter as a mail, the same bytes whenever it is brought.

    Some services bring the pieces of a letter; put together again they need boundaries, which Python draws by lot. By these
    bytes the desk knows a letter that comes again, so the boundaries are made from the letter's name.
    """
    name = str(message.get("Message-ID", "")) or str(message.get("Subject", ""))
    for number, part in enumerate(message.walk()):
        if part.get_content_maintype() == "multipart" and part.get_boundary() is None:
            part.set_boundary(
                "kmall24-" + hashlib.sha256(f"{number}:{name}".encode("utf-8", "replace")).hexdigest()[:40]
            )
    return message.as_bytes()
