"""Reads about subscriptions and campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from accounts.models import Interest
from catalogue.models import Category
from marketing.models import Campaign, Delivery, Subscription
from marketing.models.reached import BY_CHANNEL, SENT_BY, Reached
from orders.models import Order, OrderLine
from privacy.addresses import near_mailbox
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentState, ContactChannel
from privacy.notice import Notice
from privacy.permission import DIRECT_MARKETING, audience

# A count below this would say something about somebody.
FEWEST = 10


def subscription_of(email: str) -> Subscription | None:
    """The subscription of an address, however it is capitalised; the confirmed one first."""
    return (
        near_mailbox(Subscription.objects.select_related("subject"), "email", email)
        .filter(email__iexact=email)
        .order_by(F("confirmed_at").desc(nulls_last=True), "pk")
        .first()
    )


def holder_of(token: UUID) -> Reached | None:
    """The record behind the links of a message, whatever channel it came by."""
    for model in BY_CHANNEL.values():
        record = model.objects.select_related("subject").filter(token=token).first()
        if record is not None:
            return record
    return None


def chosen_by(subject_id: UUID) -> list[tuple[str, str, dt.datetime]]:
    """What a person chose of marketing, by every channel: the words in the active language, the answer, since when."""
    answers = {
        ConsentState.GIVEN: _("yes"),
        ConsentState.REFUSED: _("no"),
        ConsentState.WITHDRAWN: _("no, taken back"),
    }
    held: dict[str, Preference] = {}
    for preference in Preference.objects.filter(subject=subject_id, state__in=answers).order_by("since"):
        if (preference.purpose, preference.channel) in DIRECT_MARKETING:
            held[preference.purpose] = preference
    # In the order in which they are asked about everywhere.
    asked = [purpose for purpose in dict.fromkeys(p for p, _channel in DIRECT_MARKETING) if purpose in held]
    return [
        (words, str(answers[ConsentState(held[purpose].state)]), held[purpose].since)
        for purpose, words in Notice(asks=asked, opt_out_box=False).questions
    ]


def _people(campaign: Campaign) -> tuple[QuerySet, str]:
    """Everybody who permitted the campaign's purpose by its channel and is of the kind it describes; and the key's name."""
    found = audience(campaign.purpose, campaign.channel)
    key = "pk" if found.model is Subject else "subject_id"
    if campaign.laws:
        law = "jurisdiction" if found.model is Subject else "subject__jurisdiction"
        found = found.filter(**{f"{law}__in": campaign.laws})
    if campaign.categories.exists():
        found = found.filter(**{f"{key}__in": _who_like(campaign)})
    return found, key


def _who_like(campaign: Campaign) -> QuerySet:
    """Who bought of these shelves or the ones below, or named one of them, among those who permitted this very use.

    What somebody likes for the front page's sake alone finds nobody here: it was told for something else.
    """
    chosen = Category.objects.filter(Q(pk__in=campaign.categories.all()) | Q(parent__in=campaign.categories.all()))
    lines = OrderLine.objects.filter(variant__product__category__in=chosen, order__subject__isnull=False)
    bought = lines.exclude(order__state=Order.State.CANCELLED)
    named = Interest.objects.filter(shelf__in=chosen.values("slug"))
    permitted = audience(Purpose.ADVERTISING, ContactChannel.EMAIL)
    # What was bought as a guest belongs to the account that turned out to be the same person.
    either = Q(pk__in=bought.values("order__subject")) | Q(pk__in=bought.values("order__subject__merged_into"))
    either |= Q(pk__in=named.values("subject"))
    return Subject.objects.filter(either, pk__in=permitted).values("pk")


def reachable(campaign: Campaign, *, after: UUID | None, most: int) -> list[UUID]:
    """The next keys of the audience, in their order."""
    found, key = _people(campaign)
    if after is not None:
        found = found.filter(**{f"{key}__gt": after})
    return list(found.order_by(key)[:most])


def text_locales(campaign: Campaign) -> Callable[[str], str]:
    """Which text somebody gets who reads a language: that one's, the one that stands in for it, or "" for none."""
    written = set(campaign.texts.values_list("locale", flat=True))
    wanted = set(campaign.languages)
    fallback = campaign.fallback if campaign.fallback in written else ""

    def choose(locale: str) -> str:
        if wanted and locale not in wanted:
            return ""
        return locale if locale in written else fallback

    return choose


def reach(campaign: Campaign) -> int:
    """How many would get the campaign now. For the staff's eyes it goes through `shown` first."""
    found, _key = _people(campaign)
    subscribed = BY_CHANNEL[campaign.channel].objects.filter(confirmed_at__isnull=False, subject__in=found)
    if not campaign.fallback:
        subscribed = subscribed.filter(locale__in=campaign.texts.values("locale"))
    if campaign.languages:
        subscribed = subscribed.filter(locale__in=campaign.languages)
    return subscribed.values("subject").distinct().count()


def shown(number: int) -> int | None:
    """A count as staff may see it: None for fewer than ten."""
    return number if number >= FEWEST else None


def by_day(first: dt.date, last: dt.date) -> dict[str, list[tuple[dt.date, int]]]:
    """What happened on each day of a period: messages that were taken, opt-outs, mails that came back."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    sent = Delivery.objects.filter(state=Delivery.State.SENT, settled_at__date__range=(first, last))
    back = Delivery.objects.exclude(returned="").filter(settled_at__date__range=(first, last))
    no = ConsentEvent.objects.filter(
        state__in=(ConsentState.WITHDRAWN, ConsentState.REFUSED),
        # Of what is sent. Who only wishes no choosing among it, or no nights, still gets it.
        purpose__in={purpose for purposes in SENT_BY.values() for purpose in purposes},
        received_at__date__range=(first, last),
    )
    return {
        "sent": _daily(sent, "settled_at", "pk", days),
        # One person's no to everything is one opt-out.
        "opted_out": _daily(no, "received_at", "subject", days),
        "returned": _daily(back, "settled_at", "pk", days),
    }


def _daily(rows: QuerySet, moment: str, counted: str, days: list[dt.date]) -> list[tuple[dt.date, int]]:
    found = dict(
        rows.annotate(day=TruncDate(moment)).order_by().values_list("day").annotate(n=Count(counted, distinct=True))
    )
    return [(day, found.get(day, 0)) for day in days]


def progress(campaign: Campaign) -> dict[str, int]:
    """How many messages are in which state."""
    counted = dict(Delivery.objects.filter(campaign=campaign).order_by().values_list("state").annotate(n=Count("pk")))
    return {state: counted.get(state, 0) for state in Delivery.State.values}
