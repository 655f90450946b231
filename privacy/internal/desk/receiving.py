"""What reaches the desk becomes a case, and a wish to stop is heard in the same transaction."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import phonenumbers
from django.db import connection, transaction
from django.utils import timezone

from privacy.cards import without_card_numbers, without_card_numbers_over
from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.desk.cases import open_case
from privacy.internal.desk.sorting import take_kind_of_reply
from privacy.internal.desk.stopping import stop_alike
from privacy.internal.mailbox import own_words, reading, threads, understanding
from privacy.internal.mailbox.attachments import Attachment
from privacy.internal.mailbox.understanding import Reading
from privacy.models import Collection, LetterAttachment, RequestMessage, RightsRequest, Subject, UnreadableMail
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind
from privacy.outbox import enqueue
from privacy.permission import withdraw

LETTER_FIELDS = (
    RequestMessage.sender,
    RequestMessage.heading,
    RequestMessage.body,
    LetterAttachment.name,
    LetterAttachment.content,
)
# Far more than a person writes, with photographs (25 MiB of them become a third more as base64).
MOST_BYTES = 40 * 1024 * 1024
_BEGINNING = 64 * 1024
STOPS = (RequestKind.WITHDRAW, RequestKind.OBJECT)
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
# A number that is written without its country is one of the store's.
_HOME = "KR"
# A letter that stops may name other addresses of its writer, but it is no list of everybody else's.
_MOST_NAMED = 5
# Order numbers, prices and days look like telephone numbers at first.
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A letter on paper, or a call, as staff typed it in. `kind` is empty where the rules are to sort it."""

    by_post: bool
    received_at: dt.datetime
    sender: str
    heading: str
    body: str
    kind: str = ""
    locale: str = "en"
    scans: Sequence[Attachment] = ()


def receive_mail(raw: bytes, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Take a mail in whatever state it is: as a letter, or in quarantine as one that staff must read by other means.

    Whatever goes wrong while it is read, the mail is not lost; only when even its bytes cannot be stored is the error
    raised, and whoever brought it must bring it again.
    """
    received_at = received_at or reading.arrived_at(raw, timezone.now())
    if len(raw) > MOST_BYTES:
        return quarantine(raw, "larger than 40 MiB", received_at=received_at)
    try:
        return receive_letter(raw, received_at=received_at)
    except Exception as error:  # any: it is why the mail is put aside, and the next one is not kept waiting
        return quarantine(raw, f"could not be read ({type(error).__name__})", received_at=received_at)


@transaction.atomic
def receive_letter(raw: bytes, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Turn one mail into a case, in one transaction; the same mail again is the case that it already is.

    A wish to stop marketing takes effect here, for everybody in whose records an address of the sender's mailbox stands:
    nobody has to look first. A mail that a machine wrote is stored for staff, never counts as a wish and is never
    answered. An answer to a letter of ours goes to its case.
    """
    letter = reading.parse(raw)
    _one_at_a_time(letter.digest)
    if (known := _known(letter.digest)) is not None:
        return known
    received_at = received_at or timezone.now()
    wish = understanding.understand(letter.heading, letter.body)
    if letter.automatic:
        wish = Reading(RequestKind.STAFF, understanding.WRITTEN_BY_A_MACHINE, locale=wish.locale)
    answered = threads.case_named_in(letter.answers, letter.heading)
    with collecting(
        surface="mail.privacy_mailbox",
        subject=answered.subject if answered else _writer(letter.sender),
        fields=LETTER_FIELDS,
        source="privacy mailbox",
    ) as collection:
        goes_on = answered is not None and take_kind_of_reply(answered, wish)
        if answered is not None and goes_on:
            case = answered
        else:
            case = open_case(collection, wish, channel="mail", received_at=received_at, locale=wish.locale)
        _keep(case, letter.sender, letter.heading, letter.body, letter.digest, received_at, letter.attachments)
        if wish.stops_marketing:
            named = _named_in(f"{letter.heading}\n{own_words.of(letter.body)}")
            stop_for([*letter.senders, *named], collection, method=ConsentMethod.MAIL)
        if letter.answerable and not goes_on:
            _answer(case, letter.sender, stopped=wish.stops_marketing)
    return case


def _named_in(words: str) -> list[str]:
    """The mail addresses and the telephone numbers that a letter names: whoever gets texts alone has no other to write from."""
    numbers = (
        phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
        for found in phonenumbers.PhoneNumberMatcher(words, _HOME, max_tries=_MOST_LOOKED_AT)
    )
    return [*_ADDRESS.findall(words)[:_MOST_NAMED], *islice(numbers, _MOST_NAMED)]


def _writer(address: str) -> Subject:
    """Whom a letter is about as long as nobody has checked: the one person who has this very address, or somebody new."""
    people = whereabouts.subjects_with_email(address) if address else []
    return people[0] if len(people) == 1 else Subject(kind=Subject.Kind.PROSPECT)


def _answer(case: RightsRequest, address: str, *, stopped: bool, on_paper: bool = False) -> None:
    """Write back: that it has stopped, where that was wished, or that the letter is here.

    What came on paper and names no address is answered on paper: the letter waits in the case until staff have posted it.
    """
    if address or on_paper:
        effect = "privacy.confirm_stop" if stopped else "privacy.acknowledge"
        enqueue(effect, key=f"acknowledge:{case.pk}", request_id=str(case.pk))


@transaction.atomic
def put_aside(raw: bytes, reason: str, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Keep a mail that can be read but is not trusted, such as spam, in quarantine; nobody is answered.

    Whoever says stop in it is heard all the same: fewer advertisements harm nobody, and a filter errs.
    """
    case = quarantine(raw, reason, received_at=received_at)
    try:
        letter = reading.parse(raw)
        stops = not letter.automatic and understanding.understand(letter.heading, letter.body).stops_marketing
    except Exception:  # any: then staff read it, as everything in quarantine
        return case
    if stops:
        people = [person for address in letter.senders for person in whereabouts.subjects_reached_by(address)]
        stop_marketing([*people, case.subject], method=ConsentMethod.MAIL, surface="mail.privacy_mailbox")
    return case


@transaction.atomic
def quarantine(raw: bytes, reason: str, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Keep a mail that cannot be read, as it came, with a case of its own: its deadline runs like that of any other."""
    received_at = received_at or timezone.now()
    digest = reading.digest_of(raw)
    _one_at_a_time(digest)
    known = UnreadableMail.objects.filter(letter_digest=digest).select_related("request").first()
    if known is not None:
        return known.request
    kept = raw if len(raw) <= MOST_BYTES else raw[:_BEGINNING]
    # Byte for byte but for card numbers, which the store never keeps.
    kept = without_card_numbers(kept.decode("latin-1")).replace("•", "*").encode("latin-1")
    with collecting(
        surface="mail.privacy_mailbox",
        subject=Subject(kind=Subject.Kind.PROSPECT),
        fields=[UnreadableMail.raw],
        source="privacy mailbox, quarantine",
    ) as collection:
        wish = Reading(RequestKind.STAFF, f"in quarantine: {reason}")
        case = open_case(collection, wish, channel="mail", received_at=received_at)
        UnreadableMail.objects.create(
            request=case,
            raw=base64.b64encode(kept).decode("ascii"),
            reason=reason[:120],
            letter_digest=digest,
            received_at=received_at,
        )
    return case


def receive_form(
    collection: Collection,
    *,
    kind: str,
    sender: str,
    body: str,
    heading: str = "",
    locale: str = "en",
    channel: str = "web",
    method: ConsentMethod = ConsentMethod.FORM,
    why: str = "chosen on the privacy page",
    quietly: bool = False,
) -> RightsRequest:
    """Turn what a person wrote on the privacy page, or by the API, into a case. Call it inside the form's open door.

    The page alone proves nothing about an address that somebody typed, so a wish to stop is heard for all who have that
    address (nobody is harmed by fewer advertisements), and everything else waits for the person to be confirmed. What was
    written is read too: whoever chooses another right and writes "and stop the newsletters" is heard. `quietly` sends no
    letter: a page that is used too often must not fill somebody's mailbox.
    """
    now = timezone.now()
    wish = Reading(RequestKind(kind), why)
    case = open_case(collection, wish, channel=channel, received_at=now, locale=locale)
    _keep(case, sender, heading, body, f"{channel}:{case.pk}", now)
    stops = is_stop(kind, body, heading)
    if stops:
        # Whoever writes here may hold a watch: what is done, and how long it takes, is the same for every address.
        stop_alike(case, sender, collection, method=method)
    if not quietly:
        _answer(case, sender, stopped=stops)
    return case


def is_stop(kind: str, body: str, heading: str = "") -> bool:
    """Whether somebody who chose this and wrote that wants no more marketing."""
    return kind in STOPS or understanding.understand(heading, body).stops_marketing


def receive_told(told: Told, *, staff: Subject | None) -> RightsRequest:
    """Turn what came by post, or was said on the telephone, into a case, under the name of who typed it in.

    The clock runs from the day on which the letter arrived, whenever somebody came to type it in.
    """
    wish = understanding.understand(told.heading, told.body)
    if told.kind:
        wish = Reading(RequestKind(told.kind), "sorted by staff who took it in", wish.stops_marketing)
    surface = "post.privacy_mailbox"
    if not told.by_post:
        surface = "staff.admin"
    with collecting(
        surface=surface,
        subject=_writer(told.sender),
        fields=LETTER_FIELDS,
        source="post" if told.by_post else "telephone",
        acted_by=staff,
    ) as collection:
        channel = collection.channel
        case = open_case(collection, wish, channel=channel, received_at=told.received_at, locale=told.locale)
        _keep(case, told.sender, told.heading, told.body, f"{channel}:{case.pk}", told.received_at, told.scans)
        stops = case.kind in STOPS or wish.stops_marketing
        if stops:
            method = ConsentMethod.POST if told.by_post else ConsentMethod.ADMIN
            stop_for([told.sender, *_named_in(f"{told.heading}\n{told.body}")], collection, method=method)
        _answer(case, told.sender, stopped=stops, on_paper=told.by_post)
    return case


def stop_for(addresses: Iterable[str], collection: Collection, *, method: ConsentMethod) -> None:
    """Stop marketing to whoever wrote and to everybody who is reached by one of these addresses, however it is spelled."""
    people = [person for address in dict.fromkeys(addresses) for person in whereabouts.subjects_reached_by(address)]
    stop_marketing([*people, collection.subject], method=method, surface=collection.surface)


def stop_for_case(case: RightsRequest, *, by: Subject | None) -> None:
    """Stop marketing to whoever a case is from, since staff read in it that they want no more."""
    senders = case.messages.exclude(sender="").values_list("sender", flat=True)
    people = [person for sender in senders for person in whereabouts.subjects_reached_by(sender)]
    stop_marketing([*people, case.subject], method=ConsentMethod.ADMIN, surface="staff.admin", acted_by=by)


def stop_marketing(
    people: list[Subject], *, method: ConsentMethod, surface: str, acted_by: Subject | None = None
) -> None:
    """Take every permission for direct marketing back, for each of these subjects, each once."""
    for subject in {person.pk: person for person in people}.values():
        withdraw(subject, method=method, surface=surface, acted_by=acted_by)


def _keep(
    case: RightsRequest,
    sender: str,
    heading: str,
    body: str,
    digest: str,
    received_at: dt.datetime,
    files: Sequence[Attachment] = (),
) -> None:
    heading, body = without_card_numbers_over([heading, body])
    RequestMessage.objects.create(
        request=case,
        sender=sender,
        heading=heading[:300],
        body=body,
        letter_digest=digest[:64],
        received_at=received_at,
    )
    for file in files:
        LetterAttachment.objects.create(
            request=case,
            name=file.name,
            content=base64.b64encode(file.data).decode("ascii"),
            media_type=file.media_type,
            check_result=file.check,
            size=len(file.data),
            received_at=received_at,
        )


def _known(digest: str) -> RightsRequest | None:
    stored = RequestMessage.objects.filter(letter_digest=digest).select_related("request").first()
    return stored.request if stored else None


def _one_at_a_time(digest: str) -> None:
    """Two processes with the same mail in hand: the second waits here, and then finds the first one's case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [digest])
