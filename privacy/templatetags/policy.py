"""The notice of a coming version of the policy, on every page and without a question to the database."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from privacy.internal import comparing, policy, reading

register = template.Library()

SEEN_COOKIE = "policy_seen"


@register.simple_tag(takes_context=True)
def policy_banner(context: template.Context) -> SafeString:
    """Say that the policy changes, on which day, and whether it asks something; until the visitor closes it."""
    request = context.get("request")
    coming = policy.upcoming()
    if request is None or coming is None or request.COOKIES.get(SEEN_COOKIE) == coming.version:
        return SafeString("")
    language = reading.LANGUAGES.get((get_language() or "").split("-")[0], reading.LANGUAGES[policy.SOURCE_LOCALE])
    in_force = policy.current()
    told = {
        "coming": coming.version,
        "in_force": in_force.version,
        "day": reading.day(coming.effective, language),
        "is_material": comparing.difference(in_force, coming).is_material,
        "csrf_token": context.get("csrf_token"),
        "next": request.get_full_path() if request.method == "GET" else "",
    }
    return render_to_string("privacy/banner.html", told)
