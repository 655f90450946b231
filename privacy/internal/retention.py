"""The day of death of every personal value: derived from the declaration, the policy's promise and the table of laws."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from privacy.declaration import Clock, Keep, declaration_of, personal_fields
from privacy.internal import periods, policy, positions, promise
from privacy.records import PersonalRecord

SOURCE = Path(__file__).resolve().parent.parent / "retention.toml"
# The job runs every night, so a value may outlive its day by this much and no more.
A_NIGHT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Law:
    """One line of a law: how long something must be kept (`period`), or how soon it must be gone (`within`)."""

    id: str
    law: str
    article: str
    about: str
    period: str = ""
    within: str = ""

    def __str__(self) -> str:
        return f"{self.law}, {self.article}"


@dataclass(frozen=True, slots=True)
class Reason:
    """When the store's own purpose has ended, counted from its event, why then, and the law that may ask for more."""

    keep: Keep
    ends: str
    because: str
    law: Law | None

    @property
    def outlives_its_purpose(self) -> bool:
        """Whether a law keeps it longer than the store needs it."""
        return bool(self.law and self.law.period)


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


@cache
def laws() -> dict[str, Law]:
    """The table of laws, by id."""
    return {key: Law(key, **row) for key, row in _source()["law"].items()}


def law_named(name: str) -> str:
    """The words for the law under which a row is kept: of our table, or as a legal hold states it."""
    return str(laws()[name]) if name in laws() else name


@cache
def reasons() -> dict[str, Reason]:
    """Why each kind of thing is kept, by the id of its retention."""
    return {
        Keep(key).value: Reason(Keep(key), row["ends"], row["because"], laws()[row["law"]] if "law" in row else None)
        for key, row in _source()["keep"].items()
    }


@dataclass(frozen=True)
class Rule:
    """How the records of one model come to their end."""

    model: type[models.Model]
    reason: Reason
    clock: Clock
    event: Clock
    needed_while: str
    # Links that are emptied instead of the row being removed, where the row outlives the person.
    forgets: tuple[str, ...]
    person: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        """The columns that hold the personal values."""
        return [str(field.column) for field in personal_fields(self.model)]

    @property
    def links(self) -> list[str]:
        """The columns that say what the record belongs to, without the person and the collection."""
        return [str(field.column) for field in self.foreign_keys]

    @property
    def foreign_keys(self) -> list[models.ForeignKey]:
        """What the record belongs to, without the person and the collection."""
        fields = [field for field in self.model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
        return [field for field in fields if field.name not in ("subject", "collection")]

    @property
    def parent(self) -> str:
        """The first of the links: the order of a delivery address, the case of a letter."""
        return self.links[0] if self.links else ""

    def still_needed(self, now: dt.datetime) -> Q:
        """Which records the store cannot do without yet, whatever their owner asks; none unless the model says so."""
        said: Callable[[dt.datetime], Q] | None = getattr(self.model, "still_needed", None)
        return said(now) if said else Q(pk__in=[])

    def records(self) -> models.QuerySet:
        """The records that still are about somebody."""
        rows = self.model._base_manager.order_by()
        if self.forgets:
            rows = rows.filter(~Q(**{f"{name}__isnull": True for name in self.forgets}))
        return rows


def _expression(clock: Clock) -> Any:
    if isinstance(clock, str):
        return F(clock)
    if isinstance(clock, tuple):
        return Coalesce(*(F(path) for path in clock)) if len(clock) > 1 else F(clock[0])
    return clock()


def _clock_of(model: type[models.Model]) -> Clock | None:
    position = positions.third_party().get(model._meta.label)
    if isinstance(position, positions.Holds):
        return position.keep_from or None
    return getattr(model, "keep_from", None)


def _person_of(model: type[models.Model]) -> str:
    if any(field.name == "subject" for field in model._meta.fields):
        return "subject_id"
    position = positions.third_party().get(model._meta.label)
    return f"{position.through}__subject_id" if isinstance(position, positions.Holds) and position.through else ""


def rules() -> tuple[Rule, ...]:
    """A rule for every model that holds personal values and says from when its clock runs, the dependent ones first."""
    return _rules(policy.versions())


@cache
def _rules(_versions: tuple[str, ...]) -> tuple[Rule, ...]:
    found = []
    for model in apps.get_models():
        fields, clock = personal_fields(model), _clock_of(model)
        if not fields or clock is None or positions.position_of(model) is None:
            continue
        found.append(
            Rule(
                model=model,
                reason=reasons()[declaration_of(fields[0]).keep],
                clock=clock,
                event=getattr(model, "purpose_from", None) or clock,
                needed_while=getattr(model, "needed_while", ""),
                forgets=tuple(getattr(model, "forgets", ())),
                person=_person_of(model),
            )
        )

    # What people told first, and of that the piece before the whole (a photograph before its review), so that each is counted
    # under its own name. What other packages hold about their accounts next, then the accounts; the books last, since some
    # of them are kept whole only as long as an account shows them.
    def place(rule: Rule) -> tuple[bool, ...]:
        told, links = issubclass(rule.model, PersonalRecord), [link.related_model for link in rule.foreign_keys]
        piece = any(issubclass(model, PersonalRecord) for model in links)
        return not told, not piece, positions.is_ours(rule.model), bool(rule.forgets)

    return tuple(sorted(found, key=place))


def rule_of(table: str) -> Rule:
    """The rule of one table."""
    return next(rule for rule in rules() if rule.table == table)


def _promised_periods(keep: str) -> dict[str, str]:
    """How long what was collected under each version of the policy is kept, the oldest version first: no longer than promised
    then, and no longer than the one in force allows."""
    return promise.periods_promised(keep, policy.versions())


def _law_period(rule: Rule) -> Any:
    """How long after its clock the law lets go of a record: what the version promised under which it was collected."""
    text = models.TextField()
    if not rule.reason.outlives_its_purpose:
        return Value(None, output_field=text)
    promised = _promised_periods(rule.reason.keep)
    if len(set(promised.values())) == 1:
        return Value(next(iter(promised.values())), output_field=text)
    if issubclass(rule.model, PersonalRecord):
        whens = [When(collection__policy_version=version, then=Value(period)) for version, period in promised.items()]
    else:
        # What the store made itself names no version: the one in force when the clock began.
        whens = [
            When(retention_clock__gte=dt.datetime.combine(policy.load(v).effective, dt.time(), dt.UTC), then=Value(p))
            for v, p in reversed(promised.items())
        ]
    return Case(*whens, default=Value(next(iter(promised.values()))), output_field=text)


def bare_sql(rule: Rule) -> str:
    """SQL without parameters: for each record its key, person, parent, purpose's event, clock, law's period, and whether
    something makes it needed until the law's own end."""
    return _bare_sql(rule, policy.versions(), policy.current().version)


@cache
def _bare_sql(rule: Rule, _versions: tuple[str, ...], _in_force: str) -> str:
    empty = Value(None, output_field=models.UUIDField())
    rows = (
        rule.records()
        .annotate(
            retention_key=F("pk"),
            retention_person=F(rule.person) if rule.person else empty,
            retention_parent=F(rule.parent) if rule.parent else Value("", output_field=models.TextField()),
            retention_event=_expression(rule.event),
            retention_clock=_expression(rule.clock),
        )
        .annotate(
            retention_period=_law_period(rule),
            retention_needed=models.ExpressionWrapper(
                Q(**{f"{rule.needed_while}__isnull": False}) if rule.needed_while else Q(pk__isnull=True),
                output_field=models.BooleanField(),
            ),
        )
    )
    names = ["key", "person", "parent", "event", "clock", "period", "needed"]
    sql, parameters = rows.values_list(*(f"retention_{name}" for name in names)).query.sql_with_params()
    whole = sql % tuple(_literal(parameter) for parameter in parameters)
    return (
        "SELECT key, person::uuid, parent::text, event::timestamptz, clock::timestamptz, period::interval, needed "  # noqa: S608
        f"FROM ({whole}) AS bare ({', '.join(names)})"
    )


def _literal(parameter: Any) -> str:
    """A parameter as SQL; they come from the models and the policy, and there are few kinds of them."""
    match parameter:
        case None:
            return "NULL"
        case bool() | int():
            return str(parameter)
        case dt.timedelta():
            return f"interval '{parameter.total_seconds()} seconds'"
        case dt.datetime():
            return f"'{parameter.isoformat()}'::timestamptz"
        case str():
            doubled = str(parameter).replace("'", "''")
            return f"'{doubled}'"
    raise TypeError(f"{type(parameter).__name__} is not written into the rules of retention.")


def dated_sql(rule: Rule) -> str:
    """SQL without parameters: for each record when its purpose and the law end, when it leaves its table, when it dies.

    An event that has not come is NULL and ends nothing; the law's end is the last word then too.
    """
    return (
        "SELECT b.key, b.person, b.parent, e.purpose_ends, e.law_ends, "  # noqa: S608 - made from the models
        "CASE WHEN b.needed THEN greatest(e.purpose_ends, e.law_ends) "
        "ELSE coalesce(e.purpose_ends, e.law_ends) END AS leaves_at, "
        "greatest(e.purpose_ends, e.law_ends) AS dies_at "
        f"FROM ({bare_sql(rule)}) AS b, LATERAL (SELECT b.event + interval '{rule.reason.ends}' "
        "AS purpose_ends, b.clock + b.period AS law_ends) AS e"
    )


def _query(sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()


def _dated(rule: Rule) -> str:
    # Doubled, since it is executed together with parameters.
    return dated_sql(rule).replace("%", "%%")


def due_keys(rule: Rule, now: dt.datetime, limit: int) -> list[Any]:
    """The keys of records that leave their table now, at most so many, locked; rows that somebody else holds are left."""
    key = rule.model._meta.pk.column
    chosen = _query(
        f'SELECT t."{key}" FROM "{rule.table}" t WHERE t."{key}" IN '  # noqa: S608 - made from the models
        f"(SELECT d.key FROM ({_dated(rule)}) d WHERE d.leaves_at <= %s LIMIT %s) FOR UPDATE OF t SKIP LOCKED",
        [now, limit],
    )
    if not chosen:
        return []
    # Asked again now that nobody can change them: a review may have been shown again in between.
    again = f"SELECT d.key FROM ({_dated(rule)}) d WHERE d.leaves_at <= %s AND d.key = ANY (%s)"  # noqa: S608
    return [key for (key,) in _query(again, [now, _keys(rule, [key for (key,) in chosen])])]


def _keys(rule: Rule, keys: Iterable[Any]) -> list[Any]:
    return [rule.model._meta.pk.get_db_prep_value(key, connection) for key in keys]


@dataclass(frozen=True, slots=True)
class Day:
    """When one record leaves its table and when it dies; None where its clock has not begun."""

    leaves_at: dt.datetime | None
    dies_at: dt.datetime | None


def days_of(rule: Rule, keys: Iterable[Any]) -> dict[Any, Day]:
    """The days of some records of one model."""
    sql = f"SELECT d.key, d.leaves_at, d.dies_at FROM ({_dated(rule)}) d WHERE d.key = ANY (%s)"  # noqa: S608
    pk = rule.model._meta.pk
    cast = f"::{pk.rel_db_type(connection)}[]"
    rows = _query(sql.replace("ANY (%s)", f"ANY (%s{cast})"), [[str(key) for key in keys]])
    return {pk.to_python(key): Day(leaves, dies) for key, leaves, dies in rows}


def day_of_death(record: models.Model) -> dt.datetime | None:
    """When the values of a record must be gone: `max(purpose end, legal hold end)`. None while its clock has not begun."""
    rule = rule_of(record._meta.db_table)
    day = days_of(rule, [record.pk]).get(record.pk)
    holds = [hold.until for hold in holds_on(rule.table, str(record.pk))]
    return max([day.dies_at, *holds]) if day and day.dies_at else None


def holds_on(table: str, row_id: str = "", now: dt.datetime | None = None) -> models.QuerySet:
    """The legal holds that stand on a table, or on one of its rows."""
    from privacy.models import LegalHold

    standing = LegalHold.objects.filter(table_name=table, lifted_at=None, until__gt=now or timezone.now())
    return standing.filter(Q(row_id="") | Q(row_id=row_id)) if row_id else standing


def problems() -> Iterator[tuple[type[models.Model] | None, str, str]]:
    """What keeps a value from knowing its day: the model, a sentence, and what to do about it."""
    for model in apps.get_models():
        fields = personal_fields(model)
        if not fields:
            continue
        clock = _clock_of(model)
        if clock is None:
            yield model, f"{model._meta.label} does not say from when its retention counts.", "Add keep_from = … to it."
            continue
        for path in (clock, getattr(model, "purpose_from", None) or clock):
            try:
                model._base_manager.annotate(retention=_expression(path)).query.sql_with_params()
            except (FieldError, FieldDoesNotExist):
                yield (
                    model,
                    f"{model._meta.label}: {path!r} leads to no field.",
                    "Name a path to a date or a timestamp.",
                )
    for keep, promised in policy.current().retention.items():
        reason = reasons().get(keep)
        if reason is None:
            yield None, f"Retention {keep} has no line in privacy/retention.toml.", "Say when its purpose ends and why."
            continue
        wanted, hint = (
            _promise_that_fits(reason, promised.period),
            "Change the policy's period, or the line in retention.toml.",
        )
        if wanted:
            yield None, f"The policy promises {promised.period} for {keep}, but {wanted}.", hint


def _promise_that_fits(reason: Reason, promised: str) -> str:
    """In what a promised period does not go with the law and the purpose; empty when it does."""
    law = reason.law
    if law is not None and law.period:
        if periods.is_longer(law.period, promised):
            return f"{law} asks for {law.period}"
        return f"its purpose takes {reason.ends}" if periods.is_longer(reason.ends, promised) else ""
    if law is not None:
        begins = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        if periods.after(begins, reason.ends) + A_NIGHT > periods.after(begins, promised):
            return f"its purpose takes {reason.ends} and the job may take a night"
        return f"{law} asks for {law.within}" if periods.is_longer(promised, law.within) else ""
    return "" if promised == reason.ends else f"its purpose ends after {reason.ends}"
