"""A correction reaches every place where the value stands, in one transaction, through the gate; history keeps it beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.cards import refuse_card_number
from privacy.declaration import Category, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.desk import cases, identifying, kept_apart, notifying, restricting
from privacy.internal.desk.identifying import SIGN_IN_ADDRESS, SamePerson
from privacy.internal.desk.kept_apart import Apart
from privacy.internal.whereabouts import Place
from privacy.models import CaseStep, Correction, ProposedAddress, RightsRequest, Subject, Verification
from privacy.models.correction import Refusal
from privacy.models.request import RequestKind, RequestReason, RequestState
from privacy.outbox import enqueue
from privacy.records import PersonalRecord
from privacy.signals import corrected, person_confirmed

_SIGN_IN = "account.EmailAddress"
_APPLIED, _BESIDE, _REFUSED, _PROPOSED = (
    Correction.Outcome.APPLIED,
    Correction.Outcome.BESIDE,
    Correction.Outcome.REFUSED,
    Correction.Outcome.PROPOSED,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One value of a person and every place where it stands; an empty value stands for one that is missing."""

    category: Category
    value: str
    places: tuple[Place, ...]


def is_sign_in_address(place: Place) -> bool:
    """Whether an account is opened with this value: it takes four eyes and the owner of the new mailbox to change it."""
    return place.record._meta.label == _SIGN_IN


def is_history(place: Place) -> bool:
    """Whether the record stands as it was handed over, so that the right value goes beside it."""
    return isinstance(place.record, PersonalRecord) and place.record.is_history()


def correctable_places(case: RightsRequest) -> list[Place]:
    """Every place that a correction may reach: of the people of the case, filled or empty, and none before that is certain."""
    found: dict[str, Place] = {}
    for person in identifying.people_of(case, RequestKind.RECTIFICATION):
        for place in whereabouts.places_of(person, empty=True):
            if isinstance(place.record, restricting.OF_THE_DESK) or not _is_typed(place):
                continue
            if place.correctable or (is_sign_in_address(place) and place.field.name == "email"):
                found.setdefault(place.key, place)
    return list(found.values())


def _is_typed(place: Place) -> bool:
    return isinstance(place.field, models.CharField | models.TextField) and (
        place.declared.category is not Category.SELF_IMAGE
    )


def standings(places: Iterable[Place]) -> list[Standing]:
    """The same places by what stands there: a name that is wrong in five records is one line with five places."""
    grouped: dict[tuple[Category, str], list[Place]] = {}
    for place in places:
        grouped.setdefault((place.declared.category, str(place.value or "")), []).append(place)
    lines = [Standing(category, value, tuple(found)) for (category, value), found in grouped.items()]
    return [line for line in lines if line.value] + [line for line in lines if not line.value]


def apply_correction(
    case: RightsRequest,
    changes: Mapping[str, str],
    *,
    staff: Subject | None,
    refusals: Mapping[str, str] | None = None,
    words: str = "",
) -> list[Place]:
    """Decide item by item, all in one transaction, and say which places changed.

    `changes` maps `Place.key` to the right value, `refusals` to a reason. Places that do not belong to the people of the
    case are ignored, whatever a form says. A value of a record that was handed over, or that only a law keeps, stays and the
    right one stands beside it; a sign-in address is only proposed. Whoever was handed a wrong value is told, the case is
    answered and ends, unless something still waits for a second member of staff. Raises `NotConfirmed` while it is not
    certain who asks.
    """
    refusals = refusals or {}
    with transaction.atomic():
        case = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if not case.is_open:
            return []
        identifying.require_confirmed(case, RequestKind.RECTIFICATION)
        places = {place.key: place for place in correctable_places(case)}
        wanted = [(places[key], value) for key, value in changes.items() if key in places]
        wanted = [(place, value) for place, value in wanted if str(place.value or "") != value]
        for _place, value in wanted:
            refuse_card_number(value)
        items = _write(case, [w for w in wanted if not is_sign_in_address(w[0])], staff)
        items += _put_beside(case, changes, staff)
        items += [
            _decide(case, places[key], _REFUSED, staff=staff, refusal=Refusal(why))
            for key, why in refusals.items()
            if key in places and why and key not in {place.key for place, _ in wanted}
        ]
        for place, value in wanted:
            if is_sign_in_address(place):
                _propose(case, place, value, staff)
        done = [item for item in items if item.outcome in (_APPLIED, _BESIDE)]
        notifying.tell_recipients(case, done)
        _end(case, staff=staff, words=words)
    return [place for place, _ in wanted if not is_sign_in_address(place)]


def _end(case: RightsRequest, *, staff: Subject | None, words: str = "") -> None:
    """Answer a case when every item of it is decided: fulfilled when something was put right, denied when nothing was."""
    outcomes = set(case.corrections.values_list("outcome", flat=True))
    if not outcomes or _PROPOSED in outcomes:
        return
    if outcomes & {_APPLIED, _BESIDE}:
        cases.close(case, RequestState.FULFILLED, staff=staff, words=words)
    else:
        cases.close(case, RequestState.DENIED, staff=staff, reason=RequestReason.OTHER, words=words)


def _write(case: RightsRequest, wanted: list[tuple[Place, str]], staff: Subject | None) -> list[Correction]:
    items = []
    records = {id(place.record): place.record for place, _ in wanted if isinstance(place.record, PersonalRecord)}
    for record in records.values():
        mine = [(place, value) for place, value in wanted if place.record is record]
        if record.is_history():
            items += [_decide(case, place, _BESIDE, value=value, staff=staff) for place, value in mine]
            continue
        with collecting(
            surface="staff.admin",
            subject=record.subject,
            fields=[place.field for place, _ in mine],
            source=f"correction {case.pk}",
            acted_by=staff,
        ):
            for place, value in mine:
                setattr(record, place.field.name, place.field.clean(value, record))
            record.clean()
            _save(record)
        corrected.send(
            sender=type(record), subject=record.subject, record=record, fields=[p.field.name for p, _ in mine]
        )
        items += [_decide(case, place, _APPLIED, value=value, staff=staff) for place, value in mine]
    return items


def _put_beside(case: RightsRequest, changes: Mapping[str, str], staff: Subject | None) -> list[Correction]:
    items = []
    for apart in kept_apart.values_of(case):
        if value := changes.get(apart.key, ""):
            refuse_card_number(value)
            items.append(_decide(case, apart, _BESIDE, value=apart.field.clean(value, None), staff=staff))
    return items


def _save(record: PersonalRecord) -> None:
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        if getattr(getattr(error, "__cause__", None), "diag", None) is None:
            raise
        raise ValidationError(
            _("%(record)s: this value belongs to another record already; nothing was changed.")
            % {"record": record._meta.verbose_name}
        ) from error


def _decide(
    case: RightsRequest,
    place: Place | Apart,
    outcome: Correction.Outcome,
    *,
    staff: Subject | None,
    value: str = "",
    refusal: str = "",
) -> Correction:
    if isinstance(place, Apart):
        person = place.person
    else:
        person = place.record.subject if isinstance(place.record, PersonalRecord) else case.subject
    with collecting(
        surface="staff.admin",
        subject=person,
        fields=[Correction.value],
        source=f"correction {case.pk}",
        acted_by=staff,
    ):
        item = Correction.objects.create(
            request=case,
            record=place.label,
            column=place.column,
            value=value,
            outcome=outcome,
            refusal=refusal,
            decided_by=staff,
            applied_at=timezone.now() if outcome in (_APPLIED, _BESIDE) else None,
        )
        kinds = {_REFUSED: CaseStep.Kind.REFUSED, _PROPOSED: CaseStep.Kind.PROPOSED}
        CaseStep.objects.create(
            request=case, kind=kinds.get(outcome, CaseStep.Kind.CORRECTED), detail=place.column[:100], by=staff
        )
    return item


# --- the sign-in address ------------------------------------------------------------------------------------------------


def _propose(case: RightsRequest, place: Place, value: str, staff: Subject | None) -> None:
    """Write down the new address, ask its owner, and warn the present one. Nothing is changed yet."""
    identifying.require_confirmed(case, SIGN_IN_ADDRESS)
    if case.corrections.filter(outcome=_PROPOSED, record=place.label).exists():
        raise ValidationError(_("Another address is proposed for this account already."))
    value = place.field.clean(value.lower(), place.record)
    if type(place.record)._default_manager.filter(email__iexact=value).exists():
        raise ValidationError(_("This address cannot become the one to sign in with."))
    person = place.record.user.subject  # type: ignore[attr-defined]
    with collecting(
        surface="staff.admin",
        subject=person,
        fields=[Correction.value, ProposedAddress.email],
        source=f"correction {case.pk}",
        acted_by=staff,
    ):
        item = Correction.objects.create(
            request=case, record=place.label, column=place.column, outcome=_PROPOSED, decided_by=staff
        )
        address = ProposedAddress.objects.create(correction=item, email=value)
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.PROPOSED, detail=place.column[:100], by=staff)
    enqueue("privacy.warn_old_address", key=f"warn-old-address:{item.pk}", correction_id=item.pk)
    enqueue("privacy.ask_new_address", key=f"ask-new-address:{item.pk}", address_id=address.pk)


def second(item: Correction, *, staff: Subject) -> bool:
    """A second member of staff agrees to a new sign-in address; whether it is changed now. Raises `SamePerson`."""
    with transaction.atomic():
        item = Correction.objects.select_for_update(of=("self",)).select_related("request").get(pk=item.pk)
        if item.outcome != _PROPOSED:
            return False
        if item.decided_by_id is None or item.decided_by_id == staff.pk:
            raise SamePerson
        Correction.objects.filter(pk=item.pk).update(seconded_by=staff)
        CaseStep.objects.create(request=item.request, kind=CaseStep.Kind.SECONDED, detail=item.column[:100], by=staff)
        return _finish(item.pk)


@receiver(person_confirmed, dispatch_uid="privacy.correcting.new_address")
def finish_when_confirmed(case: RightsRequest, **_kwargs: object) -> None:
    """The owner of a new address pressed the button."""
    for key in case.corrections.filter(outcome=_PROPOSED).values_list("pk", flat=True):
        _finish(key)


def _finish(key: int) -> bool:
    """Change the sign-in address once both have agreed: the second member of staff, and the owner of the new mailbox."""
    item = Correction.objects.select_related("request", "seconded_by").get(pk=key)
    address = ProposedAddress.objects.filter(correction=item).first()
    place = whereabouts.place_of(item.record, item.column)
    if item.seconded_by_id is None or address is None or place is None:
        return False
    agreed = Verification.objects.filter(
        request=item.request, record=f"{ProposedAddress._meta.label}:{address.pk}", confirmed_at__isnull=False
    )
    if not agreed.exists():
        return False
    record: Any = place.record
    with collecting(
        surface="staff.admin",
        subject=record.user.subject,
        fields=[place.field],
        source=f"correction {item.request_id}",
        acted_by=item.seconded_by,
    ):
        record.email, record.verified = address.email, True
        record.save(update_fields=["email", "verified"])
    corrected.send(sender=type(record), subject=record.user.subject, record=record, fields=["email"])
    Correction.objects.filter(pk=item.pk).update(outcome=_APPLIED, applied_at=timezone.now())
    item.refresh_from_db()
    CaseStep.objects.create(
        request=item.request, kind=CaseStep.Kind.CORRECTED, detail=item.column[:100], by=item.seconded_by
    )
    notifying.tell_recipients(item.request, [item])
    _end(item.request, staff=item.seconded_by)
    return True


# --- what stands beside history -----------------------------------------------------------------------------------------


def beside(record: models.Model) -> Iterator[tuple[models.Field, str]]:
    """The right values of a record that keeps what was handed over: each field with what it should have been."""
    label = f"{record._meta.label}:{record.pk}"
    fields = {field.column: field for field in personal_fields(type(record))}
    latest: dict[str, str] = {}
    for item in Correction.objects.filter(record=label, outcome=_BESIDE).order_by("pk"):
        latest[item.field_name] = item.value
    for column, value in latest.items():
        if (
            column in fields
            and declaration_of(fields[column])
            and str(getattr(record, fields[column].attname)) != value
        ):
            yield fields[column], value
