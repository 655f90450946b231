"""What the templates of the store may ask for: icons, money in its currency's own form, and a described control."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_SIGNS = {"KRW": "₩", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_NO_DECIMALS = {"KRW", "JPY", "VND", "CLP"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One picture of the sprite. Without a label it is decoration and screen readers pass over it."""
    sprite = static("kmall24/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}" focusable="false"><use href="{}#{}"></use></svg>',
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.filter
def money(value: object, currency: str = "") -> str:
    """`₩12,000`, `$12.50`. Takes a Money, or an amount with its currency: `{{ amount|money:"KRW" }}`.

    Nothing to show gives nothing, so that a missing compare-at price needs no `if`.
    """
    if value is None or value == "":
        return ""
    code = currency or str(getattr(value, "currency", "") or "")
    try:
        amount = Decimal(str(getattr(value, "amount", value)))
    except InvalidOperation:
        return ""
    places = 0 if code in _NO_DECIMALS else 2
    rounded = abs(amount).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    minus = "\N{MINUS SIGN}" if amount < 0 and rounded else ""
    sign = _SIGNS.get(code)
    # A currency without a sign of its own is named: a bare number is no price.
    return f"{minus}{sign}{digits}" if sign else f"{minus}{code}\N{NO-BREAK SPACE}{digits}".strip()


@register.filter
def saving(price: object, compare_at: object) -> str:
    """The reduction as `20%`, or nothing when it is none, less than one per cent or in another currency."""
    if not price or not compare_at or getattr(price, "currency", None) != getattr(compare_at, "currency", None):
        return ""
    now, before = (Decimal(str(getattr(part, "amount", part))) for part in (price, compare_at))
    percent = int((before - now) * 100 / before) if before else 0
    return f"{percent}%" if percent >= 1 else ""


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The input of a field, described by its why line first, then by its help and its errors.

    A group of radios or boxes is described on its fieldset instead; `described_by` gives the ids.
    """
    ids = described_by(field)
    if field.use_fieldset or not ids:
        return field.as_widget()
    return field.as_widget(attrs={"aria-describedby": ids})


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of what describes a field, in the order in which it is read."""
    own = field.field.widget.attrs.get("aria-describedby") or field.aria_describedby or ""
    why = f"{field.auto_id}_why" if getattr(field.field, "why", None) and field.auto_id else ""
    return " ".join(filter(None, [why, own]))


@register.filter
def kind(field: BoundField) -> str:
    """How a field is laid out: `hidden`, `checkbox`, `choices`, `select`, `textarea` or `line`."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    input_type = getattr(widget, "input_type", "")
    if field.use_fieldset and input_type in {"radio", "checkbox"}:
        return "choices"
    if input_type in {"checkbox", "select", "file"}:
        return input_type
    return "line" if input_type else "textarea"


@register.filter
def initials(text: str) -> str:
    """The first letter of a name, for a picture that is missing."""
    return (str(text).strip() or "K")[0].upper()
