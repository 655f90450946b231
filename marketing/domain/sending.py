"""From a claim to the mail server's word: handed over under a lease, checked once more while it leaves, and never sent twice.

A message passes three transactions. The first claims the permission (`claiming`). The second takes a few claims, asks again,
discloses the addresses and commits that they are about to leave: from here on a death leaves their fate unknown, and what is
unknown is never sent again. The third holds the permission still while the one message is given to the carrier: an opt-out
either comes before it, and the message stays, or waits for it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from marketing.carriers import PATIENCE_SECONDS, Fate, Line, Outcome, carrier_of
from marketing.domain import bouncing, claiming, composing, rules, suppressing
from marketing.models import Campaign, CampaignText, Delivery, Pace
from marketing.models.reached import Reached, address_of
from privacy.crashpoints import crashpoint
from privacy.declaration import Purpose, resolve
from privacy.errors import NotDisclosed
from privacy.gate import Disclosed, disclose
from privacy.permission import hold_permissions, may_contact
from privacy.restriction import restricted_among, restricted_because

State = Delivery.State

ROUND_SECONDS = 60
GIVEN_UP_AFTER = 6  # attempts that the other side put off
_AGAIN_AFTER = (60, 300, 900, 3600, 14400)  # seconds
# Somebody is choosing at this moment; a little later it is known what.
_CHOOSING_SECONDS = 15


def lease() -> dt.timedelta:
    """How long the messages of one hand belong to it: as long as the slowest carrier may take for all of them."""
    return dt.timedelta(seconds=settings.MARKETING_SLOTS * PATIENCE_SECONDS + 20)


@dataclass(frozen=True, slots=True)
class Item:
    """One message in the hand of a worker."""

    delivery: Delivery
    record: Reached
    address: str


class Round:
    """One worker's share of one campaign: its texts, kept for as long as it works on them."""

    def __init__(self, campaign: Campaign, line: Line) -> None:
        self.campaign = campaign
        self.line = line
        self.texts: dict[str, CampaignText] = {text.locale: text for text in campaign.texts.select_related("campaign")}
        self._composed: dict[tuple[str, str], composing.Message] = {}

    def run(self, until: float) -> bool:
        """Send until a moment of the monotonic clock; whether there may be more to do."""
        while time.monotonic() < until:
            wait = next_turn(self.campaign, settings.MARKETING_SLOTS)
            if wait:
                time.sleep(min(wait, max(0.0, until - time.monotonic())))
                continue
            items = hand_over(self.campaign, settings.MARKETING_SLOTS)
            for item in items:
                self.give(item)
            if not items and not claiming.claim(self.campaign.pk):
                return not finish(self.campaign.pk)
        return True

    def give(self, item: Item) -> None:
        """Let one message leave, with its permission and its address held still for exactly so long."""
        delivery, campaign = item.delivery, self.campaign
        # Made before anything is held: whoever opts out now waits for the carrier alone.
        parcel = self._parcel(item)
        with transaction.atomic():
            verdict = self._still_wanted(item)
            if verdict is not None:
                _settle(delivery, *verdict)
                return
            crashpoint("before_the_message_leaves")
            outcome = self.line.carry(parcel)
            crashpoint("after_the_message_left")
            delivery.attempts += 1
            _settle(delivery, *_verdict(outcome, delivery))
        if outcome.no_such_address:
            bouncing.note_dead(delivery.pk, item.address, campaign.channel)

    def _still_wanted(self, item: Item) -> tuple[str, str, int | None, int | None] | None:
        """None to go on; else the state to leave it in, why, after how many seconds again, and no code."""
        campaign = self.campaign
        if not hold_permissions([item.delivery.subject_id], campaign.purpose, campaign.channel):
            return State.CLAIMED, "choosing", _CHOOSING_SECONDS, None
        if not suppressing.hold_still(item.address, campaign.purpose):
            return State.REVOKED, "suppressed", None, None
        mine, runs = _standing(item.delivery)
        if not mine or item.delivery.due_at - timezone.now() < dt.timedelta(seconds=PATIENCE_SECONDS):
            return State.CLAIMED, "late", 0, None
        if runs != Campaign.State.RUNNING:
            return (
                (State.REVOKED, "stopped", None, None)
                if runs == Campaign.State.STOPPED
                else (State.CLAIMED, "", 0, None)
            )
        return None

    def _parcel(self, item: Item) -> composing.Parcel:
        locale, law = item.delivery.locale, item.record.subject.jurisdiction
        message = self._composed.get((locale, law))
        if message is None:
            asked = rules.demands(law, self.campaign.channel)
            message = composing.compose(self.texts[locale], composing.TO_BE_FILLED, asked=asked)
            self._composed[locale, law] = message
        links = composing.Links.of(item.record.token, locale)
        message = composing.filled(message, links)
        if self.campaign.channel == "email":
            return composing.mail(message, links, to=item.address, number=item.delivery.pk, campaign=self.campaign.pk)
        return composing.Parcel(item.address, "", message.plain.encode())


def send_round(campaign_id: int, *, seconds: float = ROUND_SECONDS) -> bool:
    """Work on a campaign for a while, beside at most so many others as there are lanes; whether there may be more to do."""
    campaign = Campaign.objects.filter(pk=campaign_id, state=Campaign.State.RUNNING).first()
    if campaign is None:
        return False
    if composing.digest_of(campaign) != campaign.released_digest:
        pause(campaign_id, note="Its text or audience is not what was released.")
        return False
    with _lane(campaign_id) as mine:
        if not mine:
            return False
        with carrier_of(campaign.channel).line() as line:
            return Round(campaign, line).run(time.monotonic() + seconds)


def hand_over(campaign: Campaign, most: int) -> list[Item]:
    """Take some claims, ask each permission again, write down the disclosures, and commit that they are about to leave."""
    now = timezone.now()
    due = Delivery.objects.filter(campaign=campaign, state=State.CLAIMED, due_at__lte=now)
    with transaction.atomic():
        # Nobody is waited for, neither here nor for the permissions, so an opt-out that waits for this waits for a moment.
        taken = list(due.order_by("due_at").select_for_update(skip_locked=True)[:most])
        if not taken:
            return []
        held = hold_permissions([d.subject_id for d in taken], campaign.purpose, campaign.channel)
        records = claiming.subscriptions(held, campaign.channel)
        alone = suppressing.suppressed({r.pk: address_of(r) for r in records.values()}, campaign.purpose)
        contested = restricted_among(record.subject for record in records.values())
        leaving = []
        for delivery in taken:
            record = records.get(delivery.subject_id)
            put_off = record and night_until(campaign, record, now)
            if put_off:
                Delivery.objects.filter(pk=delivery.pk).update(due_at=put_off, why="night")
            elif delivery.subject_id not in held:
                _refuse_or_wait(campaign, delivery)
            elif record is None or record.pk in alone:
                _settle(delivery, State.REVOKED, "suppressed" if record else "no address", None, None)
            elif delivery.subject_id in contested and restricted_because(
                record, [resolve(f"{record._meta.label}.{record.address_field}")], purpose=campaign.purpose
            ):
                # News are not worth keeping until a case has ended.
                _settle(delivery, State.REVOKED, "restricted", None, None)
            else:
                leaving.append((delivery, record))
        if not leaving:
            return []
        told = _disclosed(campaign, [record for _delivery, record in leaving])
        until = now + lease()
        Delivery.objects.filter(pk__in=[delivery.pk for delivery, _record in leaving]).update(
            state=State.HANDED_OVER, due_at=until
        )
    items = []
    for (delivery, record), row in zip(leaving, told.rows, strict=True):
        delivery.due_at = until
        items.append(Item(delivery, record, row[record.address_field]))
    crashpoint("after_the_hand_over")
    return items


def _disclosed(campaign: Campaign, records: list[Reached]) -> Disclosed:
    """The door out, once for each purpose in so many words: what is handed over for what can be read off the source."""
    match campaign.purpose:
        case Purpose.MARKETING_EMAIL:
            return disclose(records, to="mailer", purpose=Purpose.MARKETING_EMAIL)
        case Purpose.SURVEY_INVITATION:
            return disclose(records, to="mailer", purpose=Purpose.SURVEY_INVITATION)
        case Purpose.THIRD_PARTY_PROMOTION:
            # To the store's own mail service, for the third party's promotion: the third party is given nothing.
            return disclose(records, to="mailer", purpose=Purpose.THIRD_PARTY_PROMOTION)
        case Purpose.MARKETING_SMS:
            return disclose(records, to="text_service", purpose=Purpose.MARKETING_SMS)
        case Purpose.MARKETING_PUSH:
            return disclose(records, to="push_service", purpose=Purpose.MARKETING_PUSH)
    raise NotDisclosed(f"No record holds an address to which {campaign.purpose} could go.")


def night_until(campaign: Campaign, record: Reached, now: dt.datetime) -> dt.datetime | None:
    """Until when the reader's law wants the channel to be silent, unless they permitted the night too; None for not."""
    night = rules.demands(record.subject.jurisdiction, campaign.channel).night
    if night is None or not night.covers(now) or may_contact(record.subject, night.needs, campaign.channel):
        return None
    return night.over_at(now)


def _refuse_or_wait(campaign: Campaign, delivery: Delivery) -> None:
    """Not held is not permitted, or somebody who is choosing right now: the second is asked again in a moment."""
    if may_contact(delivery.subject, campaign.purpose, campaign.channel):
        _settle(delivery, State.CLAIMED, "choosing", _CHOOSING_SECONDS, None)
    else:
        _settle(delivery, State.REVOKED, "no permission", None, None)


def _standing(delivery: Delivery) -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.state, c.state FROM marketing_delivery d JOIN marketing_campaign c ON c.id = d.campaign_id "
            "WHERE d.id = %s",
            [delivery.pk],
        )
        mine, runs = cursor.fetchone()
    return mine == State.HANDED_OVER, runs


def _verdict(outcome: Outcome, delivery: Delivery) -> tuple[str, str, int | None, int | None]:
    match outcome.fate:
        case Fate.TAKEN:
            return State.SENT, "", None, outcome.code
        case Fate.UNKNOWN:
            return State.UNKNOWN, "the line broke", None, None
        case Fate.LATER if delivery.attempts < GIVEN_UP_AFTER:
            return State.CLAIMED, "put off", _AGAIN_AFTER[min(delivery.attempts, len(_AGAIN_AFTER)) - 1], outcome.code
        case _:
            return State.REFUSED, "no such address" if outcome.no_such_address else "", None, outcome.code


def _settle(delivery: Delivery, state: str, why: str, again_after: int | None, code: int | None) -> None:
    """Leave a message in a state. One whose lease ran out meanwhile is somebody else's, so its state is not touched."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE marketing_delivery SET state = %(state)s, why = %(why)s, reply = %(reply)s, attempts = %(attempts)s, "
            "settled_at = CASE WHEN %(again)s::float IS NULL THEN now() END, "
            "due_at = CASE WHEN %(again)s::float IS NULL THEN due_at ELSE now() + %(again)s * interval '1 second' END "
            "WHERE id = %(id)s AND state IN ('claimed', 'handed_over')",
            {
                "state": state, "why": why, "reply": code, "attempts": delivery.attempts, "again": again_after,
                "id": delivery.pk,
            },
        )  # fmt: skip


def revoke(people: Sequence[UUID], purposes: Sequence[str], channels: Sequence[str]) -> int:
    """Take back what is claimed and has not been handed over, in the transaction of the opt-out."""
    return Delivery.objects.filter(
        subject__in=people, state=State.CLAIMED, campaign__purpose__in=purposes, campaign__channel__in=channels
    ).update(state=State.REVOKED, why="opted out", settled_at=timezone.now())


def sweep(now: dt.datetime | None = None) -> int:
    """Whose worker died while they were leaving: nobody knows, and they are never sent again."""
    now = now or timezone.now()
    return Delivery.objects.filter(state=State.HANDED_OVER, due_at__lte=now).update(
        state=State.UNKNOWN, why="the worker died", settled_at=now
    )


def finish(campaign_id: int) -> bool:
    """Close a campaign of which nothing is left to send."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        left = Delivery.objects.filter(campaign=campaign, state__in=(State.CLAIMED, State.HANDED_OVER))
        if campaign.state != Campaign.State.RUNNING or not campaign.all_claimed or left.exists():
            return False
        campaign.state, campaign.ended_at = Campaign.State.DONE, timezone.now()
        campaign.save(update_fields=["state", "ended_at"])
    return True


def pause(campaign_id: int, *, note: str = "") -> bool:
    """Let nothing more leave for now; what is in a worker's hand goes back."""
    running = Campaign.objects.filter(pk=campaign_id, state=Campaign.State.RUNNING)
    return bool(running.update(state=Campaign.State.PAUSED, note=note))


def resume(campaign_id: int) -> bool:
    """Go on where it was paused."""
    return bool(
        Campaign.objects.filter(pk=campaign_id, state=Campaign.State.PAUSED).update(
            state=Campaign.State.RUNNING, note=""
        )
    )


def stop(campaign_id: int) -> bool:
    """End a campaign for good: what is claimed is taken back."""
    with transaction.atomic():
        under_way = Campaign.objects.filter(pk=campaign_id, state__in=(Campaign.State.RUNNING, Campaign.State.PAUSED))
        stopped = under_way.update(state=Campaign.State.STOPPED, ended_at=timezone.now())
        if stopped:
            Delivery.objects.filter(campaign=campaign_id, state=State.CLAIMED).update(
                state=State.REVOKED, why="stopped", settled_at=timezone.now()
            )
    return bool(stopped)


def next_turn(campaign: Campaign, number: int) -> float:
    """Take a turn for so many messages, in the pace of the provider and of the campaign; else the seconds until there is one."""
    lanes = [(campaign.channel, settings.MARKETING_PER_MINUTE[campaign.channel])]
    if campaign.per_minute:
        lanes.append((f"campaign:{campaign.pk}", campaign.per_minute))
    names = [lane for lane, _per_minute in lanes]
    Pace.objects.bulk_create([Pace(lane=lane) for lane in names], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(EXTRACT(EPOCH FROM free_at - clock_timestamp())) FROM marketing_pace WHERE lane = ANY(%s)",
            [names],
        )
        wait = float(cursor.fetchone()[0])
        if wait > 0:
            return wait
        for lane, per_minute in lanes:
            cursor.execute(
                "UPDATE marketing_pace SET free_at = GREATEST(free_at, clock_timestamp()) + %s * interval '1 second' "
                "WHERE lane = %s AND free_at <= clock_timestamp()",
                [number * 60 / per_minute, lane],
            )
            if not cursor.rowcount:
                return 0.005  # somebody else was quicker
    return 0.0


@contextmanager
def _lane(campaign_id: int) -> Iterator[bool]:
    """One of the lanes of a campaign; the lock is the session's, so a death gives it back."""
    with connection.cursor() as cursor:
        for lane in range(settings.MARKETING_LANES):
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('marketing.lane'), %s)", [campaign_id * 64 + lane])
            if cursor.fetchone()[0]:
                break
        else:
            yield False
            return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('marketing.lane'), %s)", [campaign_id * 64 + lane])
