"""The banner."""

from django import template

register = template.Library()


@register.simple_tag
def cookie_banner():
    return ""
