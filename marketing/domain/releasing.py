"""Four eyes: who wrote a campaign hands it in, and somebody who had no hand in it lets it go."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketing.domain import composing
from marketing.models import Campaign
from privacy.addresses import canonical
from privacy.declaration import Purpose
from privacy.models import Subject
from privacy.models.consent import ContactChannel
from privacy.queries import email_addresses

_BY_CHANNEL = {
    ContactChannel.EMAIL: {Purpose.MARKETING_EMAIL, Purpose.THIRD_PARTY_PROMOTION, Purpose.SURVEY_INVITATION},
    ContactChannel.SMS: {Purpose.MARKETING_SMS},
    ContactChannel.PUSH: {Purpose.MARKETING_PUSH},
}


class NotReleased(Exception):
    """A campaign cannot go its next step; the words say why and what to do."""


def had_a_hand_in(campaign: Campaign, by: Subject) -> None:
    """Note who wrote or changed a campaign; it is a draft again until it is handed in."""
    with transaction.atomic():
        changed = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if changed.may_be_edited:
            changed.authors = list(dict.fromkeys([*changed.authors, by.pk]))
            changed.edited_by, changed.state = by, Campaign.State.DRAFT
            changed.save(update_fields=["authors", "edited_by", "state"])


def problems(campaign: Campaign) -> list[str]:
    """What stands in the way of a campaign, in sentences."""
    found = []
    texts = list(campaign.texts.select_related("campaign"))
    if not texts:
        found.append(_("Write it in at least one language."))
    if campaign.purpose not in _BY_CHANNEL[ContactChannel(campaign.channel)]:
        found.append(_("This purpose does not go by this channel: people permit each by itself."))
    if campaign.purpose == Purpose.THIRD_PARTY_PROMOTION and not campaign.partner.strip():
        found.append(_("Say whose promotion it is: readers are told."))
    if campaign.fallback and campaign.fallback not in {text.locale for text in texts}:
        found.append(_("The text for other languages is not written."))
    for text in texts:
        found += [f"{text.get_locale_display()}: {problem}" for problem in composing.problems(text)]
    return found


def hand_in(campaign_id: int) -> None:
    """Say that a draft is finished. Refused while something is wrong with it."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if campaign.state != Campaign.State.DRAFT:
            raise NotReleased(_("Only a draft can be handed in."))
        if wrong := problems(campaign):
            raise NotReleased(" ".join(wrong))
        campaign.state = Campaign.State.READY
        campaign.save(update_fields=["state"])


def _is_one_of(by: Subject, authors: list[UUID]) -> bool:
    """Whether somebody is one of those who wrote it, also by another account of theirs: merged, or of the same mailbox."""
    own = {canonical(address) for address in email_addresses(by)}
    return any(
        author.pk in (by.pk, by.merged_into_id)
        or author.merged_into_id == by.pk
        or not own.isdisjoint(canonical(address) for address in email_addresses(author))
        for author in Subject.objects.filter(pk__in=authors)
    )


def release(campaign_id: int, *, by: Subject) -> None:
    """Let a campaign go. The database holds too that whoever changed it last is somebody else."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if campaign.state != Campaign.State.READY:
            raise NotReleased(_("Only a campaign that was handed in can be released."))
        if _is_one_of(by, campaign.authors):
            raise NotReleased(_("You had a hand in this campaign: somebody else must read and release it."))
        if wrong := problems(campaign):
            raise NotReleased(" ".join(wrong))
        campaign.state = Campaign.State.RUNNING
        campaign.released_by, campaign.released_at = by, timezone.now()
        campaign.released_digest = composing.digest_of(campaign)
        campaign.save(update_fields=["state", "released_by", "released_at", "released_digest"])
