"""`{% cookie_banner %}`: the question, on every page until there is an answer."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cookies import consent, question

register = template.Library()


@register.simple_tag(takes_context=True)
def cookie_banner(context: template.Context) -> SafeString:
    """Nothing once a valid answer or Global Privacy Control is there, nor where the page itself asks. No SQL."""
    request = context.get("request")
    if request is None or context.get("hide_cookie_banner") or consent.is_answered(request):
        return SafeString("")
    told = {
        "words": question.words(),
        "notice": question.token(),
        # Back to the same page, unless it is the answer to a form, which cannot be fetched again.
        "next": request.get_full_path() if request.method in ("GET", "HEAD") else "",
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("cookies/banner.html", told)
