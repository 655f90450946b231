"""What the privacy desk sends: that a request arrived, what became of it, who else must know; and what the policy tells."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from privacy.declaration import Purpose
from privacy.internal import erasing_report, forgetting, reading_back, reminding, telling, whereabouts
from privacy.internal.copying import handing
from privacy.internal.desk import corresponding, notifying, stopping
from privacy.internal.desk import reminding as desk_reminding
from privacy.internal.desk import restricting as _restricting  # noqa: F401 - its receivers connect themselves
from privacy.internal.desk.correcting import finish_when_confirmed as _finish  # noqa: F401 - the same
from privacy.internal.readers_language import pages_for
from privacy.mail import send_letter
from privacy.models import Copy, Correction, Erasure, Preference, ProposedAddress, Reply, RightsRequest
from privacy.models.consent import ConsentState, ContactChannel
from privacy.outbox import effect
from privacy.signals import reminder_due


@effect("privacy.acknowledge")
def acknowledge(request_id: str) -> None:
    """Tell the person that the request arrived and by when it is answered; the same words whether or not they are known."""
    corresponding.acknowledge(RightsRequest.objects.get(pk=request_id))


@effect("privacy.send_reply")
def send_reply(reply_id: int) -> None:
    """Send one letter of the desk; one whose person was erased meanwhile goes to nobody."""
    reply = Reply.objects.select_related("request", "to_letter").filter(pk=reply_id).first()
    if reply is not None:
        corresponding.send(reply)


@effect("privacy.ask_new_address")
def ask_new_address(address_id: int) -> None:
    """Ask the owner of a new sign-in address whether it is theirs."""
    address = ProposedAddress.objects.filter(pk=address_id).first()
    if address is not None and address.correction.outcome == Correction.Outcome.PROPOSED:
        corresponding.ask_new_address(address)


@effect("privacy.warn_old_address")
def warn_old_address(correction_id: int) -> None:
    """Tell the owner of a sign-in address that another is asked for, while it still stands."""
    item = Correction.objects.select_related("request").filter(pk=correction_id).first()
    place = whereabouts.place_of(item.record, item.column) if item else None
    if item is not None and place is not None and item.outcome == Correction.Outcome.PROPOSED:
        corresponding.warn_old_address(place.record, place.field.name, item.request)


@effect("privacy.tell_recipient")
def tell_recipient(notice_id: str) -> None:
    """Tell one recipient of a value that it was handed wrong."""
    notifying.send(notice_id)


@effect("privacy.remind_desk")
def remind_desk(request_id: str, account_id: int) -> None:
    """Remind one member of staff of a case."""
    desk_reminding.write_reminder(request_id, account_id)


@effect("privacy.confirm_stop")
def confirm_stop(request_id: str) -> None:
    """Tell the person in their own language that direct marketing has stopped; the same words whether or not it ever ran."""
    corresponding.confirm_stop(RightsRequest.objects.get(pk=request_id))


@effect("privacy.heed_stop")
def heed_stop(request_id: str) -> None:
    """Do what follows from a stop on a page or over the API, for everybody whom the address led to."""
    stopping.heed_stop(RightsRequest.objects.get(pk=request_id))


@effect("privacy.remind_of_permission")
def remind_of_permission(preference_id: int) -> None:
    """Remind a person of what they permitted, and how to stop it: by mail here, by another channel where its app listens."""
    reminding.write_reminder(preference_id)
    beside = Preference.objects.filter(pk=preference_id, state=ConsentState.GIVEN).exclude(channel=ContactChannel.EMAIL)
    for preference in beside.select_related("subject"):
        reminder_due.send(sender=Preference, preference=preference)


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
    with pages_for(copy.locale):
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


@effect("privacy.read_back")
def read_back(erasure_id: int) -> None:
    """Look through the store again after an erasure, and certify what was found: nothing, or what and where."""
    reading_back.read_back(Erasure.objects.select_related("subject", "acted_by").get(pk=erasure_id))


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
