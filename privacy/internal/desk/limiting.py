"""How often one computer may write to the desk by page or API: what is over the limit is sent back whole, and a stop is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest

TRY_AGAIN_AFTER = 3600  # seconds


def too_many(request: HttpRequest) -> bool:
    """Whether this computer has written as often as it may in an hour; each question counts.

    Asked alike for every address that is typed, so it tells of none. What is counted is a keyed hash of where the request
    came from, in this process's memory: nothing is stored, and nothing could be read in it.
    """
    try:
        came_from = get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return False  # a server that does not say from where limits nobody
    key = salted_hmac("privacy.desk.limit", came_from, algorithm="sha256").hexdigest()
    return not ratelimit.consume(request, action="privacy_write", key=key)


def words() -> str:
    """What happened, and what to do now."""
    said = _(
        "Many requests came from this connection within the hour, so this one was not taken in. Nothing that you typed is lost: "
        "send it again in an hour, or send it now by e-mail to %(mailbox)s, which counts from the moment it arrives. "
        "A wish to stop direct marketing is taken in at any time."
    )
    return said % {"mailbox": settings.PRIVACY_MAILBOX}
