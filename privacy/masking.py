"""What staff see of a personal value without asking for more: enough to tell two apart, not enough to use."""

from typing import Any

from privacy.declaration import Category

_DOT = "•"
# Too coarse to be used, or written to be read by everybody.
SHOWN_AS_IT_IS = frozenset({Category.COUNTRY, Category.CARD_LAST4, Category.CARD_BRAND, Category.PUBLIC_CONTENT})
# Of these not even a beginning is a mere hint.
_SHOWN_NOT_AT_ALL = frozenset({Category.PRIVATE_CONTENT, Category.SURVEY_RESPONSE, Category.PASSWORD})


def masked(value: Any, category: Category) -> str:
    """A value with all but a hint of it hidden: `m•••@e•••.com`, `K••`, `••• 42`."""
    text = str(value or "")
    if not text:
        return ""
    if category is Category.EMAIL and "@" in text:
        local, _, domain = text.rpartition("@")
        host, dot, ending = domain.rpartition(".")
        return f"{local[:1]}{_DOT * 3}@{host[:1]}{_DOT * 3}{dot}{ending}"
    if category is Category.PHONE:
        return f"{_DOT * 3} {text[-2:]}" if len(text) > 4 else _DOT * 3
    if category in SHOWN_AS_IT_IS:
        return text
    return _DOT * 3 if category in _SHOWN_NOT_AT_ALL else text[:1] + _DOT * 3
