"""Who asked for news, what is sent to them, what became of it, and who is to be left alone."""

from marketing.models.campaign import Campaign, CampaignText
from marketing.models.delivery import Delivery, Pace
from marketing.models.event import Event, EventPhotograph, EventRegistration, PhotographConsent
from marketing.models.proved import CodeTally, ProvedAddress, PushDevice, TextNumber
from marketing.models.subscription import Subscription
from marketing.models.suppression import Suppression
from marketing.models.survey import AnonymousAnswer, Question, SpentTicket, Survey, SurveyAnswer, SurveyInvitation

__all__ = [
    "AnonymousAnswer",
    "Campaign",
    "CampaignText",
    "CodeTally",
    "Delivery",
    "Event",
    "EventPhotograph",
    "EventRegistration",
    "Pace",
    "PhotographConsent",
    "ProvedAddress",
    "PushDevice",
    "Question",
    "SpentTicket",
    "Subscription",
    "Suppression",
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
    "TextNumber",
]
