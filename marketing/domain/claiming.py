"""Who gets a campaign: the audience is read in order, and each person's permission is claimed in the transaction that notes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection, transaction

from marketing.domain import suppressing
from marketing.models import Campaign
from marketing.models.reached import BY_CHANNEL, Reached, newest_first
from marketing.queries import reachable, text_locales
from privacy.models.consent import ContactChannel
from privacy.permission import hold_permissions

# In one transaction: long enough to share its cost, short enough that a choice waits for it no longer than a blink.
BATCH = 1000


def claim(campaign_id: int, most: int = BATCH) -> int:
    """Claim the next people of the audience, and say how many were looked at; 0 when somebody else does so, or at the end.

    Whoever opted out before this transaction is not claimed; whoever does after it finds the claim and takes it back. Somebody
    who is choosing at this very moment is passed over.
    """
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(skip_locked=True)
            .filter(pk=campaign_id, state=Campaign.State.RUNNING, all_claimed=False)
            .first()
        )
        if campaign is None:
            return 0
        people = reachable(campaign, after=campaign.cursor, most=most)
        if people:
            _write(campaign, people)
            campaign.cursor = people[-1]
        else:
            campaign.all_claimed = True
        campaign.save(update_fields=["cursor", "all_claimed"])
    return len(people)


def _write(campaign: Campaign, people: Sequence[UUID]) -> None:
    held = hold_permissions(people, campaign.purpose, campaign.channel)
    wanted = text_locales(campaign)
    rows: dict[UUID, tuple[int, str, str]] = {}
    for subject, number, address, locale in addresses(held, campaign.channel):
        # Two confirmed addresses of one person: one is written to.
        if subject not in rows and (text := wanted(locale)):
            rows[subject] = (number, address, text)
    left_alone = suppressing.suppressed({number: address for number, address, _ in rows.values()}, campaign.purpose)
    insert(campaign.pk, [(s, locale, number in left_alone) for s, (number, _address, locale) in rows.items()])


def addresses(people: Iterable[UUID], channel: str = ContactChannel.EMAIL) -> list[tuple[UUID, int, str, str]]:
    """Of each person the confirmed addresses, the one to be used first: whose, which row, the address, the language."""
    model = BY_CHANNEL[channel]
    order = "DESC" if newest_first(channel) else "ASC"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject_id, id, {model.address_field}, locale FROM {model._meta.db_table} "  # noqa: S608
            f"WHERE subject_id = ANY(%s::uuid[]) AND confirmed_at IS NOT NULL ORDER BY id {order}",
            [_array(people)],
        )
        return cursor.fetchall()


def insert(campaign_id: int, rows: Sequence[tuple[UUID, str, bool]]) -> None:
    """Write the claims: person, language of the text, and whether the address is on the list of those to be left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO marketing_delivery (campaign_id, subject_id, locale, state, why, settled_at) "
            "SELECT %s, who, locale, CASE WHEN alone THEN 'revoked' ELSE 'claimed' END, "
            "CASE WHEN alone THEN 'suppressed' ELSE '' END, CASE WHEN alone THEN now() END "
            "FROM unnest(%s::uuid[], %s::text[], %s::boolean[]) AS claimed (who, locale, alone) "
            "ON CONFLICT (campaign_id, subject_id) DO NOTHING",
            [campaign_id, _array(r[0] for r in rows), _array(r[1] for r in rows), _array(r[2] for r in rows)],
        )


def _array(values: Iterable[object]) -> str:
    """Keys, languages and yes or no as the text of an array, which costs a tenth of a list of values."""
    return "{" + ",".join(map(str, values)) + "}"


def subscriptions(people: Iterable[UUID], channel: str = ContactChannel.EMAIL) -> dict[UUID, Reached]:
    """The record from which each person's address is read when a message is handed over."""
    found = (
        BY_CHANNEL[channel]
        .objects.select_related("subject", "collection")
        .filter(subject__in=list(people), confirmed_at__isnull=False)
    )
    records: dict[UUID, Reached] = {}
    for record in found.order_by("-pk" if newest_first(channel) else "pk"):
        records.setdefault(record.subject_id, record)
    return records
