"""The pages of events: what takes place, one's own registration behind the link of the letter, photographs, a calendar file."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries as accounts
from marketing.calendar import as_ics
from marketing.domain import events, photographs
from marketing.forms_events import PhotographForm, RegistrationForm
from marketing.models import Event, EventRegistration
from privacy.photographs import as_jpeg

UNPROCESSABLE = 422
PER_PAGE = 60


def _announced() -> Any:
    return Event.objects.exclude(state=Event.State.DRAFT)


@login_not_required
@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come, the next first, and what has been."""
    now = timezone.now()
    coming = _announced().filter(ends_at__gte=now).order_by("starts_at")[:PER_PAGE]
    past = _announced().filter(ends_at__lt=now).order_by("-starts_at")[:12]
    return render(request, "marketing/events/list.html", {"coming": coming, "past": past})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One event. The answer to a registration is the same whether or not the address was registered before."""
    event = get_object_or_404(_announced(), slug=slug)
    form = None
    if event.takes_registrations or request.method == "POST":
        form = RegistrationForm(request.POST if request.method == "POST" else None, initial=_known(request))
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            with form.collecting(request) as collection:
                events.register(
                    event.pk,
                    name=form.cleaned_data["name"],
                    email=form.cleaned_data["email"],
                    locale=(get_language() or "en").split("-")[0],
                    subject=collection.subject,
                    may_be_shown=form.cleaned_data["may_be_shown"],
                )
        except events.CannotRegister as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("events:registered", slug=event.slug)
    context = {"event": event, "form": form, "photographs": photographs.shown(event).defer("image")[:PER_PAGE]}
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return render(request, "marketing/events/detail.html", context, status=status)


def _known(request: HttpRequest) -> dict[str, str]:
    """What somebody who is signed in need not type again."""
    if not request.user.is_authenticated:
        return {}
    profile = accounts.profile_of(request.user)
    return {"email": accounts.primary_email(request.user), "name": profile.name if profile else ""}


@login_not_required
@require_safe
def registered(request: HttpRequest, slug: str) -> HttpResponse:
    """Look into your mailbox."""
    return render(request, "marketing/events/registered.html", {"event": get_object_or_404(_announced(), slug=slug)})


@login_not_required
@require_safe
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The event for a calendar."""
    event = get_object_or_404(_announced(), slug=slug)
    return HttpResponse(
        as_ics(event),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{event.slug}.ics"'},
    )


@login_not_required
@never_cache
@require_safe
def picture(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A photograph that everybody on it has agreed to; asked anew each time, so a yes that was taken back counts at once."""
    found = photographs.shown().filter(key=key).first()
    if found is None:
        raise Http404
    return HttpResponse(as_jpeg(found.image), content_type="image/jpeg")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """One's own registration. Opening the link changes nothing; its buttons do."""
    registration = EventRegistration.objects.select_related("event").filter(token=token).first()
    if registration is None:
        return render(request, "marketing/events/unknown.html", status=404)
    if request.method == "POST":
        if "cancel" in request.POST:
            events.cancel(token)
            messages.success(request, _("Your registration is cancelled. Thank you for telling us."))
            return redirect("events:own", token=token)
        if "hide" in request.POST:
            events.hide_me(token)
            messages.success(request, _("Photographs that need your consent are hidden from now on."))
            return redirect("events:own", token=token)
        return _photograph(request, registration)
    return _own_page(request, registration, PhotographForm())


def _photograph(request: HttpRequest, registration: EventRegistration) -> HttpResponse:
    form = PhotographForm(request.POST, request.FILES)
    if not _may_send(registration):
        raise Http404
    if form.is_valid():
        if photographs.sent_by(registration.subject, registration.event) >= photographs.MOST_EACH:
            form.add_error(None, _("You have sent as many photographs as one person may. Thank you!"))
        else:
            with form.collecting(request, subject=registration.subject):
                photographs.send(
                    registration.event,
                    image=form.cleaned_data["image"],
                    caption=form.cleaned_data["caption"],
                    subject=registration.subject,
                )
            messages.success(request, _("We have your photograph. It is shown once we have looked at it."))
            return redirect("events:own", token=registration.token)
    return _own_page(request, registration, form)


def _may_send(registration: EventRegistration) -> bool:
    return registration.event.has_begun and registration.state == EventRegistration.State.COMING


def _own_page(request: HttpRequest, registration: EventRegistration, form: PhotographForm) -> HttpResponse:
    ahead = 0
    if registration.state == EventRegistration.State.WAITING:
        queue = EventRegistration.objects.filter(event=registration.event, state=EventRegistration.State.WAITING)
        ahead = queue.filter(pk__lt=registration.pk).count()
    context = {
        "registration": registration,
        "event": registration.event,
        "place": ahead + 1,
        "over": timezone.now() >= registration.event.ends_at,
        "form": form if _may_send(registration) else None,
    }
    return render(request, "marketing/events/own.html", context, status=UNPROCESSABLE if form.errors else 200)
