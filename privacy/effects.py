"""What the privacy desk sends: that a request arrived, and what became of it."""

from privacy.declaration import Purpose
from privacy.internal import reminding, telling
from privacy.internal.mailbox import threads
from privacy.mail import send_letter
from privacy.models import RightsRequest
from privacy.outbox import effect

# The languages in which a stop is confirmed; each has a letter of its own in templates/privacy/mail/stopped/.
SPOKEN = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh-hans", "zh-hant"})


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
        context={"case": case, "token": threads.token_of(case)},
        # RFC 3834: a machine answers, so that no other machine answers it. The Message-ID leads an answer to its case.
        headers={"Auto-Submitted": "auto-replied", "Message-ID": threads.message_id(case)},
    )


@effect("privacy.acknowledge")
def acknowledge(request_id: str) -> None:
    """Tell the person that the request arrived and by when it is answered; the same words whether or not they are known."""
    _write(RightsRequest.objects.get(pk=request_id), "privacy/mail/acknowledge.txt")


@effect("privacy.confirm_stop")
def confirm_stop(request_id: str) -> None:
    """Tell the person in their own language that direct marketing has stopped; the same words whether or not it ever ran."""
    case = RightsRequest.objects.get(pk=request_id)
    spoken = case.locale if case.locale in SPOKEN else "en"
    _write(case, f"privacy/mail/stopped/{spoken}.txt")


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
