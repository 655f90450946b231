"""The two doors of the store: `collecting()` lets personal values in, `disclose()` lets them out, and both write it down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction

from privacy.declaration import FieldRef, column_key, datum, declaration_of, personal_fields, resolve
from privacy.errors import NotCollected, NotDisclosed
from privacy.internal import door, policy, positions, recipients, shown
from privacy.internal.journal import standing
from privacy.internal.policy import SEVERAL_LAWS
from privacy.internal.promise import promise_for
from privacy.models import Collection, Disclosure, LegalOrder, Subject
from privacy.permission import carry_over_refusals, channel_of, may_be_contacted
from privacy.restriction import refuse_restricted, restricted_among

if TYPE_CHECKING:
    from django.http import HttpRequest

    from privacy.notice import ShownNotice

_SESSION_KEY = "privacy.subject"


@contextmanager
def collecting(
    *,
    surface: str,
    subject: Subject,
    fields: Iterable[FieldRef],
    notice: ShownNotice | None = None,
    source: str = "",
    acted_by: Subject | None = None,
) -> Iterator[Collection]:
    """Open the door in: one transaction, one Collection row.

    Within the block the named fields of records about `subject` may be written; the database holds the same rule
    (`privacy_gate`). `surface` is a collection point of the policy in force. `notice` is what the person was shown; a
    collection point that faces a person requires it. `source` says where the values came from when no person typed them.
    When the block ends, however it ends, the door that was open before is open again.
    """
    in_force = policy.current()
    point = in_force.surfaces.get(surface)
    if point is None:
        raise NotCollected(
            f"The policy of {in_force.version} has no collection point {surface!r}: nothing may enter there."
        )
    if point.shows_notice and notice is None:
        raise NotCollected(f"{surface} faces a person: it needs the notice that was shown.")
    covered = frozenset(_collectable(ref) for ref in fields)
    before = door.current()
    nested = connection.in_atomic_block
    with transaction.atomic():
        if subject._state.adding:
            subject.save(force_insert=True)
        # A trigger stamps the row with the transaction's id and opens the database's side of the door.
        collection = Collection.objects.create(
            subject=subject,
            surface=surface,
            channel=point.channel,
            fields=sorted(covered),
            policy_version=in_force.version,
            notice_digest=notice.digest if notice else "",
            notice_locale=notice.locale if notice else "",
            notice_shown_at=notice.shown_at if notice else None,
            source=source[:200],
            acted_by=acted_by,
        )
        shown.keep(notice)
        with door.opened(door.OpenDoor(collection, covered)):
            yield collection
        if nested:
            # The setting is local to the outermost transaction and would outlive this block, so it is put back. When the
            # block fails, the rollback to its savepoint has done so already.
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('privacy.collection', %s, true)", [str(before.collection.pk) if before else ""]
                )


def _collectable(ref: FieldRef) -> str:
    field = resolve(ref)
    if datum(field) is None:
        raise NotCollected(
            f"{field.model._meta.label}.{field.name} is not declared as personal: wrap it in personal()."
        )
    return column_key(field)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What left: one mapping of field name to value per record, and nothing but what the recipient needs."""

    rows: tuple[Mapping[str, Any], ...]
    disclosures: tuple[Disclosure, ...]

    @property
    def row(self) -> Mapping[str, Any]:
        """The only row, when a single record was disclosed."""
        (row,) = self.rows
        return row


def disclose(
    records: models.Model | Iterable[models.Model],
    *,
    to: str,
    purpose: str,
    legal_order: LegalOrder | None = None,
    acted_by: Subject | None = None,
) -> Disclosed:
    """Open the door out: return the columns that this recipient needs for this purpose, and write down who got them.

    Refused (`NotDisclosed`): a recipient that the policy does not register or that staff have suspended, a purpose that
    it does not state for that recipient, a person who has not permitted it where permission is the basis, what the
    policy did not permit when it was collected, unless the person has agreed since, and what is restricted while a case
    is open (`Restricted`). A recorded legal order is the only other way. Nothing at all leaves (`InQuarantine`) while
    erased people may be back, after an older backup was restored.
    """
    return _hand_over(records, to, purpose, legal_order=legal_order, acted_by=acted_by)


def _hand_over(
    records: models.Model | Iterable[models.Model],
    to: str,
    purpose: str,
    *,
    legal_order: LegalOrder | None = None,
    acted_by: Subject | None = None,
) -> Disclosed:
    standing.require_clear()
    in_force = policy.current()
    records = [records] if isinstance(records, models.Model) else list(records)
    if legal_order is None:
        recipients.registered(to)
        categories = in_force.recipients[to].receives.get(purpose)
        if categories is None:
            raise NotDisclosed(
                f"The policy of {in_force.version} does not state that {to} receives data for {purpose}."
            )
        basis = in_force.legal_basis(purpose)
    else:
        categories, basis = None, "legal_obligation"

    people = [positions.subject_of_record(record) for record in records]
    permitting = set()
    if basis == "consent":
        permitting = may_be_contacted([p for p in people if p], purpose, channel_of(purpose))
    restricted = restricted_among(person for person in people if person)
    rows, traces = [], []
    for record, person in zip(records, people, strict=True):
        if person is None:
            raise NotDisclosed(f"{record._meta.label} is about nobody; pass it on without disclose().")
        if legal_order is not None and legal_order.subject_id != person.pk:
            raise NotDisclosed("The legal order is about another person.")
        if basis == "consent" and person.pk not in permitting:
            raise NotDisclosed(f"Permission is the basis of {purpose}, and this person has not given it.")
        needed = [
            f
            for f in personal_fields(type(record))
            if categories is None
            or (declaration_of(f).category in categories and purpose in declaration_of(f).purposes)
        ]
        if not needed:
            raise NotDisclosed(f"Nothing in {record._meta.label} is declared for {purpose} and needed by {to}.")
        if legal_order is None:
            promised = promise_for(record)
            needed = [f for f in needed if promised.lets_out(to, purpose, declaration_of(f))]
            if not needed:
                raise NotDisclosed(
                    f"{record._meta.label} was collected under the policy of {promised.collected_under.version}, which "
                    f"lets nothing of it go to {to} for {purpose}, and the person has not agreed to the change."
                )
            # A court may see what the person contests; nobody else (GDPR Art. 18(2)).
            if person.pk in restricted:
                refuse_restricted(person, record, needed, purpose)
        rows.append({f.name: getattr(record, f.name) for f in needed})
        traces.append(
            Disclosure(
                subject=person,
                handed_to=to,
                purpose=purpose,
                legal_basis=basis,
                fields=[column_key(f) for f in needed],
                record=f"{record._meta.label}:{record.pk}",
                legal_order=legal_order,
                policy_version=in_force.version,
                acted_by=acted_by,
            )
        )
    return Disclosed(tuple(rows), tuple(Disclosure.objects.bulk_create(traces)))


def disclose_again(before: Disclosure, record: models.Model) -> Disclosed:
    """Hand a record once more to whom it was handed, for the same purpose, because a value in it was wrong.

    Refused as `disclose` is: also whoever received it once receives it again only under the policy in force.
    """
    if before.record != f"{record._meta.label}:{record.pk}" or before.legal_order_id is not None:
        raise NotDisclosed(f"{before.record} was handed over, not {record._meta.label}:{record.pk}.")
    return _hand_over(record, before.handed_to, before.purpose)


def subject_of(request: HttpRequest) -> Subject:
    """Whom this request is about: the signed-in person, the guest whom this session already knows, or a new guest.

    A new guest is not stored until something is collected, and no session is made for merely looking.
    """
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return user.subject
    if request.session.session_key and (known := request.session.get(_SESSION_KEY)):
        guest = Subject.objects.filter(pk=known, merged_into__isnull=True).first()
        if guest is not None:
            return guest
    return Subject()


def under_law_of(subject: Subject, country: str) -> None:
    """Note whose law a person is under, from a country that they named. Two different ones: the strictest will count."""
    law = policy.current().jurisdiction_of(country)
    if subject._state.adding:
        subject.jurisdiction = law
    elif subject.jurisdiction not in (law, SEVERAL_LAWS):
        subject.jurisdiction = SEVERAL_LAWS if subject.jurisdiction else law
        subject.save(update_fields=["jurisdiction"])


def remember_guest(request: HttpRequest, subject: Subject) -> None:
    """Let the session know its guest, after something was collected from them."""
    if not request.user.is_authenticated:
        request.session[_SESSION_KEY] = str(subject.pk)


def guest_named_in(session_data: Mapping[str, Any]) -> str:
    """The key of the guest that a session's data names; empty when it names none."""
    return str(session_data.get(_SESSION_KEY, ""))


def merge(guest: Subject, account: Subject) -> None:
    """Say that a guest and an account are one person. Nothing is rewritten; a refusal made as a guest goes on to count."""
    if guest.pk == account.pk:
        return
    with transaction.atomic():
        if Subject.objects.filter(pk=guest.pk, merged_into__isnull=True).update(merged_into=account):
            carry_over_refusals(guest, account)
