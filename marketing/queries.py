"""Reads about subscriptions and campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from marketing.models import Campaign, Delivery, Subscription
from marketing.models.subscription import BY_EMAIL
from orders.models import Offer, Order, OrderLine
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentState, ContactChannel
from privacy.permission import DIRECT_MARKETING, audience, may_contact

# A count below this would say something about somebody.
FEWEST = 10


def subscription_of(email: str) -> Subscription | None:
    """The subscription of an address, however it is capitalised; the confirmed one first."""
    return (
        Subscription.objects.select_related("subject")
        .filter(email__iexact=email)
        .order_by(F("confirmed_at").desc(nulls_last=True), "pk")
        .first()
    )


def permitted_by(token: UUID) -> set[str]:
    """The purposes that the owner of a mailbox permits now, by the token in the links of its mails."""
    subscription = Subscription.objects.select_related("subject").filter(token=token).first()
    if subscription is None:
        return set()
    return {purpose for purpose in BY_EMAIL if may_contact(subscription.subject, purpose, ContactChannel.EMAIL)}


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
    """Who bought of these shelves or the ones below, among those who permitted that this is looked at."""
    shelves = set(campaign.categories.values_list("pk", flat=True))
    below = Q(variant__product__category__in=shelves) | Q(variant__product__category__parent__in=shelves)
    bought = OrderLine.objects.filter(below, order__subject__isnull=False).exclude(order__state=Order.State.CANCELLED)
    permitted = audience(Purpose.PERSONALISE, ContactChannel.EMAIL)
    return Subject.objects.filter(pk__in=permitted).filter(pk__in=bought.values("order__subject")).values("pk")


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
    subscribed = Subscription.objects.filter(confirmed_at__isnull=False, subject__in=found)
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
        purpose__in={purpose for purpose, _channel in DIRECT_MARKETING},
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


def orders_by_coupon() -> list[tuple[str, int]]:
    """The coupons that campaigns gave, each with the orders that used it."""
    given = Offer.objects.filter(pk__in=Campaign.objects.exclude(coupon=None).values("coupon"))
    counted = given.annotate(orders=Count("uses", filter=Q(uses__given_back_at=None)))
    return list(counted.order_by("-orders", "code").values_list("code", "orders")[:20])


def progress(campaign: Campaign) -> dict[str, int]:
    """How many messages are in which state."""
    counted = dict(Delivery.objects.filter(campaign=campaign).order_by().values_list("state").annotate(n=Count("pk")))
    return {state: counted.get(state, 0) for state in Delivery.State.values}
