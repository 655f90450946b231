"""By which record each channel reaches somebody: the one table that says where an address stands."""

from __future__ import annotations

from marketing.models.proved import PushDevice, TextNumber
from marketing.models.subscription import BY_EMAIL, Subscription
from privacy.declaration import Purpose
from privacy.models.consent import ContactChannel

Reached = Subscription | TextNumber | PushDevice

BY_CHANNEL: dict[str, type[Subscription] | type[TextNumber] | type[PushDevice]] = {
    ContactChannel.EMAIL: Subscription,
    ContactChannel.SMS: TextNumber,
    ContactChannel.PUSH: PushDevice,
}

# What can be asked for by each channel, each by itself. The night is no news of its own: it lets the others come at night.
ASKED_BY: dict[str, tuple[Purpose, ...]] = {
    ContactChannel.EMAIL: (*BY_EMAIL, Purpose.ADVERTISING),
    ContactChannel.SMS: (Purpose.MARKETING_SMS, Purpose.MARKETING_AT_NIGHT),
    ContactChannel.PUSH: (Purpose.MARKETING_PUSH, Purpose.MARKETING_AT_NIGHT),
}

# What is sent, and so what an address may be left alone for.
SENT_BY: dict[str, tuple[Purpose, ...]] = {
    ContactChannel.EMAIL: BY_EMAIL,
    ContactChannel.SMS: (Purpose.MARKETING_SMS,),
    ContactChannel.PUSH: (Purpose.MARKETING_PUSH,),
}


def channel_of_record(record: Reached) -> str:
    """The channel that a record belongs to."""
    return next(channel for channel, model in BY_CHANNEL.items() if isinstance(record, model))


def address_of(record: Reached) -> str:
    """The address in a record, whatever its channel calls it."""
    return str(getattr(record, record.address_field))


def newest_first(channel: str) -> bool:
    """Whether the address that was named last is used: of devices the old one may lie in a drawer."""
    return channel == ContactChannel.PUSH
