"""Where staff judge the photographs of an event: each look is written down before anything is shown, each step is a button."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.domain import photographs
from marketing.forms_events import PhotographField
from marketing.models import Event, EventPhotograph, EventRegistration, PhotographConsent
from privacy.gate import collecting
from privacy.models import Subject
from privacy.photographs import as_jpeg
from privacy.staff import look_before_release, seen_lately, staff_subject


class StaffPhotographForm(forms.Form):
    """A photograph that the store took."""

    not_collected: ClassVar = {
        "image": "Taken by the store at its own event; kept through the door by staff, who note the consent of those on it.",
        "caption": "The store's own words.",
    }

    image = PhotographField(label=gettext_lazy("Photograph"))
    caption = forms.CharField(label=gettext_lazy("What does it show?"), max_length=200, required=False)


class StepForm(forms.Form):
    """One step with one photograph of an event."""

    step = forms.ChoiceField(choices=[(name, name) for name in ("people", "consent", "release", "hide")])
    photograph = forms.ModelChoiceField(EventPhotograph.objects.none())
    people = forms.IntegerField(min_value=0, max_value=500, required=False)
    how = forms.ChoiceField(choices=PhotographConsent.How.choices, required=False)
    guest = forms.ModelChoiceField(EventRegistration.objects.none(), required=False)

    not_collected: ClassVar = {"photograph": "A choice among those of the event.", "people": "A number."}

    def __init__(self, *args: Any, event: Event | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["photograph"].queryset = EventPhotograph.objects.filter(event=event).defer("image")
        self.fields["guest"].queryset = EventRegistration.objects.filter(event=event)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("step") == "consent" and not said.get("how"):
            raise forms.ValidationError(_("Say how they agreed."))
        if said.get("step") == "people" and said.get("people") is None:
            raise forms.ValidationError(_("Say how many people can be recognised; nobody is 0."))
        return said


def picture(request: HttpRequest, key: int) -> HttpResponse:
    """The picture, for whoever wrote down a moment ago that they look at it."""
    _only_who_may(request)
    photograph = get_object_or_404(EventPhotograph, pk=key)
    if key not in seen_lately(request, [photograph]):
        raise Http404
    return HttpResponse(as_jpeg(photograph.image), content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def judge(request: HttpRequest, key: int) -> HttpResponse:
    """All photographs of one event; seeing them is written down, and each step is a button."""
    _only_who_may(request)
    event = get_object_or_404(Event, pk=key)
    rows = list(
        EventPhotograph.objects.filter(event=event).defer("image").annotate(agreed=Count("consents")).order_by("-pk")
    )
    form = StaffPhotographForm()
    if request.method == "POST":
        if "upload" in request.POST:
            form = StaffPhotographForm(request.POST, request.FILES)
            if form.is_valid():
                _keep(request, event, form)
                return redirect(request.path)
        else:
            try:
                _do(request, event, rows)
            except photographs.NotReleased as refusal:
                messages.error(request, str(refusal))
            return redirect(request.path)
    shown = set(photographs.shown(event).values_list("pk", flat=True))
    seen = seen_lately(request, rows)
    guests = EventRegistration.objects.filter(event=event, may_be_shown_at__isnull=False)
    context = {
        **admin.site.each_context(request),
        "title": _("Photographs of %(event)s") % {"event": event},
        "opts": Event._meta,
        "event": event,
        "form": form,
        "rows": [(row, row.pk in shown, row.pk in seen) for row in rows],
        "guests": [(guest.pk, str(guest)) for guest in guests],
        "ways": PhotographConsent.How.choices,
    }
    return TemplateResponse(request, "admin/marketing/event/photographs.html", context)


def _keep(request: HttpRequest, event: Event, form: StaffPhotographForm) -> None:
    photographer = staff_subject(request) or Subject()
    with collecting(
        surface="staff.admin",
        subject=photographer,
        fields=[EventPhotograph.image, EventPhotograph.caption],
        source="taken at the event",
        acted_by=staff_subject(request),
    ):
        photographs.send(
            event,
            image=form.cleaned_data["image"],
            caption=form.cleaned_data["caption"],
            subject=photographer,
            by_staff=True,
        )


def _do(request: HttpRequest, event: Event, rows: list[EventPhotograph]) -> None:
    if "look" in request.POST:
        look_before_release(request, rows, f"Photographs of event {event.pk}, before they are shown")
        return
    step = StepForm(request.POST, event=event)
    if not step.is_valid():
        messages.error(request, " ".join(error for errors in step.errors.values() for error in errors))
        return
    chosen, what = step.cleaned_data["photograph"].pk, step.cleaned_data["step"]
    if what == "people" and step.cleaned_data["people"] is not None:
        photographs.say_how_many(chosen, step.cleaned_data["people"])
    elif what == "consent":
        guest = step.cleaned_data["guest"]
        photographs.note_consent(chosen, how=step.cleaned_data["how"], by=staff_subject(request), registration=guest)
    elif what == "release":
        photographs.release(chosen)
    elif what == "hide":
        photographs.hide(chosen)


def _only_who_may(request: HttpRequest) -> None:
    if not request.user.has_perm("marketing.change_eventphotograph"):
        raise PermissionDenied
