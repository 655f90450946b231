"""From a typed address to a permission: ask, confirm, choose, leave."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from django.db import connection, transaction
from django.utils import timezone

from marketing.domain import suppressing
from marketing.models import Subscription
from marketing.models.subscription import BY_EMAIL
from marketing.queries import subscription_of
from privacy.declaration import FieldRef, Purpose
from privacy.gate import collecting
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice
from privacy.outbox import enqueue
from privacy.permission import grant, may_contact, record_choices, refuse, state_of, withdraw

SURFACE = "web.subscribe"


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
        elif may_contact(subscription.subject, Purpose.MARKETING_EMAIL, ContactChannel.EMAIL):
            return
        else:
            Subscription.objects.filter(pk=subscription.pk).update(locale=locale)
        enqueue(
            "marketing.confirm_subscription",
            key=f"marketing.confirm_subscription:{subscription.pk}:{timezone.now():%Y%m%d%H}",
            subscription_id=subscription.pk,
        )


def confirm(token: uuid.UUID, *, notice: ShownNotice, also: Collection[str] = (), under_gpc: bool = False) -> bool:
    """The owner of the mailbox says yes: from now on news may go there. False when the link is not known (any more).

    `also` are the other purposes that they ticked beside the button; a box that was left empty is no choice.
    """
    with transaction.atomic():
        subscription = _proved(token)
        if subscription is None:
            return False
        for purpose in (Purpose.MARKETING_EMAIL, *(p for p in BY_EMAIL if p in also)):
            _say_yes(subscription, purpose, notice, under_gpc)
    return True


def choose(token: uuid.UUID, wanted: Collection[str], *, notice: ShownNotice, under_gpc: bool = False) -> bool:
    """Everything that may be sent, as its reader wishes it now. False when the link is not known (any more).

    A tick is a yes, a tick taken away a withdrawal, a box that was seen and left empty a refusal.
    """
    with transaction.atomic():
        subscription = _proved(token)
        if subscription is None:
            return False
        no: dict[str, list[tuple[str, str]]] = {"withdraw": [], "refuse": []}
        for purpose in BY_EMAIL:
            state = state_of(subscription.subject, purpose, ContactChannel.EMAIL)
            if purpose in wanted:
                _say_yes(subscription, purpose, notice, under_gpc)
            elif state == ConsentState.GIVEN:
                no["withdraw"].append((purpose, ContactChannel.EMAIL))
            elif state not in (ConsentState.REFUSED, ConsentState.WITHDRAWN):
                no["refuse"].append((purpose, ContactChannel.EMAIL))
        if no["withdraw"]:
            withdraw(subscription.subject, no["withdraw"], method=ConsentMethod.FORM, notice=notice, surface=SURFACE)
        if no["refuse"]:
            refuse(subscription.subject, no["refuse"], method=ConsentMethod.FORM, notice=notice, surface=SURFACE)
    return True


def _proved(token: uuid.UUID) -> Subscription | None:
    """The subscription behind a link. Whoever has it reads that mailbox, so the address is theirs from now on."""
    subscription = Subscription.objects.select_for_update().filter(token=token).first()
    if subscription is not None and subscription.confirmed_at is None:
        Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=timezone.now())
    return subscription


def _say_yes(subscription: Subscription, purpose: str, notice: ShownNotice, under_gpc: bool) -> None:
    if not may_contact(subscription.subject, purpose, ContactChannel.EMAIL):
        grant(
            subscription.subject,
            purpose,
            ContactChannel.EMAIL,
            method=ConsentMethod.FORM,
            notice=notice,
            surface=SURFACE,
            under_gpc=under_gpc,
        )
    else:
        # They may be on the list from another life of theirs, under which this permission is not known.
        suppressing.lift(subscription.email, purposes=[purpose])


def leave(token: uuid.UUID, *, method: ConsentMethod) -> None:
    """No more news, from this commit on. A link that is not known any more leads to nobody who could be written to."""
    subscription = Subscription.objects.select_related("subject").filter(token=token).first()
    if subscription is not None:
        withdraw(subscription.subject, method=method, surface=SURFACE)
