"""Whoever was handed a wrong value is told of the right one, once, and what they answer is kept (GDPR Art. 19)."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from privacy.declaration import personal_fields
from privacy.gate import disclose_again
from privacy.internal import whereabouts
from privacy.internal.desk import secrets
from privacy.mail import send_to_recipient
from privacy.models import CaseStep, Correction, Disclosure, Recipient, RecipientNotice, RightsRequest, Subject
from privacy.outbox import enqueue
from privacy.signals import handed_over_as

ANSWERS = RecipientNotice.Answer.choices


def tell_recipients(case: RightsRequest, items: Iterable[Correction]) -> list[RecipientNotice]:
    """Write a notice into the outbox for each recipient to whom one of these values was handed, as the disclosures say."""
    columns: dict[str, set[str]] = {}
    for item in items:
        columns.setdefault(item.record, set()).add(item.column)
    made = []
    for record, wrong in columns.items():
        handed = Disclosure.objects.filter(record=record, fields__overlap=sorted(wrong), legal_order__isnull=True)
        for to, purpose in dict(handed.order_by("disclosed_at").values_list("handed_to", "purpose")).items():
            notice, new = RecipientNotice.objects.get_or_create(
                request=case, handed_to=to, record=record, defaults={"columns": sorted(wrong), "purpose": purpose}
            )
            if not new:
                continue
            notice.link_digest = secrets.digest_of_link(secrets.link_for("recipient", notice.pk))
            notice.save(update_fields=["link_digest"])
            _enqueue(notice)
            made.append(notice)
    return made


def _enqueue(notice: RecipientNotice) -> None:
    enqueue("privacy.tell_recipient", key=f"tell-recipient:{notice.pk}", notice_id=str(notice.pk))


def tell_again(notice: RecipientNotice) -> None:
    """Staff entered where the recipient is written to: send what could not be sent."""
    if notice.sent_at is None:
        key = f"tell-recipient:{notice.pk}:{timezone.now():%Y%m%d%H%M}"
        enqueue("privacy.tell_recipient", key=key, notice_id=str(notice.pk))


def is_unreachable(notice: RecipientNotice) -> bool:
    """Whether nobody has entered yet where this recipient's privacy desk is written to."""
    return notice.sent_at is None and not Recipient.objects.filter(pk=notice.handed_to).exclude(desk="").exists()


def send(notice_id: str) -> None:
    """Tell one recipient: the right values leave by `disclose()`, to the privacy desk that the register names."""
    with transaction.atomic():
        notice = RecipientNotice.objects.select_for_update(of=("self",)).get(pk=notice_id)
        recipient = Recipient.objects.filter(pk=notice.handed_to).first()
        if notice.sent_at is not None or recipient is None or not recipient.desk:
            return
        first = notice.columns[0] if notice.columns else ""
        place = whereabouts.place_of(notice.record, first)
        if place is None:
            return  # the record is gone; nothing can be put right any more
        handed = Disclosure.objects.filter(
            handed_to=notice.handed_to, record=notice.record, purpose=notice.purpose, legal_order__isnull=True
        ).order_by("disclosed_at")
        since, last = handed.first(), handed.last()
        if since is None or last is None:
            return
        allowed = disclose_again(last, place.record).row
        beside = {
            item.column: item.value
            for item in Correction.objects.filter(
                request=notice.request_id, record=notice.record, outcome=Correction.Outcome.BESIDE
            )
        }
        table = place.record._meta.db_table
        right = [
            (str(field.verbose_name), beside.get(f"{table}.{field.column}", allowed[field.name]))
            for field in personal_fields(type(place.record))
            if field.name in allowed and f"{table}.{field.column}" in notice.columns
        ]
        known_as = [
            name
            for _who, names in handed_over_as.send(RecipientNotice, record=place.record, to=notice.handed_to)
            for name in names or ()
        ]
        send_to_recipient(
            recipient,
            template="privacy/mail/tell_recipient.txt",
            context={
                "right": right,
                "known_as": known_as,
                "since": since.disclosed_at,
                "link": address_to_answer(notice),
            },
            headers={
                "Message-ID": f"<correction-{notice.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"
            },
        )
        RecipientNotice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())
        CaseStep.objects.create(request=notice.request, kind=CaseStep.Kind.TOLD, detail=notice.handed_to)


def address_to_answer(notice: RecipientNotice) -> str:
    """Where the recipient says what it did."""
    link = secrets.link_for("recipient", notice.pk)
    return settings.BASE_URL + reverse("privacy:recipient_answer", args=[link])


def notice_of_link(link: str) -> RecipientNotice | None:
    """The notice that a recipient's link belongs to."""
    return RecipientNotice.objects.filter(link_digest=secrets.digest_of_link(link)).first()


def record_answer(notice: RecipientNotice, answer: str, *, staff: Subject | None) -> bool:
    """Keep what a recipient did, from its own page or from staff whom it told; a later word replaces an earlier one."""
    said = RecipientNotice.Answer(answer)
    with transaction.atomic():
        changed = (
            RecipientNotice.objects.filter(pk=notice.pk)
            .exclude(answer=said)
            .update(answer=said, answered_at=timezone.now(), recorded_by=staff)
        )
        if changed:
            CaseStep.objects.create(
                request=notice.request, kind=CaseStep.Kind.ANSWERED, detail=f"{notice.handed_to}: {said}", by=staff
            )
    return bool(changed)


def told_by_hand(notice: RecipientNotice, *, staff: Subject | None) -> None:
    """Staff told a recipient by telephone or on its own pages."""
    with transaction.atomic():
        if RecipientNotice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(
            sent_at=timezone.now(), by_hand=True, recorded_by=staff
        ):
            CaseStep.objects.create(request=notice.request, kind=CaseStep.Kind.TOLD, detail=notice.handed_to, by=staff)
