"""What does not agree between the store and its payment provider is put where staff see it, once for each thing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import OddPayment, OrderAction, Payment

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from privacy.models import Subject

logger = logging.getLogger(__name__)

Kind = OddPayment.Kind

# What a person does about each; shown beside it in the admin.
ADVICE: dict[str, _StrPromise] = {
    Kind.DISAGREES: _(
        "Open the payment at the provider and compare amount, currency and order number. Mend it there or give the money "
        "back there, then ask the provider again from the payment's page."
    ),
    Kind.EVENT_DISAGREES: _(
        "The payment itself was checked with the provider and stands as shown. Ask the provider why its message says "
        "otherwise; the signing secret may be known to somebody else, so change it if the provider did not send this."
    ),
    Kind.OTHER_ACCOUNT: _(
        "Nothing was done. Check at the provider which accounts send their messages to this store, and remove the others."
    ),
    Kind.UNKNOWN_PAYMENT: _(
        "Nothing was done. Look the payment up at the provider: if it was paid, find the buyer there and give the money back."
    ),
    Kind.UNKNOWN_CHARGE: _(
        "The provider took money for which the store has no payment. Look it up there, and give it back if it is ours."
    ),
    Kind.MISSING_CHARGE: _(
        "Do not send the goods. Look for the payment at the provider; if it was never made, ask the buyer to pay."
    ),
    Kind.UNKNOWN_REFUND: _(
        "Somebody gave money back at the provider's own site. Find out who and why, and note it with the order."
    ),
    Kind.MISSING_REFUND: _(
        "Look the refund up at the provider; if it is not there, give the money back there by hand."
    ),
    Kind.REFUND_REFUSED: _(
        "The buyer still waits for this money. Read the provider's reason, then give it back by bank transfer or try again."
    ),
    Kind.DISPUTED: _("Answer the bank at the provider's site before its date; add the proof of delivery."),
}


def note(kind: OddPayment.Kind, key: str, says: str, payment: Payment | None = None) -> None:
    """Put one thing where staff see it. The same thing again is counted; one that staff settled stays settled."""
    now, key = timezone.now(), key[:200]
    same = OddPayment.objects.filter(kind=kind, key=key)
    if same.update(times=F("times") + 1, last_seen_at=now):
        return
    OddPayment.objects.bulk_create(
        [OddPayment(kind=kind, key=key, says=says[:300], payment=payment, last_seen_at=now)], ignore_conflicts=True
    )
    logger.error("Put aside for staff: %s %s", kind, payment.pk if payment else "")


def settle(oddity_id: int, *, by: Subject) -> bool:
    """Note that a person has dealt with it; False when somebody already had.

    What is about an order stands among its actions too; of money that no order asked for, the oddity's own row tells.
    """
    with transaction.atomic():
        waiting = OddPayment.objects.filter(pk=oddity_id, settled_at__isnull=True)
        if not waiting.update(settled_at=timezone.now(), settled_by=by):
            return False
        odd = OddPayment.objects.select_related("payment").get(pk=oddity_id)
        if odd.payment is not None:
            OrderAction.objects.create(
                order_id=odd.payment.order_id, kind=OrderAction.Kind.ODDITY_SETTLED, by=by, detail=odd.kind
            )
    return True
