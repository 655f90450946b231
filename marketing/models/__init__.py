"""Who asked for news."""

from marketing.models.event import Event, EventPhotograph, EventRegistration, PhotographConsent
from marketing.models.subscription import Subscription
from marketing.models.survey import AnonymousAnswer, Question, Survey, SurveyAnswer, SurveyInvitation

__all__ = [
    "AnonymousAnswer",
    "Event",
    "EventPhotograph",
    "EventRegistration",
    "PhotographConsent",
    "Question",
    "Subscription",
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
]
