"""What staff wrote in several languages, in the language of the page."""

from django import template
from django.utils.translation import get_language

from marketing.models import Event

register = template.Library()


@register.filter
def titled(event: Event) -> str:
    return event.title(get_language())


@register.filter
def described(event: Event) -> str:
    return event.text(get_language())


@register.filter
def placed(event: Event) -> str:
    return event.venue(get_language())
