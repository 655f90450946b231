"""What the privacy desk sends: that a request arrived, and what became of it."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from privacy.declaration import Purpose
from privacy.internal import erasing_report, forgetting, reminding, telling
from privacy.internal.copying import handing
from privacy.mail import send_letter
from privacy.models import Copy, RightsRequest
from privacy.outbox import effect


def _write(case: RightsRequest, template: str) -> None:
    message = case.messages.exclude(sender="").first()
    if message is None:
        return
    send_letter(
        message,
        "sender",
        purpose=Purpose.SUPPORT,
        template=template,
        locale=case.locale,
        context={"case": case},
        # RFC 3834: a machine answers, so that no other machine answers it.
        headers={"Auto-Submitted": "auto-replied"},
    )


@effect("privacy.acknowledge")
def acknowledge(request_id: str) -> None:
    """Tell the person that the request arrived and by when it is answered; the same words whether or not they are known."""
    _write(RightsRequest.objects.get(pk=request_id), "privacy/mail/acknowledge.txt")


@effect("privacy.answer")
def answer(request_id: str) -> None:
    """Tell the person what became of the request."""
    _write(RightsRequest.objects.get(pk=request_id), "privacy/mail/answer.txt")


@effect("privacy.remind_of_permission")
def remind_of_permission(preference_id: int) -> None:
    """Remind a person of what they permitted, and how to stop it."""
    reminding.write_reminder(preference_id)


@effect("privacy.announce_policy")
def announce_policy(publication_id: str, after: str = "") -> None:
    """Write a letter about a coming version into the outbox for each account that has none yet, some at a time."""
    telling.announce(publication_id, after)


@effect("privacy.tell_of_policy")
def tell_of_policy(publication_id: str, subject_id: str) -> None:
    """Tell one person of a coming version."""
    telling.write_letter(publication_id, subject_id)


@effect("privacy.send_copy")
def send_copy(copy_id: str) -> None:
    """Send the link to a copy to the confirmed address; none when it was fetched, has ended, or the person is gone."""
    copy = Copy.objects.filter(pk=copy_id, used_at=None).first()
    found = handing.address_of(copy) if copy else None
    if copy is None or found is None:
        return
    record, field, purpose = found
    with translation.override(copy.locale):
        link = settings.BASE_URL + reverse("privacy:copy_by_link", args=[handing.token_of(copy)])
    send_letter(
        record,
        field,
        purpose=purpose,
        template="privacy/mail/copy.txt",
        locale=copy.locale,
        context={"link": link, "expires": copy.expires_at},
        headers={"Auto-Submitted": "auto-replied"},
    )


@effect("privacy.ask_to_forget")
def ask_to_forget(notice_id: str) -> None:
    """Tell a recipient that somebody was erased."""
    forgetting.ask(notice_id)


@effect("privacy.tell_of_erasure")
def tell_of_erasure(request_id: str) -> None:
    """Tell the person what was removed and what a law keeps, field by field, at the address that their request came from."""
    case = RightsRequest.objects.get(pk=request_id)
    message = case.messages.exclude(sender="").first()
    if message is None:
        return
    with translation.override(case.locale):
        lines = erasing_report.lines_of(case.subject)
    send_letter(
        message,
        "sender",
        purpose=Purpose.SUPPORT,
        template="privacy/mail/erased.txt",
        locale=case.locale,
        context={"case": case, "lines": lines},
        headers={"Auto-Submitted": "auto-replied"},
    )
