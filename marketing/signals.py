"""News that marketing listens to: an address that was corrected has not yet said that it wants anything."""

import uuid
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from marketing.models import Subscription
from privacy.models.consent import ConsentMethod
from privacy.outbox import enqueue
from privacy.permission import withdraw
from privacy.signals import corrected


@receiver(corrected, sender=Subscription, dispatch_uid="marketing.ask_corrected_address")
def ask_the_corrected_address(record: Subscription, fields: list[str], **_kwargs: Any) -> None:
    """The yes came from another mailbox. It ends, and the new one is asked for its own."""
    if "email" not in fields:
        return
    withdraw(record.subject, method=ConsentMethod.ADMIN, surface="staff.admin")
    Subscription.objects.filter(pk=record.pk).update(confirmed_at=None, token=uuid.uuid4())
    enqueue(
        "marketing.confirm_subscription",
        key=f"marketing.confirm_subscription:{record.pk}:{timezone.now():%Y%m%d%H}",
        subscription_id=record.pk,
    )
