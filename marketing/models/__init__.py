"""Who asked for news, what is sent to them, what became of it, and who is to be left alone."""

from marketing.models.campaign import Campaign, CampaignText
from marketing.models.delivery import Delivery, Pace
from marketing.models.subscription import Subscription
from marketing.models.suppression import Suppression

__all__ = ["Campaign", "CampaignText", "Delivery", "Pace", "Subscription", "Suppression"]
