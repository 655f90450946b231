"""Who asks: each identifier is confirmed by itself, within one case, and nothing is done for anybody before.

An address in a letter proves nothing: it is the owner of the mailbox who confirms it, by a link with a button or by a code. A
confirmed address leads to an account only where the account has confirmed the same one, and to a guest's orders only together
with the number of one of them, since whoever buys may mistype an address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.declaration import Category, Origin, declaration_of, personal_fields
from privacy.errors import NotConfirmed
from privacy.internal import positions, whereabouts
from privacy.internal.desk import secrets
from privacy.models import CaseStep, ProposedAddress, RequestMessage, RightsRequest, Subject, Verification
from privacy.models.request import RequestKind, RequestReason, RequestState
from privacy.models.verification import CheckMethod, Identifier, Seen
from privacy.signals import order_named, person_confirmed

# What `for_what` may be beside the kinds of request.
SIGN_IN_ADDRESS = "sign_in_address"
# A check by staff counts for these only when a second member of staff has seconded it.
FOUR_EYES = frozenset({RequestKind.ACCESS, RequestKind.PORTABILITY, RequestKind.ERASURE, SIGN_IN_ADDRESS})
# Nobody is harmed by fewer advertisements, and a complaint changes nothing by itself.
NEEDS_NO_PROOF = frozenset({RequestKind.WITHDRAW, RequestKind.OBJECT, RequestKind.COMPLAINT})

GOOD_FOR = dt.timedelta(days=3)
MOST_CODES_TRIED = 5  # per code; then it is dead, and a new one has to be asked for
MOST_ASKED = 5  # letters with a code to one address within an hour
MOST_ORDERS_NAMED = 10  # per case
_WITHIN = dt.timedelta(hours=1)


class TooManyTries(Exception):
    """Codes were asked for, or tried, too often."""


class SamePerson(Exception):
    """The second pair of eyes belongs to the first member of staff."""


def needs_proof(kind: str) -> bool:
    """Whether a request of this kind waits until it is certain who asks."""
    # Of a letter that nobody has sorted yet, nobody can say what proof it needs.
    return kind not in NEEDS_NO_PROOF and kind != RequestKind.STAFF


# --- the question -------------------------------------------------------------------------------------------------------


def ask_owner_of(letter: RequestMessage) -> Verification | None:
    """The open question to the owner of the address that a letter came from, a new one where none waits.

    None for a letter without an address, or of an address that is confirmed already. Raises `TooManyTries`.
    """
    return _ask(letter.request_id, letter, "sender")


def ask_owner_of_new(address: ProposedAddress) -> Verification | None:
    """The open question to the owner of an address that is to become the one to sign in with. Raises `TooManyTries`."""
    return _ask(address.correction.request_id, address, "email")


def _ask(case_id: UUID, record: models.Model, field: str) -> Verification | None:
    value = getattr(record, field)
    if not value:
        return None
    digest, label = secrets.digest_of_value(value), f"{record._meta.label}:{record.pk}"
    with transaction.atomic():
        # Two letters at once ask once.
        case = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        asked = Verification.objects.filter(request=case, method=CheckMethod.MAILBOX, value_digest=digest)
        asked = asked.filter(identifier=Identifier.EMAIL, record__startswith=f"{record._meta.label}:")
        if asked.filter(confirmed_at__isnull=False).exists():
            return None
        waiting = asked.filter(expires_at__gt=timezone.now(), attempts__lt=MOST_CODES_TRIED).last()
        if waiting is not None:
            return waiting
        lately = Verification.objects.filter(value_digest=digest, asked_at__gt=timezone.now() - _WITHIN)
        if lately.filter(identifier=Identifier.EMAIL, method=CheckMethod.MAILBOX).count() >= MOST_ASKED:
            raise TooManyTries
        made = Verification(
            request=case,
            identifier=Identifier.EMAIL,
            method=CheckMethod.MAILBOX,
            record=label,
            field=field,
            value_digest=digest,
            expires_at=timezone.now() + GOOD_FOR,
        )
        made.link_digest = secrets.digest_of_link(secrets.link_for("confirm", made.pk))
        made.code_digest = secrets.digest_of_code(made.pk, secrets.code_for(made.pk))
        made.save(force_insert=True)
        if case.state == RequestState.OPEN and needs_proof(case.kind):
            RightsRequest.objects.filter(pk=case.pk).update(
                state=RequestState.IN_PROGRESS,
                reason=RequestReason.NEED_USER_VERIFICATION,
                processing_details=RequestReason.NEED_USER_VERIFICATION,
            )
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.ASKED, detail=Identifier.EMAIL)
    return made


# --- the answer ---------------------------------------------------------------------------------------------------------


def asked_by_link(link: str) -> Verification | None:
    """The question that a link belongs to, whatever became of it. Reading it changes nothing."""
    digest = secrets.digest_of_link(link)
    return Verification.objects.select_related("request").filter(link_digest=digest).first()


def confirm_by_link(link: str) -> Verification | None:
    """The owner of the mailbox pressed the button: confirmed, once. None for a link that is wrong, used or too old."""
    with transaction.atomic():
        asked = (
            Verification.objects.select_for_update(of=("self",))
            .select_related("request")
            .filter(link_digest=secrets.digest_of_link(link))
            .first()
        )
        if asked is None or not asked.is_waiting or not asked.request.is_open:
            return None
        _confirm(asked)
    return asked


def confirm_by_code(case: RightsRequest, typed: str) -> Verification | None:
    """The person typed the code: confirmed, or None. Each try is counted, and five wrong ones end the code.

    Raises `TooManyTries` once no code is left that could be tried.
    """
    now = timezone.now()
    waiting = Verification.objects.filter(request=case, confirmed_at__isnull=True, expires_at__gt=now)
    latest = waiting.exclude(code_digest="").last()
    # Counted before it is compared, and committed whatever comes of it: trying is what costs.
    if latest is None or not waiting.filter(pk=latest.pk, attempts__lt=MOST_CODES_TRIED).update(
        attempts=F("attempts") + 1
    ):
        raise TooManyTries
    if not case.is_open or not secrets.is_code(latest.pk, typed, latest.code_digest):
        return None
    with transaction.atomic():
        asked = Verification.objects.select_for_update(of=("self",)).select_related("request").get(pk=latest.pk)
        if not asked.is_waiting:
            return None
        _confirm(asked)
    return asked


def confirm_by_sign_in(case: RightsRequest, person: Subject) -> bool:
    """Somebody who typed the password just now asks: each confirmed address of the account is confirmed for the case.

    False where the case is not theirs: not opened by the account, and not from one of its addresses.
    """
    own = [place for place in _addresses_of(person) if _is_confirmed_by_owner(place)]
    digests = {secrets.digest_of_value(place.value): place for place in own}
    senders = {secrets.digest_of_value(letter.sender) for letter in case.messages.all() if letter.sender}
    theirs = case.subject_id in whereabouts.family(person) or bool(senders & set(digests))
    if not theirs or not own or not case.is_open:
        return False
    with transaction.atomic():
        RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        for digest, place in digests.items():
            made, new = Verification.objects.get_or_create(
                request=case,
                method=CheckMethod.SIGN_IN,
                value_digest=digest,
                defaults={
                    "identifier": Identifier.EMAIL,
                    "record": place.label,
                    "field": place.field.name,
                    "subject": person,
                    "expires_at": timezone.now() + GOOD_FOR,
                },
            )
            if new:
                _confirm(made)
    return True


def name_order(case: RightsRequest, typed_number: str) -> None:
    """A guest names an order of theirs. It counts where it was placed with an address of the case that is confirmed too.

    Right or wrong, what is written and answered is the same. Raises `TooManyTries`.
    """
    with transaction.atomic():
        case = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        named = Verification.objects.filter(request=case, identifier=Identifier.ORDER)
        if named.count() >= MOST_ORDERS_NAMED:
            raise TooManyTries
        answers = [answer for _who, answer in order_named.send(RightsRequest, number=typed_number) if answer]
        found: tuple[models.Model | None, str] = answers[0] if answers else (None, "")  # type: ignore[assignment]
        record, field = found
        value = getattr(record, field) if record is not None else ""
        senders = {secrets.digest_of_value(letter.sender) for letter in case.messages.all() if letter.sender}
        digest = secrets.digest_of_value(value)
        matches = record is not None and digest in senders
        Verification.objects.create(
            request=case,
            identifier=Identifier.ORDER,
            method=CheckMethod.MAILBOX,
            record=f"{record._meta.label}:{record.pk}" if record is not None and matches else "",
            field=field if matches else "",
            value_digest=digest if matches else "",
            expires_at=timezone.now() + GOOD_FOR,
        )
    if identity_is_confirmed(case, case.kind):
        _became_certain(case)


def record_check(
    case: RightsRequest,
    *,
    person: Subject,
    seen: str,
    staff: Subject,
    identifier: str = Identifier.PERSON,
    remark: str = "",
) -> Verification:
    """Staff convinced themselves in another way, and say what they saw; what it counts for may need a second one."""
    with transaction.atomic():
        made = Verification.objects.create(
            request=case,
            identifier=identifier,
            method=CheckMethod.STAFF,
            subject=person,
            seen=Seen(seen),
            remark=remark[:200],
            recorded_by=staff,
            confirmed_at=timezone.now(),
        )
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.CHECKED, detail=made.seen, by=staff)
        if identity_is_confirmed(case, case.kind):
            _became_certain(case)
    return made


def second_check(check: Verification, *, staff: Subject) -> None:
    """A second member of staff agrees with what the first one saw. Raises `SamePerson`."""
    with transaction.atomic():
        check = Verification.objects.select_for_update(of=("self",)).select_related("request").get(pk=check.pk)
        if check.method != CheckMethod.STAFF or check.seconded_at is not None:
            return
        if check.recorded_by_id == staff.pk:
            raise SamePerson
        check.seconded_by, check.seconded_at = staff, timezone.now()
        check.save(update_fields=["seconded_by", "seconded_at"])
        CaseStep.objects.create(request=check.request, kind=CaseStep.Kind.SECONDED, detail=check.seen, by=staff)
        _became_certain(check.request)


def _confirm(asked: Verification) -> None:
    asked.confirmed_at = timezone.now()
    asked.save(update_fields=["confirmed_at"])
    CaseStep.objects.create(request=asked.request, kind=CaseStep.Kind.CONFIRMED, detail=asked.method)
    _became_certain(asked.request)


def _became_certain(case: RightsRequest) -> None:
    """What waited for the person goes on, in this transaction."""
    case.refresh_from_db()
    if case.is_open and case.reason == RequestReason.NEED_USER_VERIFICATION:
        RightsRequest.objects.filter(pk=case.pk).update(reason="", processing_details="staff_review")
        case.refresh_from_db()
    person_confirmed.send(sender=RightsRequest, case=case)


# --- what is certain ----------------------------------------------------------------------------------------------------


def identity_is_confirmed(case: RightsRequest, for_what: str) -> bool:
    """Whether it is certain enough who asks, for this: one of the kinds of request, or `SIGN_IN_ADDRESS`.

    Only what was confirmed in this very case counts; an earlier case of the same person spares no step.
    """
    if for_what in NEEDS_NO_PROOF:
        return True
    if for_what == RequestKind.STAFF:
        return False  # nobody knows yet what is asked
    return any(_counts(check, for_what) for check in case.verifications.all())


def require_confirmed(case: RightsRequest, for_what: str) -> None:
    """Raise `NotConfirmed` unless it is certain who asks."""
    if not identity_is_confirmed(case, for_what):
        said = _("Case %(number)s: it is not confirmed who asks, so nothing is done. Ask the person first.")
        raise NotConfirmed(said % {"number": case.number})


def _counts(check: Verification, for_what: str) -> bool:
    if not check.is_confirmed or check.identifier == Identifier.PHONE:
        return False  # whoever answers a telephone has shown that, and no more
    if check.record.startswith(f"{ProposedAddress._meta.label}:"):
        return False  # that a mailbox is somebody's says nothing of the account that it is to open
    if check.method == CheckMethod.STAFF:
        return for_what not in FOUR_EYES or check.seconded_at is not None
    return _value_of(check) is not None


def _value_of(check: Verification) -> str | None:
    """The value that was confirmed, as long as it still stands where it stood."""
    label, column = check.record, check.field
    place = whereabouts.place_of(label, column) if label else None
    if place is None or secrets.digest_of_value(place.value) != check.value_digest:
        return None
    return str(place.value)


@dataclass(frozen=True, slots=True)
class _Proved:
    """What a case proves: addresses, persons, and the records of orders that were named."""

    addresses: frozenset[str]
    persons: frozenset[UUID]
    orders: frozenset[UUID]


def _proved(case: RightsRequest, for_what: str) -> _Proved:
    addresses: set[str] = set()
    persons: set[UUID] = set()
    orders: set[UUID] = set()
    checks = list(case.verifications.all())
    digests = set()
    for check in checks:
        if not _counts(check, for_what):
            continue
        if check.subject_id is not None:
            persons.add(check.subject_id)
        if check.identifier == Identifier.EMAIL and (value := _value_of(check)):
            addresses.add(value.casefold())
            digests.add(check.value_digest)
    for check in checks:
        if check.identifier == Identifier.ORDER and check.value_digest in digests and _value_of(check):
            place = whereabouts.place_of(check.record, check.field)
            person = positions.subject_of_record(place.record) if place else None
            if person is not None:
                orders.add(person.merged_into_id or person.pk)
    return _Proved(frozenset(addresses), frozenset(persons), frozenset(orders))


def people_of(case: RightsRequest, for_what: str = "") -> list[Subject]:
    """Whom a case is about, as far as that is certain: those to whom a confirmed identifier leads, and nobody else."""
    for_what = for_what or case.kind
    if for_what == RequestKind.STAFF or not identity_is_confirmed(case, for_what):
        return []
    proved = _proved(case, for_what)
    found: dict[UUID, Subject] = {}
    for person in Subject.objects.filter(pk__in=proved.persons):
        found[person.pk] = person
    for address in proved.addresses:
        for holder in whereabouts.subjects_with_email(address):
            person = holder.merged_into or holder
            if person.pk not in found and _leads_to(person, proved):
                found[person.pk] = person
    return list(found.values())


def _leads_to(person: Subject, proved: _Proved) -> bool:
    places = list(_addresses_of(person))
    held = [place for place in places if str(place.value).casefold() in proved.addresses]
    if getattr(person, "account", None) is not None:
        return any(_is_confirmed_by_owner(place) for place in held)
    if any(getattr(place.record, "proved_by_number", False) for place in places):
        return person.pk in proved.orders
    if any(not isinstance(place.record, RequestMessage) for place in held):
        return True
    # Nothing but letters: theirs when every one of them came from an address that is confirmed.
    return len(held) == len(places)


def _addresses_of(person: Subject) -> Iterable[whereabouts.Place]:
    """The places where an address of a person stands."""
    keys = whereabouts.family(person)
    for model, path in whereabouts.holders():
        for field in personal_fields(model, origin=Origin.PERSON):
            if declaration_of(field).category is Category.EMAIL:
                for record in model._default_manager.filter(**{f"{path}__in": keys}).order_by("pk"):
                    place = whereabouts.Place(record, field, declaration_of(field))
                    if place.value:
                        yield place


def _is_confirmed_by_owner(place: whereabouts.Place) -> bool:
    """Whether the owner of the mailbox has shown that this address of the account is theirs."""
    return place.record._meta.label == "account.EmailAddress" and bool(getattr(place.record, "verified", False))
