"""The page about cookies, and the answers to the question."""

from __future__ import annotations

from typing import Any, Literal

from cookie_consent.views import (
    CookieGroupAcceptView,
    CookieGroupDeclineView,
    CookieStatusView,
    is_ajax_like,
)
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import View

from cookies import consent, inventory, question
from cookies.domain.answer import record_answer
from cookies.forms import ChoiceForm, GroupsForm
from cookies.traffic import visitor
from privacy.gpc import asks_for_privacy


@login_not_required
@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Every cookie of the store, and the place where an answer is given or changed."""
    return _page(request)


def _page(request: HttpRequest, errors: list[str] | None = None) -> HttpResponse:
    answer = consent.answer_of(request)
    groups = [
        {
            "group": group,
            "asked": question.wording(group) if group.optional else "",
            "permitted": consent.permits(request, group.key) if group.optional else True,
        }
        for group in inventory.GROUPS
    ]
    context = {
        "groups": groups,
        "answered": answer is not None,
        "gpc": asks_for_privacy(request),
        "notice": question.token(),
        "errors": errors or [],
        "hide_cookie_banner": True,
    }
    return render(request, "cookies/page.html", context, status=400 if errors else 200)


class AnswerMixin(View):
    """What the three ways of answering share: check, write into the ledger, remember, clean up, go back."""

    http_method_names = ["post", "options"]
    form_class: type[GroupsForm] = GroupsForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form_class(data=request.POST)
        if not form.is_valid():
            errors = [str(message) for messages in form.errors.values() for message in messages]
            if is_ajax_like(request):
                return JsonResponse({"errors": errors}, status=400)
            return _page(request, errors)
        former = consent.answer_of(request)
        before = former.permitted if former else None
        permitted = self.permitted(form, before or frozenset())
        under_gpc = asks_for_privacy(request)
        record_answer(
            permitted,
            before=before,
            shown=form.shown,
            subject=request.user.subject if request.user.is_authenticated else None,
            under_gpc=under_gpc,
        )
        response: HttpResponseBase = (
            HttpResponse(status=204) if is_ajax_like(request) else HttpResponseRedirect(self.get_success_url())
        )
        consent.remember(response, permitted, form.shown, under_gpc=under_gpc)
        # Where it is permitted, the first page that is counted gives the visit its name: so it is known where one began.
        if inventory.TRAFFIC not in permitted:
            visitor.drop_visit(request)
        consent.forget_unpermitted(request, response, permitted)
        return response

    def permitted(self, form: GroupsForm, before: frozenset[str]) -> frozenset[str]:
        """Which groups are permitted after this answer."""
        raise NotImplementedError

    def get_default_redirect_url(self) -> str:
        return reverse("cookies:page")


@method_decorator(login_not_required, name="dispatch")
class AcceptView(AnswerMixin, CookieGroupAcceptView):
    """Permit the named groups, or all; the others stay as they were."""

    cookie_process_action: Literal["accept", "decline"] = "accept"

    def permitted(self, form: GroupsForm, before: frozenset[str]) -> frozenset[str]:
        return before | form.named_groups()


@method_decorator(login_not_required, name="dispatch")
class DeclineView(AnswerMixin, CookieGroupDeclineView):
    """Decline the named groups, or all; the others stay as they were."""

    cookie_process_action: Literal["accept", "decline"] = "decline"

    def permitted(self, form: GroupsForm, before: frozenset[str]) -> frozenset[str]:
        return before - form.named_groups()


@method_decorator(login_not_required, name="dispatch")
class ChooseView(AnswerMixin, CookieGroupAcceptView):
    """The ticked groups and no others."""

    form_class = ChoiceForm

    def permitted(self, form: GroupsForm, before: frozenset[str]) -> frozenset[str]:
        return form.named_groups()


@method_decorator([login_not_required, never_cache], name="dispatch")
class StatusView(CookieStatusView):
    """The answer as JSON, for scripts: the library's document, told from the signed answer."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        answer = consent.answer_of(request)
        declined = consent.is_answered(request)
        permitted = answer.permitted if answer else frozenset()
        keys = [group.key for group in inventory.OPTIONAL]
        return JsonResponse(
            {
                "csrftoken": get_token(request),
                "acceptUrl": reverse("cookie_consent_accept"),
                "declineUrl": reverse("cookie_consent_decline"),
                "acceptedCookieGroups": [key for key in keys if key in permitted],
                "declinedCookieGroups": [key for key in keys if key not in permitted and declined],
                "notAcceptedOrDeclinedCookieGroups": [] if declined else keys,
                "notice": question.token(),
            }
        )
