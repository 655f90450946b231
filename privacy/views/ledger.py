"""The ledger's face: its signed head, and the proofs by which anybody can hold the store to it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from privacy.internal.ledger import heads, proofs


@login_not_required
@require_safe
@never_cache
def head(_request: HttpRequest) -> HttpResponse:
    """The newest signed tree head with the public keys, as JSON."""
    newest = heads.newest()
    if newest is None:
        return _problem(404, _("The ledger is empty so far: nothing has been signed yet."))
    return JsonResponse(proofs.head_as_data(newest))


@login_not_required
@require_safe
@never_cache
def inclusion(request: HttpRequest) -> HttpResponse:
    """`?position=17&tree_size=100`: the audit path of one entry (RFC 9162, 2.1.3)."""
    try:
        return JsonResponse(proofs.inclusion(_number(request, "position"), _number(request, "tree_size")))
    except ValueError:
        return _problem(400, _("Name an entry as position and a size of the tree that has a signed head as tree_size."))


@login_not_required
@require_safe
@never_cache
def consistency(request: HttpRequest) -> HttpResponse:
    """`?first=50&second=100`: the proof that the smaller tree is the beginning of the larger (RFC 9162, 2.1.4)."""
    try:
        return JsonResponse(proofs.consistency(_number(request, "first"), _number(request, "second")))
    except ValueError:
        return _problem(400, _("Name two sizes of the tree, the smaller as first; both under a signed head."))


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(name)
    return int(text)


def _problem(status: int, detail: str) -> HttpResponse:
    data = {"type": "about:blank", "title": detail, "status": status}
    return JsonResponse(data, status=status, content_type="application/problem+json")
