"""Small pieces that every page uses: money as its currency is written, icons, the same page in another language."""

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalogue.pricing import formatted
from kmall24.drawing import drawn_each, drawn_once

register = template.Library()
register.tag("drawn_once", drawn_once)
register.tag("drawn_each", drawn_each)


@register.filter
def money(value: Any, currency: str = "") -> str:
    """An amount as its currency is written; nothing for nothing."""
    return "" if value in (None, "") else formatted(value, currency)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One drawing of the sprite, for decoration beside words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("kmall24/icons/sprite.svg"), name
    )
