"""Small pieces that every page uses: money as its currency is written, icons, the same page in another language."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from moneyed import get_currency

register = template.Library()

_SIGNS = {"KRW": "₩", "USD": "$", "EUR": "€", "JPY": "¥", "CNY": "CN¥"}


@register.filter
def money(value: Any, currency: str = "") -> str:
    """An amount as its currency is written: ₩12,000 and $12.50. Takes a Money, or a number and a currency code."""
    if value in (None, ""):
        return ""
    amount = Decimal(getattr(value, "amount", value))
    code = str(getattr(value, "currency", currency))
    # ISO 4217's exponent: won and yen have no smaller unit.
    places = len(str(get_currency(code).sub_unit)) - 1
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = "−" if rounded < 0 else ""
    return (
        f"{sign}{_SIGNS.get(code, code + ' ')}{number_format(abs(rounded), places, use_l10n=True, force_grouping=True)}"
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """One drawing of the sprite, for decoration beside words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("kmall24/icons/sprite.svg"), name
    )
