"""What staff wrote in several languages, in the language of the page."""

from django import template
from django.utils.translation import get_language

from marketing.models import Event, Survey

register = template.Library()


@register.filter
def titled(named: Event | Survey) -> str:
    return named.title(get_language())


@register.filter
def described(event: Event) -> str:
    return event.text(get_language())


@register.filter
def placed(event: Event) -> str:
    return event.venue(get_language())


@register.filter
def introduced(survey: Survey) -> str:
    return survey.intro(get_language())
