"""Who carries a message to its reader: what every carrier promises, and which one a channel has."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from privacy.posting import PATIENCE_SECONDS, Fate, Outcome, Parcel

__all__ = ["PATIENCE_SECONDS", "Carrier", "Fate", "Line", "Outcome", "Parcel", "carrier_of"]


class Line(Protocol):
    """An open line to a provider."""

    def carry(self, parcel: Parcel) -> Outcome:
        """Give one message to the provider. Never raises for what the provider or the network does."""
        ...


class Carrier(Protocol):
    """A provider of one channel."""

    def line(self) -> AbstractContextManager[Line]:
        """Open a line that several messages share."""
        ...


def carrier_of(channel: str) -> Carrier:
    """The carrier that the settings name for a channel."""
    return import_string(settings.MARKETING_CARRIERS[channel])()
