"""From a typed address to a permission: ask, confirm, choose, leave."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from marketing.domain import choosing, suppressing
from marketing.models import Subscription
from marketing.models.subscription import BY_EMAIL
from marketing.queries import holder_of, subscription_of
from privacy.declaration import FieldRef, Purpose
from privacy.gate import collecting
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice
from privacy.outbox import enqueue
from privacy.permission import may_contact, record_choices, withdraw

SURFACE = "web.subscribe"
# Where somebody who is signed in says yes without typing an address.
OWN_ADDRESS = "web.account"


def ask(
    email: str, *, locale: str, notice: ShownNotice, fields: Iterable[FieldRef], owner: Subject | None = None
) -> None:
    """Somebody typed an address into the form: send the letter that asks its owner, and permit nothing yet.

    `owner` is whose address it is known to be. Else whoever typed it may be anybody, so the address gets a subject of
    its own and the browser is not tied to it.
    One letter an hour goes to an address, however often it is typed; none goes to somebody who gets the news already.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two forms with one address at once make one subscription.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [email.lower()])
        subscription = subscription_of(email)
        if subscription is None:
            with collecting(
                surface=SURFACE, subject=owner or Subject(kind=Subject.Kind.PROSPECT), fields=fields, notice=notice
            ) as collection:
                subscription = Subscription.objects.create(subject=collection.subject, email=email, locale=locale)
                record_choices(
                    collection.subject,
                    [(Purpose.MARKETING_EMAIL, ContactChannel.EMAIL)],
                    ConsentState.REQUESTED,
                    method=ConsentMethod.FORM,
                    notice=notice,
                    surface=SURFACE,
                )
        elif subscription.confirmed_at and may_contact(
            subscription.subject, Purpose.MARKETING_EMAIL, ContactChannel.EMAIL
        ):
            return
        else:
            Subscription.objects.filter(pk=subscription.pk).update(locale=locale)
        _ask_the_mailbox(subscription)


def confirm(token: uuid.UUID, *, notice: ShownNotice, also: Collection[str] = (), under_gpc: bool = False) -> bool:
    """The owner of the mailbox says yes: from now on news may go there. False when the link is not known (any more).

    `also` are the other purposes that they ticked beside the button; a box that was left empty is no choice.
    """
    with transaction.atomic():
        subscription = _proved(token)
        if subscription is None:
            return False
        for purpose in (Purpose.MARKETING_EMAIL, *(p for p in BY_EMAIL if p in also)):
            choosing.say_yes(
                subscription.subject,
                purpose,
                ContactChannel.EMAIL,
                notice=notice,
                surface=SURFACE,
                under_gpc=under_gpc,
            )
    return True


def choose(
    token: uuid.UUID,
    ways: Sequence[choosing.Way],
    wanted: Collection[str],
    *,
    notice: ShownNotice,
    under_gpc: bool = False,
) -> bool:
    """Everything that may be sent, as its reader wishes it now. False when the link is not known (any more)."""
    with transaction.atomic():
        record = _proved(token) or holder_of(token)
        if record is None:
            return False
        choosing.choose(record.subject, ways, wanted, notice=notice, surface=SURFACE, under_gpc=under_gpc)
    return True


def _proved(token: uuid.UUID) -> Subscription | None:
    """The subscription behind a link. Whoever has it reads that mailbox, so the address is theirs from now on."""
    subscription = Subscription.objects.select_for_update().filter(token=token).first()
    if subscription is not None and subscription.confirmed_at is None:
        Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=timezone.now())
    return subscription


def leave(token: uuid.UUID, *, method: ConsentMethod) -> None:
    """No more news, from this commit on. A link that is not known any more leads to nobody who could be written to."""
    record = holder_of(token)
    if record is not None:
        withdraw(record.subject, method=method, surface=SURFACE)


def take_own_address(subject: Subject, address: str, *, locale: str, verified: bool, yes: ConsentEvent) -> None:
    """Whoever said yes where no address was typed gets the news at the address that they sign in with.

    It comes in under that yes: the words beside it are the notice. A mailbox that was proved to the account needs no second
    letter; any other one is asked first. Nothing is changed for whoever has proved another address for news.
    """
    own = Subscription.objects.filter(subject=subject)
    if own.filter(confirmed_at__isnull=False).exists():
        return
    shown = ShownNotice(yes.policy_version, yes.locale, yes.text_digest, yes.shown_at or yes.received_at)
    with transaction.atomic():
        if verified:
            # Another life of the same mailbox: who proved it last is its owner.
            Subscription.objects.filter(email__iexact=address, confirmed_at__isnull=False).delete()
        subscription = own.filter(email__iexact=address).order_by("pk").first()
        if subscription is None:
            with collecting(surface=OWN_ADDRESS, subject=subject, fields=[Subscription.email], notice=shown):
                subscription = Subscription.objects.create(email=address, locale=locale)
        if verified:
            Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=timezone.now())
        else:
            _ask_the_mailbox(subscription)


def follow_own_address(subject: Subject, before: str, address: str) -> None:
    """Somebody signs in with another address from now on, and has proved it: news that went to the old one follow them."""
    held = Preference.objects.filter(
        subject=subject, purpose__in=BY_EMAIL, channel=ContactChannel.EMAIL, state=ConsentState.GIVEN
    )
    yes = held.select_related("event").order_by("since").last()
    old = Subscription.objects.filter(subject=subject, email__iexact=before, collection__surface=OWN_ADDRESS).first()
    if yes is not None and old is not None:
        with transaction.atomic():
            old.delete()
            take_own_address(subject, address, locale=old.locale, verified=True, yes=yes.event)


def mailbox_is_proved(subject: Subject, address: str) -> None:
    """The account's own letter was answered from this mailbox: the news that wait for the same proof need no other."""
    waiting = (
        Subscription.objects.filter(subject=subject, email__iexact=address, confirmed_at=None).order_by("pk").first()
    )
    permitted = [purpose for purpose in BY_EMAIL if may_contact(subject, purpose, ContactChannel.EMAIL)]
    if waiting is None or not permitted:
        return
    with transaction.atomic():
        Subscription.objects.filter(email__iexact=address, confirmed_at__isnull=False).delete()
        Subscription.objects.filter(pk=waiting.pk).update(confirmed_at=timezone.now())
        suppressing.lift(waiting.email, purposes=permitted)


def _ask_the_mailbox(subscription: Subscription) -> None:
    """One letter an hour asks its owner, however often it is wished."""
    enqueue(
        "marketing.confirm_subscription",
        key=f"marketing.confirm_subscription:{subscription.pk}:{timezone.now():%Y%m%d%H}",
        subscription_id=subscription.pk,
    )
