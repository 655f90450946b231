"""Subscribers for tests and campaigns: one made as people do it, many made by SQL under the same door."""

from __future__ import annotations

from django.db import connections, transaction
from django.utils import timezone

from marketing.models import Subscription
from privacy.declaration import Purpose
from privacy.gate import collecting
from privacy.internal import policy
from privacy.models import Subject
from privacy.models.consent import ContactChannel
from privacy.permission import grant
from tests.support.people import shown_notice

NEWS = (Purpose.MARKETING_EMAIL, ContactChannel.EMAIL)

_TABLES = (
    "privacy_subject",
    "privacy_collection",
    "privacy_consentevent",
    "privacy_preference",
    "marketing_subscription",
)


def reader(
    email: str = "reader@example.com",
    *,
    locale: str = "en",
    law: str = "",
    permits=(Purpose.MARKETING_EMAIL,),
    method="form",
) -> Subscription:
    """Somebody who confirmed their address and said yes to these purposes."""
    subject = Subject(kind=Subject.Kind.PROSPECT, jurisdiction=law)
    notice = shown_notice(Subscription.email, asks=list(permits))
    with collecting(surface="web.subscribe", subject=subject, fields=[Subscription.email], notice=notice):
        made = Subscription.objects.create(email=email, locale=locale, confirmed_at=timezone.now())
    for purpose in permits:
        grant(subject, purpose, ContactChannel.EMAIL, method=method, notice=notice, surface="web.subscribe")
    return made


def many(number: int, *, prefix: str = "r", purpose: str = Purpose.MARKETING_EMAIL) -> None:
    """So many subscribers, each with a collection, an event and a preference of their own, by a few statements.

    The database's gate asks for an open door in each row's transaction; the owner switches its triggers, and those of the
    ledger, off for as long as this lasts.
    """
    names = {"v": policy.current().version, "purpose": str(purpose), "prefix": prefix, "n": number}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            "CREATE TEMP TABLE made ON COMMIT DROP AS SELECT gen_random_uuid() AS s, gen_random_uuid() AS c, "
            "gen_random_uuid() AS e, n FROM generate_series(1, %(n)s) AS n",
            names,
        )
        cursor.execute(
            "INSERT INTO privacy_subject (id, kind, jurisdiction, created_at) SELECT s, 'prospect', '', now() FROM made"
        )
        cursor.execute(
            "INSERT INTO privacy_collection (id, subject_id, surface, channel, fields, policy_version, notice_digest, "
            "notice_locale, source, transaction_id, received_at) SELECT c, s, 'web.subscribe', 'web', "
            "'{marketing_subscription.email}', %(v)s, 'x', 'en', '', 0, now() FROM made",
            names,
        )
        cursor.execute(
            "INSERT INTO privacy_consentevent (id, subject_id, purpose, channel, state, method, surface, policy_version, "
            "text_digest, locale, received_at, under_gpc) SELECT e, s, %(purpose)s, 'email', 'given', 'form', "
            "'web.subscribe', %(v)s, 'x', 'en', now(), false FROM made",
            names,
        )
        cursor.execute(
            "INSERT INTO privacy_preference (subject_id, purpose, channel, state, event_id, since) "
            "SELECT s, %(purpose)s, 'email', 'given', e, now() FROM made",
            names,
        )
        cursor.execute(
            "INSERT INTO marketing_subscription (subject_id, collection_id, email, locale, token, created_at, confirmed_at) "
            "SELECT s, c, %(prefix)s || n || '@example.com', 'en', gen_random_uuid(), now(), now() FROM made",
            names,
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def analyse() -> None:
    """What the planner needs to know, which autovacuum would tell it a minute later."""

    with connections["owner"].cursor() as cursor:
        for table in ("privacy_preference", "privacy_subject", "marketing_subscription", "marketing_delivery"):
            cursor.execute(f"ANALYZE {table}")
