"""From a typed address to a permission: ask, confirm, leave."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from marketing.models import Subscription
from marketing.queries import subscription_of
from privacy.declaration import FieldRef, Purpose
from privacy.gate import collecting
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice
from privacy.outbox import enqueue
from privacy.permission import grant, may_contact, record_choices, withdraw

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


def confirm(token: uuid.UUID, *, notice: ShownNotice, under_gpc: bool = False) -> bool:
    """The owner of the mailbox says yes: from now on news may go there. False when the link is not known (any more)."""
    with transaction.atomic():
        subscription = Subscription.objects.select_for_update().filter(token=token).first()
        if subscription is None:
            return False
        if subscription.confirmed_at is None:
            Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=timezone.now())
        if not may_contact(subscription.subject, Purpose.MARKETING_EMAIL, ContactChannel.EMAIL):
            grant(
                subscription.subject,
                Purpose.MARKETING_EMAIL,
                ContactChannel.EMAIL,
                method=ConsentMethod.FORM,
                notice=notice,
                surface=SURFACE,
                under_gpc=under_gpc,
            )
    return True


def leave(token: uuid.UUID, *, method: ConsentMethod) -> None:
    """No more news, from this commit on. A link that is not known any more leads to nobody who could be written to."""
    subscription = Subscription.objects.select_related("subject").filter(token=token).first()
    if subscription is not None:
        withdraw(subscription.subject, method=method, surface=SURFACE)
