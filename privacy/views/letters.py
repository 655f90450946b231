"""A letter to the privacy desk, by page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from privacy.case_forms import CodeForm
from privacy.internal.desk import identifying, limiting, receiving
from privacy.page_forms import RequestForm

TOO_MANY = 429


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def write(request: HttpRequest) -> HttpResponse:
    """A letter to the privacy desk."""
    form = RequestForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        limited = limiting.too_many(request)
        if limited and not receiving.is_stop(form.cleaned_data["kind"], form.cleaned_data["body"]):
            form.add_error(None, limiting.words())
            answer = render(request, "privacy/write.html", {"form": form}, status=TOO_MANY)
            answer["Retry-After"] = str(limiting.TRY_AGAIN_AFTER)
            return answer
        with form.collecting(request) as collection:
            case = receiving.receive_form(
                collection,
                kind=form.cleaned_data["kind"],
                sender=form.cleaned_data["sender"],
                body=form.cleaned_data["body"],
                locale=(get_language() or "en").split("-")[0],
                quietly=limited,
            )
        code = CodeForm() if identifying.needs_proof(case.kind) else None
        return render(request, "privacy/written.html", {"case": case, "code": code})
    return render(request, "privacy/write.html", {"form": form}, status=422 if form.errors else 200)
