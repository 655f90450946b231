"""After an erasure the store is looked through again, place by place; what was found, or nothing, is certified."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.postgres.search import SearchVectorField
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from privacy.declaration import personal_fields
from privacy.gate import guest_named_in
from privacy.internal import retention, whereabouts
from privacy.internal.desk import secrets
from privacy.models import Copy, Effect, Erasure, ErasureCertificate, Subject
from privacy.outbox import enqueue

logger = logging.getLogger(__name__)

_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
# A file larger than this is a picture or a film; of those the name is read, and whether it is text at all.
_MOST_BYTES = 2 * 1024 * 1024
_MOST_FILES = 100_000
_MOST_OF_A_LIST = 1000


@dataclass(frozen=True, slots=True)
class Sought:
    """By what a person is known after their values are gone: random keys, and keyed digests of their addresses."""

    people: tuple[UUID, ...]
    digests: frozenset[str]
    since: Any

    def stands_in(self, text: str) -> bool:
        """Whether a text names the person."""
        if any(str(key) in text or key.hex in text for key in self.people):
            return True
        # Before an address in packed bytes stands its length, which may look like a letter of it.
        found = {form for address in _ADDRESS.findall(text) for form in (address, address[1:])}
        return any(secrets.digest_of_value(address) in self.digests for address in found)


def digests_of(subject: Subject) -> list[str]:
    """What is noted for looking again, while the addresses still stand; it is removed once nothing was found."""
    return sorted(secrets.digest_of_value(address) for address in whereabouts.addresses_of(subject))


def ask(erasure: Erasure) -> None:
    """Write the look into the outbox, once a day for one that found something before."""
    day = "" if erasure.left_over is None else f":{timezone.now():%Y%m%d}"
    enqueue("privacy.read_back", key=f"read-back:{erasure.pk}{day}", erasure_id=erasure.pk)


def ask_again() -> None:
    """Look again for everybody of whom something was left; called each night."""
    for erasure in Erasure.objects.filter(left_over__gt=0):
        ask(erasure)


def read_back(erasure: Erasure) -> int:
    """Look through every place, certify what was found there, and raise an alarm for staff when it was something.

    A place that cannot be looked into raises, and the outbox tries again: nothing is certified that was not looked at.
    """
    if erasure.done_at is None:
        return 0  # it is looked for when the rest of it has gone
    sought = Sought(tuple(whereabouts.family(erasure.subject)), frozenset(erasure.sought), erasure.done_at)
    lines: list[dict[str, Any]] = [
        {"place": place, "found": count} for name, look in _PLACES.items() for place, count in look(name, sought)
    ]
    found = sum(line["found"] for line in lines)
    with transaction.atomic():
        ErasureCertificate.objects.create(
            cause=ErasureCertificate.Cause.LOOKED,
            subject=erasure.subject,
            acted_by=erasure.acted_by,
            why=erasure.why,
            reckoned_for=erasure.done_at,
            counts=lines,
        )
        kept = erasure.sought if found else []
        Erasure.objects.filter(pk=erasure.pk).update(left_over=found, read_back_at=timezone.now(), sought=kept)
    if found:
        places = ", ".join(line["place"] for line in lines if line["found"])
        logger.error("After erasure %s something of the person is left: %s", erasure.pk, places)
    return found


# --- the places; each answers with its name and how much of the person stands there --------------------------------------

Find = tuple[str, int]


def _tables(_place: str, sought: Sought) -> Iterator[Find]:
    """Every table of the data map: rows about the person that nothing needs any more. What came since is none of it."""
    for rule in retention.rules():
        if rule.person:
            rows = (
                rule.records().filter(**{f"{rule.person}__in": sought.people}).exclude(rule.still_needed(sought.since))
            )
            if any(field.name == "collection" for field in rule.model._meta.fields):
                rows = rows.filter(Q(collection__isnull=True) | Q(collection__received_at__lte=sought.since))
            yield f"table {rule.table}", rows.count()


def _search(_place: str, sought: Sought) -> Iterator[Find]:
    """Search columns beside values of a person: they end with their row, and one that outlived it would be in another."""
    for model, path in whereabouts.holders():
        if any(isinstance(field, SearchVectorField) for field in model._meta.fields):
            rows = model._base_manager.filter(**{f"{path}__in": sought.people})
            yield f"search column of {model._meta.db_table}", rows.count()
    # The store's search holds words of goods; a review or a name that came in there would be found by its address.
    for model in apps.get_models():
        searched = [f.name for f in model._meta.fields if isinstance(f, SearchVectorField)]
        if searched and not personal_fields(model):
            rows = model._base_manager.annotate(
                **{f"as_text_{name}": models.functions.Cast(name, models.TextField()) for name in searched}
            )
            with_address = rows.filter(
                Q(*((f"as_text_{name}__contains", "@") for name in searched), _connector=Q.OR)
            ).values_list(*(f"as_text_{name}" for name in searched))
            count = sum(sought.stands_in(" ".join(map(str, row))) for row in with_address.iterator())
            yield f"search column of {model._meta.db_table}", count


def _media(place: str, sought: Sought) -> Iterator[Find]:
    """Files of the media storage, by name and, where they are text, by content."""
    found = sum(sought.stands_in(name) or sought.stands_in(_text_of(name)) for name in _files(""))
    yield place, found


def _files(folder: str) -> Iterator[str]:
    waiting, seen = [folder], 0
    while waiting:
        here = waiting.pop()
        try:
            folders, files = default_storage.listdir(here)
        except FileNotFoundError:
            continue  # a store without a single file has no folder either
        waiting += [f"{here}/{name}".lstrip("/") for name in folders]
        for name in files:
            seen += 1
            if seen > _MOST_FILES:
                raise RuntimeError(f"More than {_MOST_FILES} files: raise the bound, nothing is certified unseen.")
            yield f"{here}/{name}".lstrip("/")


def _text_of(name: str) -> str:
    if default_storage.size(name) > _MOST_BYTES:
        return ""
    with default_storage.open(name) as file:
        return file.read().decode("utf-8", "replace")


def _sessions(place: str, sought: Sought) -> Iterator[Find]:
    """Sessions of the person as a guest, and of accounts that are no more."""
    accounts = {str(pk) for pk in get_user_model()._default_manager.values_list("pk", flat=True)}
    keys = {str(key) for key in sought.people}
    found = 0
    for session in Session.objects.iterator(chunk_size=500):
        data = SessionStore().decode(session.session_data)
        signed_in = str(data.get(SESSION_KEY, ""))
        found += guest_named_in(data) in keys or bool(signed_in and signed_in not in accounts)
        found += sought.stands_in(str(data)) and guest_named_in(data) not in keys
    yield place, found


def _caches(place: str, sought: Sought) -> Iterator[Find]:
    """This process's cache, and everything in Valkey: the names of keys, and what they hold as far as it is text."""
    near = getattr(cache, "_cache", {})
    yield "cache of the process", sum(sought.stands_in(f"{key} {_as_text(value)}") for key, value in list(near.items()))
    with closing(redis.Redis.from_url(settings.REDIS_URL)) as valkey:
        yield place, sum(sought.stands_in(_text_in(valkey, key)) for key in valkey.scan_iter(count=1000))


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _text_in(valkey: redis.Redis, key: bytes) -> str:
    read: dict[str, Callable[[], Any]] = {
        "string": lambda: valkey.getrange(key, 0, _MOST_BYTES),
        "list": lambda: valkey.lrange(key, 0, _MOST_OF_A_LIST),
        "set": lambda: valkey.srandmember(key, _MOST_OF_A_LIST),
        "zset": lambda: valkey.zrange(key, 0, _MOST_OF_A_LIST),
        "hash": lambda: list(valkey.hgetall(key).items()),
    }
    held = read.get(_as_text(valkey.type(key)), lambda: b"")()
    pieces = held if isinstance(held, list) else [held]
    flat = (part for piece in pieces for part in (piece if isinstance(piece, tuple) else (piece,)))
    return " ".join(_as_text(part) for part in (key, *flat))


def _exports(place: str, sought: Sought) -> Iterator[Find]:
    """Copies of the person's data that could still be fetched."""
    waiting = Copy.objects.filter(subject__in=sought.people, used_at=None, expires_at__gt=timezone.now())
    yield place, waiting.count()


def _planned(place: str, sought: Sought) -> Iterator[Find]:
    """What waits to be sent to the person or about them, by the keys that it names; messages of campaigns too."""
    keys = [str(key) for key in sought.people]
    waits = Q()
    for name in ("subject_id", "person_id"):
        waits |= Q(**{f"ids__{name}__in": keys})
    yield place, Effect.objects.filter(waits, done_at__isnull=True, created_at__lte=sought.since).count()
    # The table stands in an app above; it is found by its name, so that the foundation imports nothing.
    messages = apps.get_model("marketing.Delivery")._base_manager.filter(subject__in=sought.people)
    yield "messages of campaigns", messages.filter(state__in=("claimed", "handed_over")).count()


_PLACES: dict[str, Callable[[str, Sought], Iterable[Find]]] = {
    "tables": _tables,
    "search": _search,
    "media": _media,
    "sessions": _sessions,
    "valkey": _caches,
    "copies": _exports,
    "outbox": _planned,
}
