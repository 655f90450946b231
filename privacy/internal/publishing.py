"""A version of the policy comes into force in two steps by two people; what is published stays as it was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.errors import NotPublished
from privacy.internal import policy, published
from privacy.models import Proposal, Publication, Subject
from privacy.outbox import enqueue

# The languages that people read the policy in; a version that lacks one is not published.
LOCALES = ("en", "ja", "ko", "zh")
ANNOUNCE = "privacy.announce_policy"


def propose(version: str, *, drafted_by: Subject) -> Proposal:
    """Put a draft before the others, as it is at this moment. Refused (`NotPublished`) when something of it is missing."""
    for problem in problems(version):
        raise NotPublished(problem)
    return Proposal.objects.create(version=version, digest=policy.digest_of(version), drafted_by=drafted_by)


def publish(proposal: Proposal, *, published_by: Subject) -> Publication:
    """Let a proposed version take effect on its day, and tell everybody. The database refuses what this function forgets.

    Refused (`NotPublished`): who drafted it, a draft that has changed since it was proposed, too little time to read.
    """
    version = proposal.version
    for problem in problems(version):
        raise NotPublished(problem)
    if proposal.drafted_by_id == published_by.pk:
        raise NotPublished(_("Whoever drafted a version does not publish it: ask somebody else to read it first."))
    if policy.digest_of(version) != proposal.digest:
        raise NotPublished(_("The draft has changed since it was proposed. Propose it again, and read it again."))
    effective = policy.load(version).effective
    if effective < earliest_day():
        raise NotPublished(
            _("People need %(days)s days to read it: it can take effect on %(day)s at the earliest.")
            % {"days": settings.POLICY_NOTICE_DAYS, "day": earliest_day().isoformat()}
        )
    try:
        with transaction.atomic():
            publication = Publication.objects.create(
                version=version,
                effective=effective,
                digest=proposal.digest,
                drafted_by_id=proposal.drafted_by_id,
                published_by=published_by,
            )
            enqueue(ANNOUNCE, key=f"policy:{version}:all", publication_id=str(publication.pk))
            transaction.on_commit(published.look)
    except IntegrityError as error:
        raise NotPublished(_("The database refused it: %(reason)s") % {"reason": str(error).splitlines()[0]}) from error
    return publication


def earliest_day(now: dt.datetime | None = None) -> dt.date:
    """The first day that leaves people the whole days to read that the setting asks for."""
    until = timezone.localtime(now) + dt.timedelta(days=settings.POLICY_NOTICE_DAYS)
    return until.date() if until.time() == dt.time() else until.date() + dt.timedelta(days=1)


def problems(version: str) -> Iterator[str]:
    """What stands against proposing or publishing a version, in sentences."""
    if version not in policy.files():
        yield _("There is no privacy/policy/%(version)s.toml.") % {"version": version}
        return
    if Publication.objects.filter(version=version).exists():
        yield _("The version of %(version)s is published already.") % {"version": version}
        return
    try:
        draft = policy.load(version)
        if draft.digest != policy.digest_of(version):
            policy.read_again()
            draft = policy.load(version)
        locales = draft.locales
        words = {locale: draft.words(locale).data for locale in locales}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield _("privacy/policy/%(version)s cannot be read: %(error)s") % {"version": version, "error": error}
        return
    if draft.version != version or draft.effective.isoformat() != version:
        yield _(
            "A version is named for the day on which it takes effect: the file, `version` and `effective` must agree."
        )
    for locale in LOCALES:
        if locale not in locales:
            yield _("There are no words in %(locale)s: write privacy/policy/%(version)s.%(locale)s.toml.") % {
                "version": version,
                "locale": locale,
            }
    wanted = {*_named(draft), *_keys(words.get(policy.SOURCE_LOCALE, {}))}
    for locale, texts in words.items():
        missing = sorted(wanted - set(_keys(texts)))
        if missing:
            yield _("The words in %(locale)s lack %(missing)s.") % {"locale": locale, "missing": ", ".join(missing)}


def _named(draft: policy.Policy) -> Iterator[str]:
    """What the data of a version names, and what therefore needs words."""
    yield from (f"purpose/{purpose}" for purpose in draft.purposes)
    yield from (f"legal_basis/{draft.legal_basis(purpose)}" for purpose in draft.purposes)
    yield from (f"{table}/{keep}" for table in ("retention", "kept") for keep in draft.retention)
    yield from (f"recipient/{recipient}" for recipient in draft.recipients)
    yield from (f"country/{recipient.country}" for recipient in draft.recipients.values())
    yield from (f"category/{statement.category}" for statement in draft.statements)
    yield from (f"never_stored/{category}" for category in draft.never_stored)


def _keys(texts: object, path: str = "") -> Iterator[str]:
    """Every key of a file of words, "purpose/finance", and the clause of each section."""
    if isinstance(texts, dict):
        for key, value in texts.items():
            yield from _keys(value, f"{path}/{key}" if path else key)
    elif isinstance(texts, list):
        for section in texts:
            yield f"{path}/{section.get('clause')}"
    else:
        yield path


def found(using: str) -> None:
    """Publish what an installation begins with, once, in the store's own name: the versions whose day has come."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [Publication._meta.db_table])
        if not cursor.fetchone()[0]:
            return
    publications = Publication.objects.using(using)
    with transaction.atomic(using=using):
        if publications.exists():
            return
        for version in policy.founding():
            stated = policy.load(version)
            publications.create(version=version, effective=stated.effective, digest=stated.digest, founding=True)


def departures() -> Iterator[str]:
    """Where the files differ from what was published, in sentences; nothing when every letter stands as it did."""
    for publication in Publication.objects.order_by("effective"):
        if not (policy.FOLDER / f"{publication.version}.toml").exists():
            yield f"The version of {publication.version} is published, and privacy/policy/{publication.version}.toml is missing."
        elif policy.digest_of(publication.version) != publication.digest:
            yield f"The files of {publication.version} are not those that were published: {publication.digest[:12]}… was."
