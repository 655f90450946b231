"""People for tests, made the way the store makes them: through the gate."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from privacy.gate import collecting
from privacy.models import RequestMessage, RightsRequest, Subject
from privacy.models.request import RequestKind
from privacy.notice import Notice, ShownNotice


def shown_notice(*fields: Any, **kwargs: Any) -> ShownNotice:
    """A notice as if the person had just had it before them."""
    notice = Notice(fields, **kwargs)
    return notice.answered(notice.token())


def letter(sender: str = "mina@example.com", body: str = "Hello", subject: Subject | None = None) -> RequestMessage:
    """A stored letter: the smallest personal record that the foundation itself has."""
    subject = subject or Subject()
    with collecting(
        surface="mail.privacy_mailbox",
        subject=subject,
        fields=[RequestMessage.sender, RequestMessage.heading, RequestMessage.body],
    ):
        case = RightsRequest.objects.create(
            subject=subject,
            kind=RequestKind.STAFF,
            channel="mail",
            received_at=timezone.now(),
            expected_by=timezone.now(),
        )
        return RequestMessage.objects.create(
            request=case, sender=sender, body=body, letter_digest=uuid.uuid4().hex, received_at=timezone.now()
        )
