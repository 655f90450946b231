"""The published policy: every version in every language, the same as data, and two of them side by side."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import condition, require_safe

from privacy import queries
from privacy.internal import comparing, policy, reading, side_by_side

_TEMPLATES = ("base.html", "privacy/policy.html", "privacy/compare.html")


def _readable(request: HttpRequest, version: str | None) -> policy.Policy:
    """A version that this reader may see: a published one; a draft for the staff who look after the policy."""
    if version is None:
        return policy.current()
    if version in policy.versions() or (
        version in policy.files() and request.user.has_perm("privacy.view_publication")
    ):
        return policy.load(version)
    raise Http404("There is no such version of the policy.")


@cache
def _dress() -> str:
    """What is around the policy on its page, so that a new release is not taken for the page of the old one."""
    digest = hashlib.sha256()
    for name in _TEMPLATES:
        template: Any = get_template(name)
        digest.update(template.template.source.encode())
    for sheet in ("tokens", "base", "layout", "components", "pages"):
        digest.update(static(f"kmall24/css/{sheet}.css").encode())
    return digest.hexdigest()


def _page_tag(request: HttpRequest, *digests: str) -> str:
    """The digest of the policy, then one of what else a page shows: its language, what is announced, and who looks at it.

    The header counts the basket and the banners have been answered or not, so a page of another visitor is another page.
    The tag is weak: no two answers have the same bytes, since the forms on them carry a fresh token.
    """
    coming = policy.upcoming()
    parts = [
        _dress(),
        get_language() or "",
        request.GET.get("lang", ""),
        policy.current().version,
        coming.version if coming else "",
        # The forms' own cookie is set by the first page and changes nothing that is seen.
        *(f"{name}={value}" for name, value in sorted(request.COOKIES.items()) if name != settings.CSRF_COOKIE_NAME),
    ]
    seen = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return f'W/"{"-".join(digests)}.{seen}"'


def _version_tag(request: HttpRequest, version: str | None = None) -> str:
    return _page_tag(request, _readable(request, version).digest)


def _data_tag(request: HttpRequest, version: str | None = None) -> str:
    return f'"{_readable(request, version).digest}"'


def _comparison_tag(request: HttpRequest, before: str, after: str) -> str:
    return _page_tag(request, _readable(request, before).digest[:32], _readable(request, after).digest[:32])


def _to_be_asked_again(response: HttpResponse) -> HttpResponse:
    """Let a browser keep the page and ask each time whether it is still the same."""
    patch_cache_control(response, no_cache=True, private=True)
    return response


@login_not_required
@require_safe
@condition(etag_func=_version_tag)
def policy_page(request: HttpRequest, version: str | None = None) -> HttpResponse:
    """The policy in force, or another version; the ETag begins with the digest of its data and texts."""
    shown = _readable(request, version)
    page = queries.policy_page(shown.version, request.GET.get("lang"))
    coming = policy.upcoming()
    context = {
        "policy": page,
        "around": page.around.data["page"],
        "versions": _history(page.language),
        "in_force": policy.current().version,
        "coming": coming.version if coming else "",
        "is_alias": version is None,
    }
    return _to_be_asked_again(render(request, "privacy/policy.html", context))


def _history(language: reading.Language) -> list[dict[str, Any]]:
    """Every published version, the latest first, each with the one before it and what is to be said of it."""
    around = reading.around(language.locale)
    versions = policy.versions()
    in_force = policy.current()
    rows = []
    for before, version in zip(("", *versions), versions, strict=False):
        effective = policy.load(version).effective
        mark = (
            "in_force_mark" if version == in_force.version else "announced_mark" if version > in_force.version else ""
        )
        day = reading.day(effective, language)
        said = reading.phrase(around, "page", mark, day=day) if mark else ""
        compared = reading.phrase(around, "page", "compare_with", version=before) if before else ""
        rows.append({"version": version, "day": day, "before": before, "said": said, "compared": compared})
    return rows[::-1]


@login_not_required
@require_safe
@condition(etag_func=_data_tag)
def policy_json(request: HttpRequest, version: str | None = None) -> HttpResponse:
    """One version as data; the ETag is its digest."""
    shown = _readable(request, version)
    page = queries.policy_page(shown.version, request.GET.get("lang"))
    response = JsonResponse(
        {
            "version": page.version,
            "effective": page.effective.isoformat(),
            "locale": page.language.tag,
            "locales": [language.tag for language in page.languages],
            "digest": shown.digest,
            "collected": page.collected,
            "recipients": page.recipients,
            "retention": {
                keep: {"period": r.period, "counts_from": r.counts_from, "law": r.law}
                for keep, r in shown.retention.items()
            },
            "never_stored": page.never_stored,
            "collection_points": {surface.id: surface.channel.value for surface in shown.surfaces.values()},
            "sections": page.sections,
        },
        json_dumps_params={"ensure_ascii": False},
    )
    return _to_be_asked_again(response)


@login_not_required
@require_safe
@condition(etag_func=_comparison_tag)
def compare(request: HttpRequest, before: str, after: str) -> HttpResponse:
    """Two versions side by side: what the store may do, computed from their data, and how it is said."""
    a, b = _readable(request, before), _readable(request, after)
    found = comparing.difference(a, b)
    language = reading.language_for(request.GET.get("lang"), b)
    teller = side_by_side.Teller(found, language)
    around = teller.around
    days = [reading.day(version.effective, language) for version in (a, b)]
    texts = teller.texts()
    context = {
        "before": a.version,
        "after": b.version,
        "days": days,
        "lead": reading.phrase(around, "compare", "lead", before=days[0], after=days[1]),
        "chosen": language,
        "choices": [reading.LANGUAGES[locale] for locale in reading.LANGUAGES if locale in b.locales],
        "around": around.data["compare"],
        "read_in": around.of("page", "language"),
        "rows": teller.rows(),
        "asked": reading.phrase(around, "compare", "material_count", count=len(found.material)),
        "texts": [(text, around.of("compare", text.mark)) for text in texts],
        "reworded": any(text.mark != "unchanged" for text in texts),
        "other_words": [(text, around.of("compare", text.mark)) for text in teller.other_words()],
        "is_material": found.is_material,
        "nothing": not found.changes,
    }
    return _to_be_asked_again(render(request, "privacy/compare.html", context))
