"""What was promised when a value was collected goes on to hold for it, whatever a later version of the policy permits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import Min, Q
from django.utils import timezone

from privacy.declaration import Origin, PersonalDatum, column_key, personal_fields
from privacy.internal import permits, policy, positions
from privacy.internal.comparing import longer
from privacy.internal.policy import SEVERAL_LAWS, Mechanism, Policy, Retention
from privacy.models import Collection, PolicyAnswer, Preference, Subject
from privacy.models.consent import ConsentState
from privacy.records import PersonalRecord


@dataclass(frozen=True)
class Promise:
    """What the store may do with one record: what the policy in force permits, as far as the person was promised no less.

    The person is bound to the version under which the record was collected, and to what they have said yes to since. Who
    has not answered has not said yes.
    """

    person: Subject
    collected_under: Policy
    in_force: Policy

    @property
    def is_old(self) -> bool:
        """Whether the policy has changed since the record was collected."""
        return self.collected_under.version != self.in_force.version

    @cached_property
    def agreed(self) -> permits.Permits:
        """What the person has said yes to since; asked for only where the old promise does not reach."""
        return agreed_by(self.person)

    def permits(self, what: str) -> bool:
        """Whether something may be done: it is nothing new, or the person has said yes to it."""
        if not self.is_old or what in permits.of(self.collected_under):
            return True
        return what not in permits.of(self.in_force) or what in self.agreed

    def lets_out(self, to: str, purpose: str, declared: PersonalDatum) -> bool:
        """Whether a value may go to this recipient, where it is now, for this purpose."""
        if not self.is_old:
            return True
        category, keep = declared.category.value, declared.keep.value
        over_there = permits.hand_over(self.in_force.recipients[to], purpose, category)
        if not (self.permits(over_there) and self._uses(permits.asks, category, purpose, keep)):
            return False
        unasked = self._uses(permits.uses_unasked, category, purpose, keep) and not self._was_asked_more_of(purpose)
        return unasked or self.said_yes_to(purpose)

    def _uses(self, permit: Callable[[str, str, str], str], category: str, purpose: str, keep: str) -> bool:
        then = permits.of(self.collected_under)
        if permits.keeps_as(category, keep) not in then:
            # It was kept by another rule then; what it was used for under that one, it may be used for under this one.
            return any(permit(category, purpose, k) in then for k in self.collected_under.retention) or self.permits(
                permit(category, purpose, keep)
            )
        return self.permits(permit(category, purpose, keep))

    def _was_asked_more_of(self, purpose: str) -> bool:
        """Whether the law's mechanism by which permission to write comes about was stricter then, by any channel."""
        if self.in_force.legal_basis(purpose) != "consent" or purpose not in self.collected_under.purposes:
            return False
        law, order = self.person.jurisdiction, list(Mechanism)
        named = law if law not in ("", SEVERAL_LAWS) else "*"
        for channel in sorted({rule.channel for rule in self.in_force.permissions if rule.purpose == purpose}):
            then, now = (v.rule(purpose, channel, law).mechanism for v in (self.collected_under, self.in_force))
            loosened = order.index(then) < order.index(now)
            if loosened and permits.reaches(purpose, channel, named, now) not in self.agreed:
                return True
        return False

    def said_yes_to(self, purpose: str) -> bool:
        """Whether the person's own yes to being written to for a purpose stands, by whatever channel and mechanism."""
        yes = Preference.objects.filter(subject=self.person, purpose=purpose, state=ConsentState.GIVEN)
        return yes.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())).exists()

    def retention(self, keep: str) -> Retention:
        """For how long what is kept by this rule may be kept."""
        now = self.in_force.retention[keep]
        if not self.is_old or permits.keeps(now) in self.agreed:
            return now
        return kept_no_longer_than(self.collected_under, self.in_force, keep)


def kept_no_longer_than(collected_under: Policy, in_force: Policy, keep: str) -> Retention:
    """The time that both versions allow: a shorter one binds at once, a longer one only for what comes in under it."""
    then, now = collected_under.retention.get(keep), in_force.retention[keep]
    if then is None or (then.counts_from == now.counts_from and not longer(now.period, then.period)):
        return now
    return then


def promise_for(record: models.Model) -> Promise:
    """What may be done with one record, ours or of a package that is listed."""
    person = positions.subject_of_record(record)
    if person is None:
        raise LookupError(f"{record._meta.label} is about nobody, so nobody was promised anything about it.")
    in_force = policy.current()
    return Promise(person, policy.load(_version_of(record, person, in_force)), in_force)


def _version_of(record: models.Model, person: Subject, in_force: Policy) -> str:
    """The version under which a record was collected; where nobody can say, the earliest under which it may have been.

    A notice that was shown for all of its values renews the promise. A correction by staff does not, nor one of a single
    value: what stood beside it came in before.
    """
    if in_force.version == policy.versions()[0]:
        return in_force.version  # there has been no other
    columns = {column_key(field) for field in personal_fields(type(record), origin=Origin.PERSON)}
    earliest = None
    if isinstance(record, PersonalRecord):
        collection = record.collection
        if collection.notice_digest and columns <= set(collection.fields):
            return collection.policy_version
        earliest = collection.policy_version
    if columns:
        covering = Collection.objects.filter(subject=person, fields__overlap=sorted(columns))
        earliest = covering.aggregate(first=Min("policy_version"))["first"] or earliest
    # What the store made itself, it made of a person whom it knew since a day.
    return earliest or policy.current(timezone.localdate(person.created_at)).version


def family_of(person: Subject) -> Q:
    """Rows about one person: the subject, and the guests and the account that are the same."""
    who = Q(subject=person) | Q(subject__merged_into=person)
    if person.merged_into_id:
        who |= Q(subject=person.merged_into_id) | Q(subject__merged_into=person.merged_into_id)
    return who


def last_words(person: Subject) -> dict[str, bool]:
    """Yes or no to everything that a person was asked to permit, by their last word on each."""
    answers = PolicyAnswer.objects.filter(family_of(person)).order_by("received_at")
    last: dict[str, bool] = {}
    for asked, yes in answers.values_list("permits", "yes"):
        last.update(dict.fromkeys(asked, yes))
    return last


def agreed_by(person: Subject) -> permits.Permits:
    """Everything that a person has said yes to, and not no since."""
    return frozenset(what for what, yes in last_words(person).items() if yes)


def periods_promised(keep: str, versions: Iterable[str]) -> dict[str, str]:
    """For each version, how long what was collected under it is kept, the oldest first: SQL asks for whole tables."""
    in_force = policy.current()
    found: dict[str, str] = {}
    for version in versions:
        then = policy.load(version)
        if version <= in_force.version and keep in in_force.retention:
            found[version] = kept_no_longer_than(then, in_force, keep).period
        elif keep in then.retention:
            found[version] = then.retention[keep].period
    return found
