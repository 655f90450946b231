"""Who asked for news."""

from marketing.models.subscription import Subscription

__all__ = ["Subscription"]
