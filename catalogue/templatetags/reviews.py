"""How reviews are drawn: stars to be seen, and the same as words to be heard."""

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalogue.models import Review

register = template.Library()


@register.simple_tag
def stars(rating: int) -> SafeString:
    """Five stars, so many of them full."""
    words = _("%(rating)s of 5 stars") % {"rating": rating}
    drawn = "★" * rating + "☆" * (5 - rating)
    return format_html(
        '<span class="stars"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>',
        drawn,
        words,
    )


@register.simple_tag
def photographs(review: Review) -> SafeString:
    """The photographs of a review that was read with `pictures`; one that nobody described says whose and which it is."""
    number = len(review.pictures)
    shown = [
        {
            "address": reverse("catalogue:review_photograph", args=[picture["key"]]),
            "alt": picture["shows"]
            or _("Photograph %(place)s of %(number)s by %(author)s")
            % {"place": place, "number": number, "author": review.byline},
        }
        for place, picture in enumerate(review.pictures, start=1)
    ]
    return render_to_string("catalogue/_photographs.html", {"photographs": shown}) if shown else SafeString("")
