"""The published policy: the version in force, earlier ones, and the same as data."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from privacy import queries
from privacy.internal import policy


@login_not_required
@require_safe
def policy_page(request: HttpRequest, version: str | None = None) -> HttpResponse:
    """The policy in force, or an earlier version; its ETag is the digest of its data and texts."""
    if version is not None and version not in policy.versions():
        raise Http404("There is no such version of the policy.")
    page = queries.policy_page(version)
    response = render(
        request,
        "privacy/policy.html",
        {"policy": page, "versions": policy.versions(), "in_force": policy.current().version},
    )
    return response


@login_not_required
@require_safe
def policy_json(_request: HttpRequest) -> HttpResponse:
    """The policy in force as data."""
    page = queries.policy_page()
    response = JsonResponse(
        {
            "version": page.version,
            "locale": page.locale,
            "digest": policy.current().digest,
            "collected": page.collected,
            "recipients": page.recipients,
        },
        json_dumps_params={"ensure_ascii": False},
    )
    response["ETag"] = f'"{policy.current().digest}"'
    return response
