"""What the desk writes: from a text in the person's language, which staff may change before it leaves, kept as it left."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from privacy.declaration import Purpose
from privacy.gate import collecting
from privacy.internal import policy, whereabouts
from privacy.internal.desk import identifying, secrets
from privacy.internal.mailbox import threads
from privacy.internal.mailbox.understanding import WRITTEN_BY_A_MACHINE
from privacy.internal.readers_language import pages_for
from privacy.mail import send_letter
from privacy.models import (
    CaseStep,
    Correction,
    DeskNote,
    ProposedAddress,
    Reply,
    RequestMessage,
    RightsRequest,
    Subject,
)
from privacy.models.request import RequestKind, RequestState
from privacy.outbox import enqueue

FOLDER = Path(__file__).resolve().parent.parent.parent / "letters"
SOURCE_LOCALE = "en"
# What staff may begin a letter with; the others are written by the desk itself.
OFFERED = ("question", "confirm", "extension", "no_match", "free")


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it leaves."""

    template: str
    locale: str
    heading: str
    body: str


@cache
def texts(locale: str) -> Mapping[str, Any]:
    """The desk's texts in one of its languages."""
    return tomllib.loads((FOLDER / f"{locale}.toml").read_text(encoding="utf-8"))


@cache
def locales(template: str) -> tuple[str, ...]:
    """The languages in which the desk has this letter."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if template in texts(path.stem)))


def language_of(case: RightsRequest, template: str = "answer") -> str:
    """The language in which the person is written to: theirs, its nearest relative, or English."""
    spoken = (case.locale, case.locale.partition("-")[0], SOURCE_LOCALE)
    return next(locale for locale in spoken if locale in locales(template))


def draft(case: RightsRequest, template: str, **words: str) -> Draft:
    """A text of the desk for this case, filled in; staff read it and may change it.

    The number in it names the case in a way that nobody can guess, so that an answer is led to it.
    """
    locale = language_of(case, template)
    text = texts(locale)[template]
    with translation.override(_django_locale(locale)):
        filled = {
            "operator": settings.OPERATOR_NAME,
            "mailbox": settings.PRIVACY_MAILBOX,
            "number": threads.token_of(case),
            "received": date_format(timezone.localtime(case.received_at), "DATE_FORMAT"),
            "due": date_format(timezone.localtime(case.expected_by), "DATE_FORMAT"),
            **words,
        }
    return Draft(template, locale, _fill(text["heading"], filled), _fill(text["body"], filled).strip())


def _django_locale(locale: str) -> str:
    return "zh-hans" if locale == "zh" else locale


def _fill(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


def name_of(case: RightsRequest, template: str) -> str:
    """How staff tell one text of the desk from another: its heading without the number."""
    return draft(case, template, because="…").heading.replace(f"({threads.token_of(case)})", "").strip()


def letter_to_answer(case: RightsRequest) -> RequestMessage | None:
    """The letter whose address the desk answers to; None where nobody may or can be answered.

    It is the last one from an address that is confirmed, and before any is, the first: whoever writes into somebody's case
    later does not thereby get its letters. What a machine wrote is never answered, or two would write to each other.
    """
    if case.why == WRITTEN_BY_A_MACHINE:
        return None
    letters = list(case.messages.exclude(sender="").order_by("received_at", "pk"))
    sure = {check.value_digest for check in case.verifications.filter(confirmed_at__isnull=False)}
    certain = [letter for letter in letters if secrets.digest_of_value(letter.sender) in sure]
    return certain[-1] if certain else next(iter(letters), None)


def write(case: RightsRequest, letter: Draft, *, staff: Subject | None, asks_identity: bool = False) -> Reply | None:
    """Keep a letter as a message of the case and send it. None where the desk wrote this one already.

    Without an address in the case it is kept for the post; staff print it and say that it was sent.
    """
    to = letter_to_answer(case)
    if to is None and case.why == WRITTEN_BY_A_MACHINE:
        return None
    with transaction.atomic():
        case = RightsRequest.objects.select_for_update(of=("self",)).select_related("subject").get(pk=case.pk)
        once = letter.template in ("acknowledge", "stopped", "extension", "answer")
        if once and case.replies.filter(template=letter.template).exists():
            return None
        with collecting(
            surface="staff.admin",
            subject=case.subject,
            fields=[Reply.heading, Reply.body],
            source=f"privacy desk {case.number}",
            acted_by=staff,
        ):
            reply = Reply.objects.create(
                request=case,
                to_letter=to,
                heading=letter.heading[:200],
                body=letter.body,
                template=letter.template,
                locale=letter.locale,
                asks_identity=asks_identity,
                written_by=staff,
            )
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.WROTE, detail=letter.template, by=staff)
        if to is not None:
            enqueue("privacy.send_reply", key=f"privacy.reply:{reply.pk}", reply_id=reply.pk)
    return reply


def goes_by_post(case: RightsRequest) -> list[Reply]:
    """The letters of a case that have no address to be sent to, the oldest first."""
    return list(case.replies.filter(to_letter__isnull=True).order_by("written_at"))


def posted(reply: Reply, day: dt.date, *, staff: Subject) -> None:
    """Staff printed a letter and took it to the post. Once; who said so and when is a step of the case."""
    at = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    with transaction.atomic():
        by_post = Reply.objects.filter(pk=reply.pk, to_letter__isnull=True, sent_at__isnull=True)
        if by_post.update(sent_at=at):
            CaseStep.objects.create(
                request_id=reply.request_id, kind=CaseStep.Kind.POSTED, detail=day.isoformat(), by=staff
            )


def acknowledge(case: RightsRequest) -> None:
    """Say that the request arrived, by when it is answered, and how the person confirms who they are: the same to everybody."""
    stops = case.kind in (RequestKind.WITHDRAW, RequestKind.OBJECT)
    words = texts(language_of(case))["acknowledge"]["stopped"] if stops else ""
    write(case, draft(case, "acknowledge", stopped=words), staff=None, asks_identity=identifying.needs_proof(case.kind))


def confirm_stop(case: RightsRequest) -> None:
    """Say that direct marketing has stopped: the same to everybody, whether or not it ever ran."""
    write(case, draft(case, "stopped"), staff=None, asks_identity=identifying.needs_proof(case.kind))


def answer(case: RightsRequest, *, staff: Subject | None, words: str = "") -> None:
    """Tell the person what became of the request: each item with its outcome, a refused one with its reason."""
    said = texts(language_of(case))["answer"]
    body = _fill(said["body"], {"outcome": _outcome(case, said), "items": _items(case, said), "words": words.strip()})
    about = draft(case, "answer")
    filled = {"number": case.number, "operator": settings.OPERATOR_NAME, "mailbox": settings.PRIVACY_MAILBOX}
    lines = [line.rstrip() for line in _fill(body, filled).split("\n")]
    text = "\n".join(line for at, line in enumerate(lines) if line or (at and lines[at - 1]))
    write(case, Draft("answer", about.locale, about.heading, text.strip()), staff=staff)


def _outcome(case: RightsRequest, said: Mapping[str, Any]) -> str:
    if case.state == RequestState.DENIED:
        return f"{said['denied']} {said['reason'].get(case.reason, '')}".strip()
    return said.get(case.state, said["closed"])


def _items(case: RightsRequest, said: Mapping[str, Any]) -> str:
    lines = []
    for item in case.corrections.exclude(outcome=Correction.Outcome.PROPOSED):
        what = named(item, language_of(case))
        outcome = said["refusal"][item.refusal] if item.outcome == Correction.Outcome.REFUSED else said[item.outcome]
        lines.append(f"- {what}: {outcome}")
    return "\n".join(lines)


def named(item: Correction, locale: str) -> str:
    """Which value it is, in the words of the policy; the value itself stands in no letter."""
    place = whereabouts.place_of(item.record, item.column)
    if place is None:
        return item.field_name
    with translation.override(_django_locale(locale)):
        return f"{policy.current().words(locale).of('category', place.declared.category)} ({place.record._meta.verbose_name})"


def note(case: RightsRequest, text: str, *, staff: Subject | None) -> DeskNote:
    """Keep a note for the next member of staff. It is about the person, so it enters by the door and is in their copy."""
    with collecting(
        surface="staff.admin",
        subject=case.subject,
        fields=[DeskNote.body],
        source=f"privacy desk {case.number}",
        acted_by=staff,
    ):
        made = DeskNote.objects.create(request=case, body=text, written_by=staff)
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.NOTED, by=staff)
    return made


# --- as it leaves -------------------------------------------------------------------------------------------------------


def send(reply: Reply) -> None:
    """Send one letter. Links are made here, from the store's key, and stand nowhere else."""
    from privacy.internal.desk import cases

    letter = reply.to_letter
    if letter is None or not letter.sender:
        return
    case = reply.request
    said = texts(language_of(case, "foot"))["foot"]
    lines = []
    if reply.asks_identity and case.is_open:
        try:
            asked = identifying.ask_owner_of(letter)
        except identifying.TooManyTries:
            asked = None
        if asked is not None:
            with pages_for(case.locale):
                lines.append(_fill(said["confirm"], confirmation_words(asked.pk)))
    lines.append(_fill(said["case"], {"link": cases.link_of(case)}))
    _post(letter, "sender", reply, case, "\n\n".join(lines))
    Reply.objects.filter(pk=reply.pk, sent_at__isnull=True).update(sent_at=timezone.now())


def confirmation_words(key: object) -> dict[str, str]:
    """The link and the code that belong to an open question."""
    path = reverse("privacy:confirm", args=[secrets.link_for("confirm", key)])
    return {"link": settings.BASE_URL + path, "code": secrets.code_for(key)}


def ask_new_address(address: ProposedAddress) -> None:
    """Ask the owner of a new sign-in address whether it is theirs."""
    asked = identifying.ask_owner_of_new(address)
    if asked is None:
        return
    case = address.correction.request
    letter = draft(case, "new_address")
    said = texts(letter.locale)["foot"]
    with pages_for(case.locale):
        foot = _fill(said["confirm"], confirmation_words(asked.pk))
    _post(address, "email", letter, case, foot)


def warn_old_address(record: Any, field: str, case: RightsRequest) -> None:
    """Tell the owner of the present sign-in address that another one is asked for, while it still stands."""
    _post(record, field, draft(case, "old_address"), case, "", purpose=Purpose.AUTHENTICATION)


def _post(
    record: Any, field: str, letter: Reply | Draft, case: RightsRequest, foot: str, *, purpose: str = Purpose.SUPPORT
) -> None:
    send_letter(
        record,
        field,
        purpose=purpose,
        template="privacy/mail/reply.txt",
        locale=letter.locale,
        context={"heading": letter.heading, "body": letter.body, "foot": foot},
        # RFC 3834: so that no machine answers it. The Message-ID leads a person's answer to its case.
        headers={"Auto-Submitted": "auto-replied", "Message-ID": threads.message_id(case)},
    )
