"""`{% cookie_banner %}`: the question, on every page until there is an answer."""

from typing import Any

from django import template

from cookies import consent, inventory, question

register = template.Library()


@register.inclusion_tag("cookies/banner.html", takes_context=True)
def cookie_banner(context: template.Context) -> dict[str, Any]:
    """Nothing once a valid answer or Global Privacy Control is there, nor where the page itself asks. No SQL."""
    request = context.get("request")
    if request is None or context.get("hide_cookie_banner") or consent.is_answered(request):
        return {"ask": False}
    return {
        "ask": True,
        "words": question.words(),
        "groups": inventory.GROUPS,
        "notice": question.token(),
        # Back to the same page, unless it is the answer to a form, which cannot be fetched again.
        "next": request.get_full_path() if request.method in ("GET", "HEAD") else "",
    }
