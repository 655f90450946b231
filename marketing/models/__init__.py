"""Who asked for news."""

from marketing.models.event import Event, EventPhotograph, EventRegistration, PhotographConsent
from marketing.models.subscription import Subscription

__all__ = ["Event", "EventPhotograph", "EventRegistration", "PhotographConsent", "Subscription"]
